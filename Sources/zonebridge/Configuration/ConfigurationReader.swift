import DNSNames
import ReconcileModel
import SystemPackage

/// Reads the configuration's sections in the order in which they refer to each other; what is wrong is noted.
struct ConfigurationReader {
  let root: ConfigurationNode

  /// What the sections say; where a mistake was noted, with a default in its place.
  func configuration() -> Configuration {
    let top = ConfigurationSection(
      root,
      keys: [
        "interval", "state-directory", "bind", "clusters", "aliases", "zones", "metrics", "hooks",
      ])
    let interval = top.value("interval") { try $0.interval() } ?? .seconds(30)
    let stateDirectory = top.value("state-directory") { try $0.path() } ?? "/var/lib/zonebridge"
    let bind = BINDConfiguration.read(in: top)
    if top["clusters"] == nil {
      top.note(
        ConfigurationError(
          file: root.file, line: root.line, key: "clusters",
          problem: "the key is missing, which leaves nothing to do",
          remedy: """
            Add the clusters, or clusters: [] to have everything removed from BIND's files
            """))
    }
    let clusters = top.value("clusters", self.clusters)
    // Without a list of clusters, no alias has a wrong one.
    let aliases = top.value("aliases") { try self.aliases($0, of: clusters?.map(\.name)) } ?? []
    let zones = top.value("zones", self.zones) ?? [:]
    if let node = top["zones"] { warnOfUnusedZones(node, aliases.map(\.owner)) }
    let metrics = top.value("metrics", MetricsConfiguration.read) ?? MetricsConfiguration()
    let hooks = top.value("hooks", HooksConfiguration.read) ?? HooksConfiguration()
    return Configuration(
      interval: interval, stateDirectory: stateDirectory,
      desired: DesiredState(
        bind: bind, clusters: clusters ?? [], aliases: aliases, zones: zones),
      metrics: metrics, hooks: hooks, path: root.file)
  }

  private func clusters(_ list: ConfigurationNode) throws(ConfigurationError) -> [Cluster] {
    var clusters: [Cluster] = []
    for entry in try list.list("the clusters, each after a dash, as in - name: prod") {
      guard let (cluster, name) = ClusterConfiguration.read(entry) else { continue }
      if clusters.contains(where: { $0.name == cluster.name }) {
        root.mistakes.note(
          name.error(
            "another cluster is named \(cluster.name) already", remedy: "Choose another name here"))
      }
      clusters.append(cluster)
    }
    return clusters
  }

  private func aliases(
    _ list: ConfigurationNode, of clusters: [String]?
  ) throws(ConfigurationError) -> [Alias] {
    var aliases: [Alias] = []
    var lines: [Int] = []
    for entry in try list.list("the aliases, each after a dash, as in - name: contoso.com") {
      guard let (alias, name) = AliasConfiguration.read(entry, clusters: clusters) else { continue }
      if let error = conflict(of: alias, name, Array(zip(aliases, lines))) {
        root.mistakes.note(error)
      }
      aliases.append(alias)
      lines.append(name.line)
    }
    return aliases
  }

  private func conflict(
    of alias: Alias, _ name: ConfigurationNode, _ others: [(alias: Alias, line: Int)]
  ) -> ConfigurationError? {
    // Nothing is answered below a DNAME but what it leads to (RFC 6672 section 2.4).
    for (other, line) in others {
      let isBelow = alias.owner.isBelow(other.owner)
      guard isBelow || other.owner.isBelow(alias.owner) else { continue }
      return name.error(
        """
        \(alias.blockName) is \(isBelow ? "below" : "above") the alias \(other.blockName) (line \(line)): a DNAME \
        hides every name below its own
        """, remedy: "Keep only one of the two")
    }
    // A name owns at most one DNAME (RFC 6672 section 2.4).
    guard let same = others.first(where: { $0.alias.owner == alias.owner }) else { return nil }
    return name.error(
      "the alias \(alias.blockName) is there already, on line \(same.line)",
      remedy: "Keep only one of the two")
  }

  /// A zone in which no alias lies has nothing that its settings could say anything of.
  private func warnOfUnusedZones(_ section: ConfigurationNode, _ owners: [DomainName]) {
    for (text, node) in (try? section.pairs()) ?? [] {
      guard let zone = try? DomainName(text), !owners.contains(where: { $0.isSubdomain(of: zone) })
      else { continue }
      let names = owners.flatMap { owner in
        sequence(first: owner) { $0.parent }.prefix { !$0.isRoot }.map(\.withoutTrailingDot)
      }
      node.warn(
        "no alias is in this zone, so that what is said of it has no effect",
        remedy: NearestWord(known: names).suggestion(for: zone.withoutTrailingDot)
          .map { "Did you mean \($0)?" } ?? "Add an alias in it, or remove it")
    }
  }

  private func zones(
    _ section: ConfigurationNode
  ) throws(ConfigurationError) -> [DomainName: ZoneSettings] {
    var zones: [DomainName: ZoneSettings] = [:]
    for (text, node) in try section.pairs() {
      let name = root.mistakes.noting(node) {
        try $0.domainName(text, "the zone's name as the key, as in contoso.com")
      }
      guard let zone = name else { continue }
      if zones[zone] != nil {
        root.mistakes.note(
          node.error("the zone is there already, written differently", remedy: "Merge the two"))
      }
      zones[zone] = ZoneConfiguration.read(node, zone: zone)
    }
    return zones
  }
}

extension ConfigurationNode {
  /// The value as a time of at least a second.
  fileprivate func interval() throws(ConfigurationError) -> Duration {
    let interval = try time()
    guard interval >= .seconds(1) else {
      throw error(
        "\(try text("a time")) is too short: each pass asks all masters",
        remedy: "Write at least 1s")
    }
    return interval
  }

  /// The value as a time: digits with the unit ms, s, m or h.
  func time() throws(ConfigurationError) -> Duration {
    let expected = "a number with its unit (ms, s, m, h), as in 30s or 5m"
    let text = try text(expected)
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    // Nine digits of hours are far from the end of a Duration.
    guard !digits.isEmpty, digits.count <= 9, let number = Int64(digits) else {
      throw error("'\(text)' is not a time", remedy: "Write \(expected)")
    }
    switch text.dropFirst(digits.count) {
    case "": throw error("'\(text)' has no unit", remedy: "Write \(text)s, \(text)m or \(text)h")
    case "ms": return .milliseconds(number)
    case "s": return .seconds(number)
    case "m": return .seconds(number * 60)
    case "h": return .seconds(number * 3600)
    default: throw error("'\(text)' is not a time", remedy: "Write \(expected)")
    }
  }
}
