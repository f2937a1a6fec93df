import BINDText
import DNSNames
import FileChange
import Named
import ReconcileModel
import SystemPackage

/// Reads what named has of a dynamic zone.
///
/// The zone's file does not show it, and we do not have it written: named writes it in its own time. So the few names
/// that matter are asked for over DNS, and the whole zone is read, from file and journal, only before an alias is
/// added.
struct DynamicZoneReader {
  var files = NamedFiles()
  let tree: ConfigurationTree
  let client: DNSClient
  let compiler: ZoneCompiler
  /// Where scratch folders are made; nil for the system's place.
  let scratch: PrivateFolder?

  /// - Parameters:
  ///   - zone: a dynamic zone that named has loaded.
  ///   - wanted: the aliases that should be in the zone.
  ///   - owned: the names at which there may be a record of ours.
  ///   - parents: those of the aliases that should have no name below them.
  /// - Returns: what is at these names, and the whole zone if an alias is missing.
  /// - Throws: why named or the zone's files could not be read.
  func read(
    _ zone: Zone, wanted: [DomainName], owned: [DomainName], parents: [DomainName] = []
  ) async throws(InspectionError) -> DynamicZone {
    let names = Set(wanted + owned)
    var aliases: [DomainName: LiveAlias] = [:]
    var isSeen = true
    for name in names {
      let answer: DNSAnswer
      do {
        answer = try await client.ask(name, .dname)
      } catch {
        throw InspectionError("\(zone.title)", error)
      }
      // Where the zone is in a view that does not answer this host, the answer is another's.
      isSeen = isSeen && answer.isAuthoritative
      aliases[name] = answer.alias(at: name)
    }
    if isSeen, wanted.allSatisfy({ aliases[$0] != nil }) {
      return DynamicZone(
        aliases: aliases, content: nil, namesBelow: await self.names(below: parents, in: zone))
    }
    let above = wanted.flatMap { $0.ancestors(within: zone.name) }
    let watched = WatchedNames(
      owners: names.union(above + [zone.name]), parents: Set(wanted))
    let content = try await content(of: zone, watching: watched)
    if !isSeen { aliases = content.aliases(at: names) }
    return DynamicZone(
      aliases: aliases, content: content, namesBelow: content.names(below: parents))
  }

  /// The names below some aliases that stand already.
  ///
  /// named answers no question about them: the DNAME leads each into the cluster. The whole zone is read only if file
  /// or journal mention one.
  private func names(
    below parents: [DomainName], in zone: Zone
  ) async -> [DomainName: OwnerNames] {
    guard !parents.isEmpty, let path = zone.path, mayHaveNames(below: parents, in: zone, path),
      let content = try? await content(of: zone, watching: WatchedNames(parents: Set(parents)))
    else { return [:] }
    return content.names(below: parents)
  }

  private func mayHaveNames(
    below parents: [DomainName], in zone: Zone, _ path: FilePath
  ) -> Bool {
    if isMentioned(below: parents, in: journal(beside: path, zone)) { return true }
    guard zone.clauses.masterfileFormat ?? "text" == "text" else {
      return isMentioned(below: parents, in: path)
    }
    let reader = ZoneTextReader(tree: tree, files: files, aliases: [])
    guard let snapshot = try? files.read(path),
      case .success(let text) = reader.text(
        beginningWith: snapshot, origin: zone.name, watching: WatchedNames(parents: Set(parents)))
    else { return true }
    return !text.names(below: parents).isEmpty
  }

  /// Whether a binary file has a name that ends with one of some names.
  ///
  /// named writes names into journals and raw files in wire form and without compression (lib/dns/journal.c). Before
  /// the name itself another number stands than the length of a label that ends there; where it does not, the file is
  /// only read once more.
  private func isMentioned(below parents: [DomainName], in file: FilePath) -> Bool {
    var isFound = false
    try? files.reader.scan(file, overlap: 512) { piece in
      isFound = parents.contains { parent in
        piece.offsets(ofWireForm: parent).contains { offset in
          (1...63).contains { offset > $0 && Int(piece[offset - $0 - 1]) == $0 }
        }
      }
      return isFound
    }
    return isFound
  }

