import BINDText
import DNSNames
import FileChange
import Planning
import ReconcileModel
import SystemPackage

/// Picks from the tree's zones those that matter.
///
/// There may be hundreds of thousands, of which a pass has to know a handful: those that enclose an
/// alias, the clusters', those that are to be made, and those in which managed blocks stand.
struct ZoneSelection {
  let desired: DesiredState
  let tree: ConfigurationTree
  let blockIndex: BlockIndex?
  let owned: OwnedRecords
  private let reader: Reader
  /// What zones inherit, by view.
  private let inherited: [String?: ZoneClauses]
  private let classes: [String: RecordClass]

  init(
    desired: DesiredState, tree: ConfigurationTree, blockIndex: BlockIndex?, owned: OwnedRecords,
    reader: Reader
  ) {
    self.reader = reader
    self.owned = owned
    self.desired = desired
    self.tree = tree
    self.blockIndex = blockIndex
    let views = tree.views
    classes = Dictionary(
      views.compactMap { view in view.statement.viewClass.map { (view.name, $0) } }
    ) { first, _ in first }
    inherited = tree.inheritedClauses
  }

  func zones() -> [Zone] {
    var enclosing: Set<DomainName> = []
    for alias in desired.aliases {
      var name: DomainName? = alias.owner
      while let next = name, enclosing.insert(next).inserted { name = next.parent }
    }
    let names = enclosing.union(desired.zones.keys).union(blockIndex?.zones ?? [])
      .union(owned.records.map(\.zone.name))
    // The clusters' zones, and those that an alias would hide.
    let ancestors = [DomainName.aboveClusters].compactMap(\.self) + desired.aliases.map(\.owner)
    var zones: [Zone] = []
    for (index, file) in tree.files.enumerated() {
      let statements = file.outline.zones
      var relevant: Set<Int>
      if blockIndex == nil {
        relevant = Set(statements.indices)
      } else {
        relevant = Set(file.outline.zones(named: names, orBelow: ancestors))
        for block in file.blocks { relevant.formUnion(statements.indices(within: block.range)) }
      }
      for statement in relevant.sorted() { zones += self.zones(of: statement, in: index) }
    }
    return zones
  }

  /// The other zones with the file of one into which an alias is to be put: the alias would be a
  /// stranger's record in them.
  ///
  /// Reading all zone statements takes longer than everything else, so it is done only before something is added, when
  /// a file counts under any of its names. In the other passes the file's name is searched for in the text, and only
  /// the statements around it are read.
  func sharers(in actual: ActualState, concerned: Set<Int>) -> [Zone] {
    let zones = concerned.sorted().map { actual.zones[$0] }
    // For many zones, reading all statements once is faster than searching the text once for each.
    let readsAll = zones.count > 16 || zones.contains(where: lacksBlock)
    let files = ZoneFileNames(of: zones)
    var known = Set(actual.zones.map { ZoneKey($0) })
    var sharers: [Zone] = []
    func add(_ others: [Zone]) {
      sharers += others.filter { files.contain($0) && known.insert(ZoneKey($0)).inserted }
    }
    if readsAll {
      for (index, file) in tree.files.enumerated() {
        for statement in file.outline.zones.indices { add(self.zones(of: statement, in: index)) }
      }
      return sharers
    }
    for zone in zones {
      guard let name = zone.path?.lastComponent?.bytes else { continue }
      for (index, file) in tree.files.enumerated() {
        for offset in file.snapshot.bytes.offsets(of: name) {
          guard let statement = file.outline.zones.index(around: offset) else { continue }
          add(self.zones(of: statement, in: index))
        }
      }
    }
    return sharers
  }

