import BINDText
import DNSNames
import FileChange
import ReconcileModel
import SystemPackage

/// Reads zone files and what they include.
struct ZoneTextReader {
  let tree: ConfigurationTree
  let files: FileCache
  /// The aliases that may go into the zones.
  let aliases: [Alias]

  /// A zone's text, where an alias concerns the zone, or where a managed block of ours stands in
  /// its file: one that the configuration no longer has is to be taken out.
  func text(of zone: Zone, isConcerned: Bool) -> Result<ZoneText, InspectionError>? {
    guard let path = zone.path else { return nil }
    do {
      let snapshot = try files.read(path)
      // A cheap look for a marker before the real reading.
      if isConcerned || !snapshot.bytes.offsets(of: "BEGIN zonebridge ", first: 1).isEmpty {
        return text(beginningWith: snapshot, origin: zone.name)
      }
      // One may stand in a file that is included.
      if snapshot.bytes.mayIncludeFiles,
        case .success(let text) = text(beginningWith: snapshot, origin: zone.name)
      {
        if text.files.contains(where: { !$0.blocks.isEmpty }) { return .success(text) }
        for file in text.files { files.forget(file.snapshot) }
      }
      files.forget(snapshot)
      return nil
    } catch {
      // Another zone's unreadable file is named's business, as long as no alias needs it.
      return isConcerned ? .failure(InspectionError(error)) : nil
    }
  }

  /// The file that stands where a zone is to be made, if there is one: nothing of it is overwritten.
  func text(
    waitingFor zone: DomainName, in path: FilePath
  ) -> Result<ZoneText, InspectionError>? {
    do throws(FileChangeError) {
      return text(beginningWith: try files.read(path), origin: zone)
    } catch  where error.isNotFound {
      return nil
    } catch {
      return .failure(InspectionError(error))
    }
  }

  /// Whether a zone includes a file.
  func includes(_ path: FilePath, in zone: Zone) -> Bool {
    guard let own = zone.path, let snapshot = try? FileSnapshot.read(own),
      snapshot.bytes.mayIncludeFiles,
      case .success(let text) = text(beginningWith: snapshot, origin: zone.name)
    else { return false }
    return text.files.contains { $0.snapshot.realPath == path }
  }

  private func text(
    beginningWith snapshot: FileSnapshot, origin: DomainName
  ) -> Result<ZoneText, InspectionError> {
    var text = ZoneText(files: [])
    do throws(InspectionError) {
      try append(
        snapshot, origin: origin, watching: watched(in: origin), to: &text,
        chain: [snapshot.realPath])
      return .success(text)
    } catch {
      return .failure(error)
    }
  }

  /// The names that the guards ask about.
  private func watched(in zone: DomainName) -> WatchedNames {
    let aliases = aliases.filter { $0.owner.isSubdomain(of: zone) }
    return WatchedNames(
      owners: Set(aliases.flatMap { $0.owner.ancestors(within: zone) } + [zone]),
      parents: Set(aliases.filter { !$0.allow.contains(.hidesNames) }.map(\.owner)))
  }

  private func append(
    _ snapshot: FileSnapshot, origin: DomainName, owner: DomainName? = nil,
    watching watched: WatchedNames, to text: inout ZoneText, chain: [FilePath]
  ) throws(InspectionError) {
    let outline: ZoneFileOutline
    let blocks: [ManagedBlock]
    do {
      outline = try files.outline(of: snapshot, origin: origin, owner: owner, watching: watched)
    } catch {
      throw InspectionError(snapshot.path, error)
    }
    do {
      blocks = try outline.blocks()
    } catch {
      throw InspectionError(snapshot.path, error)
    }
    let file = ZoneTextFile(snapshot: snapshot, outline: outline, blocks: blocks)
    text.files.append(file)
    for include in outline.includes {
      // Found out for a message only: it takes a look through the whole file.
      var location: String { file.location(of: include.range.lowerBound) }
      let path = tree.onHost(FilePath(include.path))
      if path.isNullDevice { continue }
      let included: FileSnapshot
      do {
        included = try files.read(path)
      } catch {
        throw InspectionError("\(location): $INCLUDE", error)
      }
      guard !chain.contains(included.realPath) else {
        throw InspectionError("\(location): \(path) includes itself")
      }
      try append(
        included, origin: include.origin, owner: include.owner, watching: watched, to: &text,
        chain: chain + [included.realPath])
    }
  }
}

extension [UInt8] {
  /// Whether there may be an `$INCLUDE` line: a cheap look before the real reading.
  fileprivate var mayIncludeFiles: Bool {
    let keyword = Array("INCLUDE".utf8)
    return (offsets(of: "$I") + offsets(of: "$i")).contains { offset in
      self[(offset + 1)...].prefix(keyword.count).elementsEqual(keyword) { byte, letter in
        byte & ~0x20 == letter
      }
    }
  }
}
