import BINDText
import FileChange
import Named
import SystemPackage

/// Takes in what stands on this host: the step `inspect` of a pass.
///
/// It changes nothing.
struct Inspector {
  var desired: DesiredState
  /// named's control channel; nil with `reload: none`.
  var control: RemoteControl?

  func inspect() async throws(InspectionError) -> Install {
    let bind = desired.bind
    let tree = try TreeReader.read(bind.namedConf)
    var install = Install(bind: bind, tree: tree, zones: try zones(of: tree), named: nil)
    if let control {
      do {
        install.named = .success(try await control.status())
      } catch {
        install.named = .failure(error)
      }
    }
    let concerned = Set(
      desired.aliases.compactMap { install.zone(enclosing: $0.owner)?.location })
    for index in install.zones.indices where install.zones[index].clauses.type == .primary {
      let zone = install.zones[index]
      install.zones[index].text = text(
        of: zone, in: tree, isConcerned: concerned.contains(zone.location))
      if let control, case .success = install.named, install.zones[index].text != nil {
        install.zones[index].status = try? await control.zoneStatus(
          zone: zone.name.withoutTrailingDot)
      }
    }
    readWaiting(into: &install)
    return install
  }

  private func zones(of tree: ConfigurationTree) throws(InspectionError) -> [InstalledZone] {
    let allowsUpdate = tree.files.lazy.compactMap(\.outline.allowsUpdate).first
    var zones: [InstalledZone] = []
    for file in tree.files {
      if let view = file.outline.views.first {
        throw InspectionError(
          """
          \(file.location(of: view.range.lowerBound)): named.conf has views; this version places \
          statements outside of views only, and named would refuse them there
          """)
      }
      for (index, statement) in file.outline.zones.enumerated() {
        let offset = statement.range.lowerBound
        let clauses = clauses(of: statement, at: index, in: file, of: tree)
        zones.append(
          InstalledZone(
            name: statement.name,
            isInternetClass: (statement.zoneClass ?? .internet) == .internet,
            clauses: clauses,
            allowsUpdate: clauses.hasUpdatePolicy || clauses.allowsUpdate ?? allowsUpdate ?? false,
            location: file.location(of: offset),
            block: file.blocks.first { $0.range.contains(offset) }?.name,
            file: clauses.file.flatMap { tree.absolute(FilePath($0)) }))
      }
    }
    return zones
  }

  /// What a statement says, the files counted in that it includes between its braces.
  private func clauses(
    of statement: ZoneStatement, at index: Int, in file: ConfigurationFile,
    of tree: ConfigurationTree
  ) -> ZoneClauses {
    var clauses = statement.clauses
    for (include, paths) in zip(file.outline.includes, file.includes)
    where include.enclosing == .zone(index) {
      for included in tree.files where paths.contains(included.snapshot.path) {
        clauses = clauses.completed(with: included.outline.zoneClauses)
      }
    }
    return clauses
  }

  /// A zone's text, where an alias concerns the zone, or where a managed block of ours stands in
  /// its file: one that the configuration no longer has is to be taken out.
  private func text(
    of zone: InstalledZone, in tree: ConfigurationTree, isConcerned: Bool
  ) -> Result<ZoneText, InspectionError>? {
    guard let path = zone.file else {
      guard isConcerned, zone.clauses.file != nil else { return nil }
      return .failure(
        InspectionError(
          """
          \(zone.location): the zone's file is relative, and named.conf has no directory option: \
          named would look in the directory that it was started in. Write the path in full
          """))
    }
    do {
      let snapshot = try FileSnapshot.read(path)
      guard isConcerned || snapshot.bytes.hasMarker else { return nil }
      return text(beginningWith: snapshot, origin: zone.name, in: tree)
    } catch {
      // Another zone's unreadable file is named's business, as long as no alias needs it.
      return isConcerned ? .failure(InspectionError("\(error)")) : nil
    }
  }

  /// Files that stand where a zone is to be made: nothing of them is overwritten.
  private func readWaiting(into install: inout Install) {
    for (zone, settings) in desired.zones {
      guard let made = settings.create, !install.zones.contains(where: { $0.name == zone }) else {
        continue
      }
      do throws(FileChangeError) {
        let snapshot = try FileSnapshot.read(made.file)
        install.waiting[zone] = text(beginningWith: snapshot, origin: zone, in: install.tree)
      } catch  where error.isNotFound {
        continue
      } catch {
        install.waiting[zone] = .failure(InspectionError("\(error)"))
      }
    }
  }

  private func text(
    beginningWith snapshot: FileSnapshot, origin: DomainName, in tree: ConfigurationTree
  ) -> Result<ZoneText, InspectionError> {
    var text = ZoneText(files: [])
    do throws(InspectionError) {
      try append(snapshot, origin: origin, to: &text, in: tree, chain: [snapshot.realPath])
      return .success(text)
    } catch {
      return .failure(error)
    }
  }

  private func append(
    _ snapshot: FileSnapshot, origin: DomainName, owner: DomainName? = nil,
    to text: inout ZoneText, in tree: ConfigurationTree, chain: [FilePath]
  ) throws(InspectionError) {
    let outline: ZoneFileOutline
    let blocks: [ManagedBlock]
    do {
      outline = try ZoneFileOutline(parsing: snapshot.bytes, origin: origin, owner: owner)
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
      let location = file.location(of: include.range.lowerBound)
      guard let path = tree.absolute(FilePath(include.path)) else {
        throw InspectionError(
          """
          \(location): $INCLUDE \(include.path) is relative, and named.conf has no directory \
          option: write the path in full
          """)
      }
      let included: FileSnapshot
      do {
        included = try FileSnapshot.read(path)
      } catch {
        throw InspectionError("\(location): $INCLUDE: \(error)")
      }
      guard !chain.contains(included.realPath) else {
        throw InspectionError("\(location): \(path) includes itself")
      }
      try append(
        included, origin: include.origin, owner: include.owner, to: &text, in: tree,
        chain: chain + [included.realPath])
    }
  }
}

extension [UInt8] {
  /// Whether a marker of ours may stand in the text; a cheap look before the real reading.
  fileprivate var hasMarker: Bool {
    let marker = Array("BEGIN zonebridge ".utf8)
    guard count >= marker.count else { return false }
    for start in 0...(count - marker.count) where self[start] == marker[0] {
      if self[start..<(start + marker.count)].elementsEqual(marker) { return true }
    }
    return false
  }
}
