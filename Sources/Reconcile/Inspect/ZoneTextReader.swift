import BINDText
import DNSNames
import FileChange
import ReconcileModel
import SystemPackage

/// Reads zone files and what they include.
struct ZoneTextReader {
  /// A file that is being read.
  private struct Frame {
    let file: Int
    let path: FilePath
    var nextInclude = 0
  }

  let tree: ConfigurationTree
  let files: NamedFiles
  /// The aliases that may go into the zones.
  let aliases: [Alias]

  /// The text of a zone that an alias concerns, or whose file has a managed block of ours: one that the configuration
  /// no longer has must be removed.
  func text(of zone: Zone, isConcerned: Bool) -> Result<ZoneText, InspectionError>? {
    guard let path = zone.path else { return nil }
    do {
      if isConcerned { return text(beginningWith: try files.read(path), origin: zone.name) }
      // A cheap look for a marker before the real reading.
      let place = try IncludedTexts(tree: tree, reader: files.reader).place(from: path) {
        !$0.offsets(of: "BEGIN zonebridge ", first: 1).isEmpty
      }
      guard let place else { return nil }
      let text = text(beginningWith: try files.read(path), origin: zone.name)
      switch (place, text) {
      case (.ownFile, _): return text
      case (.includedFile, .success(let found)):
        if found.files.contains(where: { !$0.blocks.isEmpty }) { return text }
        for file in found.files { files.forget(file.snapshot) }
        return nil
      case (.includedFile, .failure): return nil
      }
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
    guard let own = zone.path,
      IncludedTexts(tree: tree, reader: files.reader).mayInclude(path, from: own),
      let snapshot = try? FileSnapshot.read(own, as: files.reader),
      case .success(let text) = text(beginningWith: snapshot, origin: zone.name)
    else { return false }
    return text.files.contains { $0.snapshot.realPath == path }
  }

  /// A zone's text from its own file on.
  ///
  /// - Parameters:
  ///   - snapshot: The file.
  ///   - origin: The zone's name.
  ///   - watched: The names that will be asked about; nil for those that the guards ask about.
  /// - Returns: The text, or why named could not read it.
  func text(
    beginningWith snapshot: FileSnapshot, origin: DomainName, watching watched: WatchedNames? = nil
  ) -> Result<ZoneText, InspectionError> {
    do throws(InspectionError) {
      return .success(
        try read(snapshot, origin: origin, watching: watched ?? self.watched(in: origin)))
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

  /// Reads a file and those that it includes, each where it stands, with its own stack, because they may be nested to
  /// any depth.
  private func read(
    _ snapshot: FileSnapshot, origin: DomainName, watching watched: WatchedNames
  ) throws(InspectionError) -> ZoneText {
    var text = ZoneText(files: [])
    var count = ReadingCount(.zone)
    // One that is included again is read again for its owners and origin, and not from the disk.
    var known: [FilePath: FileSnapshot] = [:]
    _ = count.add(snapshot, atDepth: 0)
    text.files.append(try file(snapshot, origin: origin, owner: nil, watching: watched))
    var stack = [Frame(file: 0, path: snapshot.realPath)]
    var chain: Set<FilePath> = [snapshot.realPath]
    while let frame = stack.last {
      let file = text.files[frame.file]
      guard frame.nextInclude < file.outline.includes.count else {
        chain.remove(frame.path)
        stack.removeLast()
        continue
      }
      stack[stack.endIndex - 1].nextInclude += 1
      let include = file.outline.includes[frame.nextInclude]
      // Found out for a message only: it takes a look through the whole file.
      var location: String { file.location(of: include.range.lowerBound) }
      let path = tree.onHost(FilePath(include.path))
      let included: FileSnapshot
      do {
        included = if let known = known[path] { known } else { try files.read(path) }
      } catch {
        throw InspectionError("\(location): $INCLUDE", error)
      }
      known[path] = included
      guard chain.insert(included.realPath).inserted else {
        throw InspectionError("\(location): \(path) includes itself")
      }
      if let (cause, remedy) = count.add(included, atDepth: stack.count) {
        throw InspectionError("\(location): $INCLUDE: \(cause)", remedy: remedy)
      }
      text.files.append(
        try self.file(
          included, origin: include.origin, owner: include.owner, watching: watched))
      stack.append(Frame(file: text.files.count - 1, path: included.realPath))
    }
    return text
  }

  private func file(
    _ snapshot: FileSnapshot, origin: DomainName, owner: DomainName?,
    watching watched: WatchedNames
  ) throws(InspectionError) -> ZoneTextFile {
    let outline: ZoneFileOutline
    let blocks: [ManagedBlock]
    do {
      outline = try files.cache.outline(
        of: snapshot, origin: origin, owner: owner, watching: watched)
    } catch {
      throw InspectionError(snapshot.path, error)
    }
    do {
      blocks = try outline.blocks()
    } catch {
      throw InspectionError(snapshot.path, error)
    }
    return ZoneTextFile(snapshot: snapshot, outline: outline, blocks: blocks)
  }
}