  /// Who uses a path already, or would as soon as the file exists; nil for nobody.
  func owner(of path: FilePath) -> String? {
    let node = reader.node(of: path)
    let place = path.lexicallyNormalized()
    for index in tree.files.indices {
      for statement in tree.files[index].outline.zones.indices {
        for zone in zones(of: statement, in: index) {
          let whose = "\(zone.title) (\(zone.location))"
          if node != nil && zone.node == node || zone.path?.lexicallyNormalized() == place {
            return "the file of \(whose)"
          }
          if companions(of: zone).contains(place) { return "a file that named keeps for \(whose)" }
        }
      }
      for include in tree.files[index].outline.includes where include.path.isPattern {
        // named would read the zone as configuration.
        guard place.matches(tree.onHost(FilePath(include.path))) else { continue }
        let location = tree.files[index].location(of: include.range.lowerBound)
        return "a file that named.conf includes (\(location): include \"\(include.path)\")"
      }
    }
    return ownFiles.first { $0.path == place }.map { "the file of named's \($0.statement)" }
  }

  /// The files that named writes for itself as soon as it has reason to, over whatever is there.
  private var ownFiles: [(path: FilePath, statement: String)] {
    // By default in named's directory (doc/arm/reference.rst).
    let usual: [String: String?] = [
      "dump-file": "named_dump.db", "memstatistics-file": "named.memstats",
      "recursing-file": "named.recursing", "secroots-file": "named.secroots",
      "statistics-file": "named.stats", "lock-file": nil, "pid-file": nil, "session-keyfile": nil,
    ]
    let options = usual.compactMap { keyword, usual in
      (tree.setting(keyword, in: nil)?.clause.value ?? usual).map { ($0, keyword) }
    }
    let logs = tree.topClauses("logging").flatMap { $0.clause.list("channel") }
      .flatMap { channel in
        channel.list("file").compactMap(\.value).map { ($0, "log channel \(channel.value ?? "")") }
      }
    return (options + logs).map { (tree.onHost(FilePath($0)).lexicallyNormalized(), $1) }
  }

  /// The files that named writes beside a zone's own: its journals, the copy that it makes while it compacts one, and the
  /// signed zone (lib/dns/zone.c).
  private func companions(of zone: Zone) -> [FilePath] {
    guard let path = zone.path?.lexicallyNormalized() else { return [] }
    let own = zone.clauses.journal.map { tree.onHost(FilePath($0)).lexicallyNormalized() }
    return [own].compactMap(\.self)
      + [".jnl", ".jbk", ".signed", ".signed.jnl"].map { path.appending(suffix: $0) }
  }

  /// Another zone that includes the file with a zone's SOA record: its serial would move on as well.
  ///
  /// It is searched for only if the record is not in the zone's own file, which is rare: finding out what all zone
  /// files include means reading them all.
  func includer(ofAuthorityOf zone: Zone, _ reader: ZoneTextReader) -> Zone? {
    guard case .success(let text)? = zone.text, let soa = text.soa?.file.snapshot.realPath,
      soa != text.files.first?.snapshot.realPath
    else { return nil }
    for (index, file) in tree.files.enumerated() {
      for statement in file.outline.zones.indices {
        for other in zones(of: statement, in: index)
        where other.clauses.type == .primary && !other.isSame(as: zone) {
          if reader.includes(soa, in: other) { return other }
        }
      }
    }
    return nil
  }

  /// Owner and mode of the zone files in a folder, for a new one to match.
  func neighbour(of path: FilePath) -> FileNeighbour? {
    let folder = path.removingLastComponent()
    for file in tree.files {
      for (index, statement) in file.outline.zones.enumerated().prefix(10_000) {
        let clauses = clauses(of: statement, at: index, in: file)
        // The files of other zones are named's own.
        guard clauses.type == .primary, !clauses.isDynamic,
          let name = file.outline.name(of: statement),
          let other = place(of: clauses, name, in: file.views.first ?? nil)
        else { continue }
        guard other != path, other.removingLastComponent() == folder,
          let neighbour = FileNeighbour(of: other, below: reader.root)
        else { continue }
        return neighbour
      }
    }
    return nil
  }

