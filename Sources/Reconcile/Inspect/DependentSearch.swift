import BINDText
import DCOS
import DNSNames
import FileChange
import Named
import Planning
import ReconcileModel
import SystemPackage

/// Searches all zones of the tree for what leads into some clusters, only before a forward zone is removed.
struct DependentSearch {
  let desired: DesiredState
  let actual: ActualState
  let context: PassContext
  let files: NamedFiles

  /// What leads into some clusters.
  ///
  /// - Parameters:
  ///   - ids: the clusters.
  ///   - known: where it was found before. While it is still there, it is enough to keep a forward zone, and no pass
  ///     has to search all zones.
  /// - Returns: by cluster; of one that is kept for what was known, no more than that.
  func dependents(
    of ids: Set<ClusterID>, lookingFirstAt known: Set<ForeignDependent> = []
  ) async -> [ClusterID: [Dependent]] {
    let standing = await standing(known.filter { ids.contains($0.id) })
    let unknown = ids.subtracting(standing.keys)
    guard !unknown.isEmpty else { return standing }
    let all = zones(nil)
    var found = await dependents(of: unknown, in: all) { $0.hasRecords }
    for dependent in await served(unknown) + unlisted(unknown) {
      found[dependent.id, default: []].append(dependent)
    }
    return found.merging(standing) { $1 }
  }

  /// What still stands where it was found before, of the clusters whose forward zones it keeps in all views.
  private func standing(_ known: Set<ForeignDependent>) async -> [ClusterID: [Dependent]] {
    guard !known.isEmpty else { return [:] }
    let places = Set(known.map(\.zone))
    let found = await dependents(
      of: Set(known.map(\.id)), in: zones(BlockIndex(zones: Set(places.map(\.name)))),
      known: known
    ) { places.contains($0.inView) && $0.hasRecords }
    return found.filter { id, dependents in
      actual.zones.allSatisfy { zone in
        zone.clusterID != id || zone.block == nil || dependents.contains { $0.view == zone.view }
      }
    }
  }

  private func zones(_ index: BlockIndex?) -> [Zone] {
    ZoneSelection(
      desired: desired, tree: actual.tree, blockIndex: index, owned: OwnedRecords(),
      reader: files.reader
    ).zones()
  }

  private func dependents(
    of ids: Set<ClusterID>, in zones: [Zone], known: Set<ForeignDependent> = [],
    where isSearched: (Zone) -> Bool
  ) async -> [ClusterID: [Dependent]] {
    var found: [ClusterID: [Dependent]] = [:]
    let views = ZoneViews(of: zones)
    for zone in zones where isSearched(zone) {
      guard let path = zone.path else {
        guard zone.isKeptByNamedAlone else { continue }
        for view in views.having(zone) {
          for id in ids {
            let dependent = Dependent(
              owner: nil, id: id, place: .unseen,
              location: "\(zone.location), \(zone.title), a secondary that named keeps in no file")
            found[id, default: []].append(dependent.seen(in: view, foundIn: zone))
          }
        }
        continue
      }
      for (id, dependents) in await self.dependents(of: ids, in: zone, path, known)
      where !dependents.isEmpty {
        for view in views.having(zone) {
          found[id, default: []] += dependents.map { $0.seen(in: view, foundIn: zone) }
        }
      }
    }
    return found
  }

  // MARK: Files

  private func dependents(
    of ids: Set<ClusterID>, in zone: Zone, _ path: FilePath, _ places: Set<ForeignDependent>
  ) async -> [ClusterID: [Dependent]] {
    // named's own report of a zone counts: what it accepted by DNS UPDATE need not be in the file yet.
    let known = actual.zones.first { $0.isSame(as: zone) } ?? zone
    if known.isDynamic, known.clauses.type == .primary {
      let served = await dependents(at: places.filter { $0.zone == zone.inView }, inDynamic: known)
      return served.isEmpty ? await dependents(of: ids, inDynamic: known, path) : served
    }
    var found: [ClusterID: [Dependent]] = [:]
    var seen: Set<FilePath> = []
    func look(into snapshot: FileSnapshot, isText: Bool) {
      guard seen.insert(snapshot.realPath).inserted else { return }
      for id in ids {
        let offsets = snapshot.bytes.offsets(ofLowercase: id.description)
        let places = isText ? offsets.filter { isRecord(at: $0, in: snapshot) } : offsets
        var lines = places.prefix(5).map { SourceLocation(of: $0, in: snapshot.bytes).line }
        if isText { lines += snapshot.bytes.linesWithEscapes(of: id) }
        found[id, default: []] += lines.map { line in
          Dependent(
            owner: nil, id: id, place: .foreign,
            location: isText ? "\(snapshot.path):\(line)" : "\(zone.title), file \(snapshot.path)")
        }
      }
    }
    let snapshot: FileSnapshot
    do throws(FileChangeError) {
      // Most zones mention none, and need not be held in memory to see that.
      let texts = IncludedTexts(tree: actual.tree, reader: files.reader)
      guard try texts.place(from: path, of: { mentions(ids, in: $0) }) != nil else { return [:] }
      snapshot = try files.read(path)
    } catch  where error.isNotFound {
      return [:]
    } catch {
      return unseen(ids, in: zone)
    }
    let isText = zone.clauses.type == .primary && zone.clauses.masterfileFormat ?? "text" == "text"
    look(into: snapshot, isText: isText)
    // One may stand in a file that is included.
    if isText {
      let reader = ZoneTextReader(tree: actual.tree, files: files, aliases: [])
      if case .success(let text)? = reader.text(of: zone, isConcerned: snapshot.bytes.hasInclude) {
        for file in text.files { look(into: file.snapshot, isText: true) }
      }
    }
    return found
  }

