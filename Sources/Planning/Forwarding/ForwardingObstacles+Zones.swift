import BINDText
import DNSNames
import ReconcileModel

// Zones that take a cluster's names from its forward zone. named looks for a zone first, and forwards only if that zone
// delegates the name, or if there is none.
extension ForwardingObstacles {
  /// A zone statement in a view.
  private struct PlacedZone {
    let file: ConfigurationFile
    let statement: ZoneStatement
    let name: DomainName
    let clauses: ZoneClauses

    var location: String { file.location(of: statement.range.lowerBound) }
    /// Whether the statement has a clause in its own braces.
    func has(_ keyword: String) -> Bool {
      !file.outline.clauses(keyword, in: statement.body).isEmpty
    }
  }

  func zoneObstacles(_ path: ForwardingPath, _ view: String?) -> [ForwardingObstacle] {
    let zones = zones(around: path.domain, in: view)
    let above = zones.filter { path.domain.isBelow($0.name) && $0.clauses.type?.answers == true }
      .max { $0.name.labelCount < $1.name.labelCount }
    let below = zones.filter { $0.name.isBelow(path.domain) }
    return [above.flatMap { obstacle(above: path, $0) }].compactMap(\.self)
      + below.compactMap { obstacle(below: path, $0) }
  }

  private func obstacle(
    above path: ForwardingPath, _ zone: PlacedZone
  ) -> ForwardingObstacle? {
    let name = zone.name.isRoot ? "." : zone.name.withoutTrailingDot
    let child = path.domain.suffix(of: zone.name.labelCount + 1).withoutTrailingDot
    // Observed: below a static-stub zone named goes on to the forward zone, and asks no server of it.
    let stub = "zone \"dcos.directory\" { type static-stub; server-addresses { 127.0.0.1; }; };"
    switch zone.clauses.type {
    case .staticStub: return nil
    case .stub:
      return ForwardingObstacle(
        .zoneAbove(zone.name), .possible, at: zone.location,
        "the stub zone \(name) is not loaded, and named fails for all names below it",
        remedy: "See named's log for why it cannot be had from its primaries, or remove the zone")
    case .mirror:
      return ForwardingObstacle(
        .zoneAbove(zone.name), .likely, at: zone.location,
        """
        named has the mirror zone \(name), in which \(child) is not delegated: it answers from that zone, and forwards \
        nothing
        """,
        remedy: "Add \(stub) With it, named reaches the forward zone")
    default:
      let words = "this server is authoritative for \(name), a parent of the cluster's zone"
      return ForwardingObstacle(
        .zoneAbove(zone.name), .likely, at: zone.location,
        "\(words), which does not delegate \(child): named answers from it, and forwards nothing",
        suspicion: "\(words): unless it delegates \(child), named forwards nothing",
        remedy: """
          Delegate \(child) in zone \(name), to any name server: named then forwards instead of asking that server. Or \
          add \(stub)
          """)
    }
  }

  private func obstacle(
    below path: ForwardingPath, _ zone: PlacedZone
  ) -> ForwardingObstacle? {
    let takesAll = path.targets.contains { $0.isSubdomain(of: zone.name) }
    let takesSome = path.targets.contains { zone.name.isBelow($0) }
    guard takesAll || takesSome else { return nil }
    let weight: ForwardingObstacle.Weight
    switch zone.clauses.type {
    // What is forwarded elsewhere may come back from there.
    case .forward: weight = takesAll ? .likely : .partial
    case .stub: weight = .possible
    // Observed: `forward only` of the zone above counts, unless the zone has forwarders of its own.
    case .staticStub:
      guard zone.has("forwarders") else { return nil }
      weight = takesAll ? .likely : .partial
    case .hint, .redirect, .delegationOnly: return nil
    case .primary, .secondary, .mirror, .inView, nil: weight = takesAll ? .certain : .partial
    }
    return ForwardingObstacle(
      .zoneBelow(zone.name), weight, at: zone.location,
      """
      zone \(zone.name.withoutTrailingDot) takes the names below it from the forward zone of \
      \(path.cluster), and does not follow its masters
      """,
      remedy: "Remove that zone statement: the forward zone has its names")
  }

  /// The zones of class IN in a view whose names the domain is below, or that are below the domain.
  private func zones(around domain: DomainName, in view: String?) -> [PlacedZone] {
    var ancestors: [DomainName] = []
    var name = domain.parent
    while let ancestor = name {
      ancestors.append(ancestor)
      name = ancestor.parent
    }
    let classes = Dictionary(tree.views.map { ($0.name, $0.isInternetClass) }) { first, _ in first }
    return tree.files.flatMap { file in
      file.outline.zones(named: ancestors, orBelow: [domain]).compactMap { index -> PlacedZone? in
        let statement = file.outline.zones[index]
        let own = statement.view.map { file.outline.views[$0].name }
        let isInternetClass =
          statement.zoneClass.map { $0 == .internet } ?? view.flatMap { classes[$0] } ?? true
        guard (own.map { [$0] } ?? file.views).contains(view), isInternetClass,
          let name = file.outline.name(of: statement)
        else { return nil }
        return PlacedZone(
          file: file, statement: statement, name: name, clauses: clauses(ofZone: index, in: file))
      }
    }
  }

  private func clauses(ofZone index: Int, in file: ConfigurationFile) -> ZoneClauses {
    var clauses = file.outline.clauses(of: file.outline.zones[index])
    for (include, included) in zip(file.outline.includes, file.includes)
    where include.enclosing == .zone(index) {
      for file in included { clauses = clauses.completed(with: tree.files[file].outline.clauses) }
    }
    return tree.completedByTemplate(clauses)
  }
}

extension ZoneType {
  /// Whether named looks for answers in such a zone; zones for hints, forwarding and redirection are handled elsewhere.
  fileprivate var answers: Bool {
    switch self {
    case .primary, .secondary, .mirror, .stub, .staticStub, .inView: true
    case .forward, .hint, .redirect, .delegationOnly: false
    }
  }
}

extension DomainName {
  /// The last labels of the name.
  fileprivate func suffix(of count: Int) -> DomainName {
    var name = self
    while name.labelCount > count, let parent = name.parent { name = parent }
    return name
  }
}
