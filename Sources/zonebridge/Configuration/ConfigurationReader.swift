import DNSNames
import ReconcileModel
import SystemPackage

/// Reads the configuration's sections in the order in which they refer to each other; what is wrong is noted.
struct ConfigurationReader {
  let root: ConfigurationNode

  /// The keys at the top level of the file.
  static let keys = [
    "interval", "state-directory", "bind", "clusters", "aliases", "zones", "metrics", "hooks",
  ]

  /// What the sections say; where a mistake was noted, with a default in its place.
  func configuration() -> Configuration {
    let top = ConfigurationSection(root, keys: Self.keys)
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
    // Without a list of clusters, or where none of them can be read, no alias has a wrong one.
    let isEmpty = top["clusters"].flatMap { try? $0.list("the clusters") }?.isEmpty
    let names = clusters.flatMap { $0.isEmpty && isEmpty == false ? nil : $0.map(\.name) }
    let aliases = top.value("aliases") { try self.aliases($0, of: names) } ?? []
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
    var names: Set<String> = []
    for entry in try list.list("the clusters, each after a dash, as in - name: prod") {
      guard let (cluster, name) = ClusterConfiguration.read(entry) else { continue }
      if !names.insert(cluster.name).inserted {
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
    var names = AliasNames()
    for entry in try list.list("the aliases, each after a dash, as in - name: contoso.com") {
      guard let (alias, name) = AliasConfiguration.read(entry, clusters: clusters) else { continue }
      if let error = conflict(of: alias, name, names) { root.mistakes.note(error) }
      aliases.append(alias)
      names.add(alias, line: name.line)
    }
    return aliases
  }

  private func conflict(
    of alias: Alias, _ name: ConfigurationNode, _ others: AliasNames
  ) -> ConfigurationError? {
    // Nothing is answered below a DNAME but what it leads to (RFC 6672 section 2.4).
    let above = others.above(alias.owner)
    if let other = above ?? others.below(alias.owner) {
      return name.error(
        """
        \(alias.blockName) is \(above == nil ? "above" : "below") the alias \(other.alias.blockName) \
        (line \(other.line)): a DNAME hides every name below its own
        """, remedy: "Keep only one of the two")
    }
    // A name owns at most one DNAME (RFC 6672 section 2.4).
    guard let same = others.same(as: alias.owner) else { return nil }
    return name.error(
      "the alias \(alias.blockName) is listed already, on line \(same.line)",
      remedy: "Keep only one of the two")
  }

  /// The settings of a zone without an alias apply to nothing.
  private func warnOfUnusedZones(_ section: ConfigurationNode, _ owners: [DomainName]) {
    for (text, node) in (try? section.pairs()) ?? [] {
      guard let zone = try? DomainName(text), !owners.contains(where: { $0.isSubdomain(of: zone) })
      else { continue }
      let names = owners.flatMap { owner in
        sequence(first: owner) { $0.parent }.prefix { !$0.isRoot }.map(\.withoutTrailingDot)
      }
      node.warn(
        "no alias is in this zone, so these settings have no effect",
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
          node.error("the zone is listed already, in another spelling", remedy: "Merge the two"))
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

  /// The value as a time.
  func time() throws(ConfigurationError) -> Duration {
    let expected = "a number with its unit (ms, s, m, h), as in 30s or 5m"
    let text = try text(expected)
    guard let time = WrittenTime(text) else {
      if !text.isEmpty, text.allSatisfy({ $0.isASCII && $0.isNumber }) {
        throw error("'\(text)' has no unit", remedy: "Write \(text)s, \(text)m or \(text)h")
      }
      throw error("'\(text)' is not a time", remedy: "Write \(expected)")
    }
    return time.duration
  }
}