  /// Whether an ID is part of a record, and not of a comment, nor of a block of ours in a file that the pass knows,
  /// which the plan handles.
  private func isRecord(at offset: Int, in snapshot: FileSnapshot) -> Bool {
    let bytes = snapshot.bytes
    let start = bytes[..<offset].lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
    if bytes[start..<offset].contains(UInt8(ascii: ";")) { return false }
    return !actual.zones.contains { zone in
      guard case .success(let text)? = zone.text else { return false }
      return text.files.contains { file in
        file.snapshot.realPath == snapshot.realPath
          && file.blocks.contains { $0.range.contains(offset) }
      }
    }
  }

  // MARK: Dynamic zones

  private func dependents(
    of ids: Set<ClusterID>, inDynamic zone: Zone, _ path: FilePath
  ) async -> [ClusterID: [Dependent]] {
    let journal =
      zone.clauses.journal.map { actual.tree.onHost(FilePath($0)) }
      ?? path.appending(suffix: ".jnl")
    var mentioned: Set<ClusterID> = []
    for file in [path, journal] {
      try? files.reader.scan(file, overlap: ClusterID.textLength * 4) { piece in
        for id in ids where mentions([id], in: piece) { mentioned.insert(id) }
        return false
      }
    }
    guard !mentioned.isEmpty else { return [:] }
    let reader = DynamicZoneReader(
      files: files, tree: actual.tree, client: DNSClient(server: desired.bind.query),
      compiler: ZoneCompiler(tool: context.tools.compilezone), scratch: context.scratch)
    var known: Set<DomainName> = []
    if case .success(let live)? = zone.dynamic { known = Set(live.aliases.keys) }
    var found: [ClusterID: [Dependent]] = [:]
    do {
      let text = try await reader.content(of: zone, watching: WatchedNames(owners: []))
      for file in text.files {
        for id in mentioned {
          for offset in file.snapshot.bytes.offsets(ofLowercase: id.description) {
            let owner = file.owner(ofLineAround: offset) ?? zone.name
            guard !known.contains(owner) else { continue }
            found[id, default: []].append(
              Dependent(owner: owner, id: id, place: .foreign, location: zone.location))
          }
        }
      }
    } catch {
      return unseen(mentioned, in: zone)
    }
    return found
  }

  private func mentions(_ ids: Set<ClusterID>, in bytes: [UInt8]) -> Bool {
    func isThere(in text: [UInt8]) -> Bool {
      ids.contains { !text.offsets(ofLowercase: $0.description, first: 1).isEmpty }
    }
    // A name in a zone file may be written with escapes.
    return isThere(in: bytes)
      || bytes.contains(UInt8(ascii: "\\")) && isThere(in: bytes.unescaped)
  }

  // MARK: Zones without a statement

  /// The zones that named has and named.conf does not: nobody can tell what is in them.
  private func unlisted(_ ids: Set<ClusterID>) -> [Dependent] {
    let views = actual.tree.views.filter(\.isInternetClass)
    let sources: [(view: String?, words: String)] =
      (views.isEmpty ? [nil] : views.map { $0.name as String? }).flatMap { view in
        [
          actual.tree.catalogs(in: view).isEmpty ? nil : "the zones of a catalog zone",
          hasAddedZones(in: view) ? "a zone of rndc addzone" : nil,
        ].compactMap { words in words.map { (view, $0) } }
      }
    return sources.flatMap { source in
      ids.map { id in
        var dependent = Dependent(
          owner: nil, id: id, place: .unseen,
          location:
            "\(actual.bind.namedConf): \(source.words) may have what nobody can see from here")
        dependent.view = source.view
        return dependent
      }
    }
  }

  /// Whether named has kept zones that rndc added in a view: it writes them down in a file of the view's name.
  private func hasAddedZones(in view: String?) -> Bool {
    let tree = actual.tree
    guard tree.setting("allow-new-zones", in: view)?.clause.isYes == true else { return false }
    let folder =
      tree.setting("new-zones-directory", in: view)?.clause.value.map {
        tree.directory.pushing(FilePath($0))
      } ?? tree.directory
    return ["nzd", "nzf"].contains { suffix in
      let file = folder.appending("\(view ?? "_default").\(suffix)")
      return FileState(of: tree.root.onHost(file), as: files.reader) != nil
    }
  }