  func lacksBlock(_ zone: Zone) -> Bool {
    guard case .success(let text)? = zone.text else { return false }
    let owners = Set(text.blockOwners)
    return desired.aliases.contains {
      $0.owner.isSubdomain(of: zone.name) && !owners.contains($0.owner)
    }
  }

  /// One zone, or one for each view that reads the statement.
  private func zones(of index: Int, in fileIndex: Int) -> [Zone] {
    let file = tree.files[fileIndex]
    let statement = file.outline.zones[index]
    guard let name = file.outline.name(of: statement) else { return [] }
    let own = statement.view.map { file.outline.views[$0].name }
    let clauses = clauses(of: statement, at: index, in: file)
    return (own.map { [$0] } ?? file.views).map { view in
      let path = place(of: clauses, name, in: view)
      var zone = Zone(
        file: fileIndex, statement: statement, view: view, name: name,
        isInternetClass: (statement.zoneClass ?? view.flatMap { classes[$0] } ?? .internet)
          == .internet,
        clauses: clauses.completed(with: inherited[view] ?? ZoneClauses()),
        source: file,
        block: file.block(around: statement.range.lowerBound)?.name,
        path: path)
      zone.node = path.flatMap(reader.node)
      return zone
    }
  }

  /// Where a zone's file is.
  ///
  /// Older versions of BIND take `$name` in it as it is written. The file that exists shows which of the two this named
  /// does.
  private func place(of clauses: ZoneClauses, _ name: DomainName, in view: String?) -> FilePath? {
    guard let file = clauses.file else { return nil }
    let written = tree.onHost(FilePath(file))
    guard file.bytes.contains(UInt8(ascii: "$")) else { return written }
    let expanded = tree.onHost(
      FilePath(ZoneFileTokens.expand(file, name: name, view: view, type: clauses.type)))
    return reader.node(of: expanded) == nil && reader.node(of: written) != nil ? written : expanded
  }

  /// The clauses of a statement, with those of files that it includes between its braces.
  private func clauses(
    of statement: ZoneStatement, at index: Int, in file: ConfigurationFile
  ) -> ZoneClauses {
    var clauses = file.outline.clauses(of: statement)
    var left = zip(file.outline.includes, file.includes)
      .flatMap { $0.enclosing == .zone(index) ? $1 : [] }
    var seen: Set<Int> = []
    // Such a file may include others, as deep as its author likes.
    while let included = left.first {
      left.removeFirst()
      guard seen.insert(included).inserted else { continue }
      clauses = clauses.completed(with: tree.files[included].outline.clauses)
      left = tree.files[included].includes.flatMap(\.self) + left
    }
    return tree.completedByTemplate(clauses)
  }
}

extension [ZoneStatement] {
  /// The statements that begin within a range; they are in the order in which they stand.
  fileprivate func indices(within range: Range<Int>) -> Range<Int> {
    first(from: range.lowerBound)..<first(from: range.upperBound)
  }

  /// The statement in which a byte stands.
  fileprivate func index(around offset: Int) -> Int? {
    let index = first(from: offset + 1) - 1
    return index >= 0 && self[index].range.contains(offset) ? index : nil
  }

  private func first(from offset: Int) -> Int {
    partitioningIndex { $0.range.lowerBound >= offset }
  }
}

/// The files of some zones, whatever they are called.
private struct ZoneFileNames {
  private let nodes: Set<NodeID>
  private let paths: Set<FilePath>

  init(of zones: [Zone]) {
    nodes = Set(zones.compactMap(\.node))
    paths = Set(zones.compactMap { $0.path?.lexicallyNormalized() })
  }

  func contain(_ zone: Zone) -> Bool {
    zone.node.map(nodes.contains) ?? false
      || zone.path.map { paths.contains($0.lexicallyNormalized()) } ?? false
  }
}