  /// The whole zone, journal and all, in canonical form.
  func content(
    of zone: Zone, watching watched: WatchedNames
  ) async throws(InspectionError) -> ZoneText {
    guard let path = zone.path else { throw InspectionError("\(zone.title) has no file") }
    do {
      let folder = try ScratchFolder(in: scratch)
      let output = folder.reserve()
      var shadows = ShadowZone(tree: tree, folder: folder)
      let report = try await compiler.compile(
        zone: zone.name, file: try copy(of: path, zone, &shadows),
        format: zone.clauses.masterfileFormat ?? "text",
        journal: try copyOfJournal(beside: path, zone, in: folder), into: output,
        workingDirectory: tree.root.realPath(tree.directory))
      guard report.isAccepted else {
        throw InspectionError(
          "\(zone.title) cannot be read from \(path) and its journal:"
            + shadows.shadows.lines(report))
      }
      let snapshot = try FileSnapshot.read(output)
      let outline = try ZoneFileOutline(
        parsing: snapshot.bytes, origin: zone.name, watching: watched)
      return ZoneText(files: [ZoneTextFile(snapshot: snapshot, outline: outline, blocks: [])])
    } catch let error as InspectionError {
      throw error
    } catch {
      throw InspectionError("\(zone.title)", error)
    }
  }

  /// The zone's file, as named could read it, where the compiler can have nothing else by its name.
  private func copy(
    of path: FilePath, _ zone: Zone, _ shadows: inout ShadowZone
  ) throws -> FilePath {
    let snapshot = try files.read(path)
    defer { files.forget(snapshot) }
    let isText = zone.clauses.masterfileFormat ?? "text" == "text"
    if isText, !snapshot.bytes.offsets(ofLowercase: "$include", first: 1).isEmpty {
      let text = try ZoneTextReader(tree: tree, files: files, aliases: [])
        .text(beginningWith: snapshot, origin: zone.name).get()
      if let copy = try shadows.write(text) { return copy }
    }
    return try shadows.write(snapshot)
  }

  private func journal(beside path: FilePath, _ zone: Zone) -> FilePath {
    zone.clauses.journal.map { tree.onHost(FilePath($0)) } ?? path.appending(suffix: ".jnl")
  }

  private func copyOfJournal(
    beside path: FilePath, _ zone: Zone, in folder: ScratchFolder
  ) throws -> FilePath {
    let journal = journal(beside: path, zone)
    let copy = folder.reserve()
    // There is none before the first update.
    guard let snapshot = try files.readIfThere(journal) else { return copy }
    defer { files.forget(snapshot) }
    try folder.write(FileContents(snapshot.bytes), to: copy)
    return copy
  }
}

extension DNSAnswer {
  /// The DNAME that was asked for; one of a name above may be in the answer as well.
  fileprivate func alias(at owner: DomainName) -> LiveAlias? {
    for record in records(of: .dname, at: owner) {
      if let target = record.target { return LiveAlias(target: target, ttl: record.ttl) }
    }
    return nil
  }
}

extension ZoneText {
  /// The names below each of some others, of those that have any.
  fileprivate func names(below parents: [DomainName]) -> [DomainName: OwnerNames] {
    var names: [DomainName: OwnerNames] = [:]
    for parent in parents {
      for file in files {
        let found = file.outline.owners(below: parent, first: 5)
        if found.count > names[parent]?.count ?? 0 { names[parent] = found }
      }
    }
    return names
  }

  /// The DNAME records at some names, of a zone in canonical form.
  fileprivate func aliases(at names: Set<DomainName>) -> [DomainName: LiveAlias] {
    var aliases: [DomainName: LiveAlias] = [:]
    for file in files {
      for name in names {
        for record in file.outline.records(of: name) where record.type == "DNAME" {
          guard let ttl = record.ttl, let target = file.target(of: record) else { continue }
          aliases[name] = LiveAlias(target: target, ttl: ttl)
        }
      }
    }
    return aliases
  }
}