  /// What cannot be read may lead there.
  private func unseen(_ ids: Set<ClusterID>, in zone: Zone) -> [ClusterID: [Dependent]] {
    var found: [ClusterID: [Dependent]] = [:]
    for id in ids {
      found[id] = [
        Dependent(
          owner: nil, id: id, place: .foreign,
          location: "\(zone.location), whose records cannot be read")
      ]
    }
    return found
  }

  /// What named has of a dynamic zone where it was found before: to read the whole zone takes longer.
  private func dependents(
    at places: Set<ForeignDependent>, inDynamic zone: Zone
  ) async -> [ClusterID: [Dependent]] {
    // From outside it is unknown which view would answer.
    guard case .success? = actual.named, zone.view == nil else { return [:] }
    let client = DNSClient(server: desired.bind.query)
    var found: [ClusterID: [Dependent]] = [:]
    for place in places {
      guard let owner = place.owner, let answer = try? await client.ask(owner, .dname),
        answer.isAuthoritative,
        let target = answer.records(of: .dname, at: owner).first?.target,
        target.clusterDomain.map({ "\(place.id.domain)." == "\($0)" }) == true
      else { continue }
      found[place.id, default: []].append(
        Dependent(owner: owner, id: place.id, place: .foreign, location: zone.location))
    }
    return found
  }

  // MARK: As served

  /// DNAMEs that named still serves although the files no longer have them: a zone that was not reloaded leads where it
  /// led.
  private func served(_ ids: Set<ClusterID>) async -> [Dependent] {
    guard case .success? = actual.named else { return [] }
    let client = DNSClient(server: desired.bind.query)
    let unwritten = actual.zones.filter { !$0.isDynamic && $0.clauses.type == .primary }
    var questions: [(owner: DomainName, zone: Zone)] = []
    for zone in unwritten {
      let text = try? zone.text?.get()
      let blocks = text?.blockOwners ?? []
      let aliases = desired.aliases.map(\.owner).filter {
        actual.zone(enclosing: $0, in: zone.view)?.isSame(as: zone) ?? false
      }
      questions += Set(blocks + aliases).map { ($0, zone) }
    }
    let found = await concurrentMap(questions, atMost: 32) { question -> Dependent? in
      guard
        let answer = try? await client.ask(question.owner, .dname),
        let target = answer.records(of: .dname, at: question.owner).first?.target,
        let id = ids.first(where: { $0.domain == target.clusterDomain })
      else { return nil }
      // If the file says the same, the plan handles the file.
      if question.zone.targets(of: question.owner).contains(target) { return nil }
      return Dependent(
        owner: question.owner, id: id, view: question.zone.view, place: .foreign,
        location: "\(question.zone.location) as named serves it")
    }
    return found.compactMap(\.self)
  }
}

extension Dependent {
  fileprivate func seen(in view: String?, foundIn zone: Zone) -> Dependent {
    var dependent = self
    dependent.view = view
    dependent.found = ForeignDependent(id: id, zone: zone.inView, owner: owner)
    return dependent
  }
}

extension [UInt8] {
  /// The lines, counted from 1, in which a cluster's ID is written with escapes, behind no comment sign.
  fileprivate func linesWithEscapes(of id: ClusterID) -> [Int] {
    guard contains(UInt8(ascii: "\\")) else { return [] }
    func lines(of text: [UInt8]) -> Set<Int> {
      Set(
        text.offsets(ofLowercase: id.description).filter { offset in
          let start = text[..<offset].lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
          return !text[start..<offset].contains(UInt8(ascii: ";"))
        }.map { SourceLocation(of: $0, in: text).line })
    }
    return lines(of: unescaped).subtracting(lines(of: self)).sorted()
  }
}

extension Zone {
  /// Whether named has the records from another server, and in memory alone.
  ///
  /// A mirror of the root has delegations, and nothing else.
  fileprivate var isKeptByNamedAlone: Bool {
    switch clauses.type {
    case .secondary: path == nil
    case .mirror: path == nil && !name.isRoot
    default: false
    }
  }

  /// Whether the zone has records of its own in a file.
  fileprivate var hasRecords: Bool {
    switch clauses.type {
    case .primary, .secondary, .mirror, .stub, .redirect: true
    default: false
    }
  }

  /// Where the DNAME records of a name lead that stand in the zone's files.
  fileprivate func targets(of owner: DomainName) -> [DomainName] {
    guard case .success(let text)? = text else { return [] }
    return text.files.flatMap { file in
      file.outline.records(of: owner).filter { $0.type == "DNAME" }.compactMap(file.target)
    }
  }
}

extension ZoneTextFile {
  /// The owner of the record on a line, in canonical form.
  fileprivate func owner(ofLineAround offset: Int) -> DomainName? {
    let bytes = snapshot.bytes
    let start = bytes[..<offset].lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
    let end = bytes[start...].firstIndex { $0 == 0x20 || $0 == 0x09 } ?? bytes.endIndex
    return try? DomainName(String(decoding: bytes[start..<end], as: UTF8.self))
  }
}

extension [UInt8] {
  fileprivate var hasInclude: Bool {
    !offsets(of: "$I", first: 1).isEmpty || !offsets(of: "$i", first: 1).isEmpty
  }
}
