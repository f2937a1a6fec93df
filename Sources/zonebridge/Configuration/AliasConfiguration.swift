import DNSNames
import ReconcileModel

/// An entry of the list `aliases`.
enum AliasConfiguration {
  static let keys = ["name", "cluster", "clusters", "failover", "label", "ttl", "allow"]

  /// Reads an alias, with the place of its name; nil if it cannot be read.
  static func read(
    _ node: ConfigurationNode, clusters: [String]?
  ) -> (alias: Alias, name: ConfigurationNode)? {
    let section = ConfigurationSection(node, keys: keys)
    let expected = "the name that leads into the cluster, as in contoso.com"
    let owner = section.required("name", expected) { try self.owner($0, expected) }
    let failover = FailoverConfiguration.read(in: section) {
      try self.cluster($0, among: clusters)
    }
    // Of several clusters, one is enough for the other checks.
    let cluster =
      section["clusters"] == nil
      ? section.required("cluster", "the name of one of the clusters") {
        try self.cluster($0, among: clusters)
      } : failover?.clusters.first
    let label = section.value("label", Self.label) ?? "mesos"
    // RFC 2181 section 8: the uppermost bit of a TTL is not used.
    let ttl = section.value("ttl") { try $0.integer(in: 0...2_147_483_647) } ?? 60
    let allow = section.value("allow", Self.safeguards) ?? []
    guard let owner, let name = section["name"] else { return nil }
    // The name of an alias without a cluster is still compared with the others.
    return (
      Alias(
        owner: owner, cluster: cluster ?? "", label: label, ttl: ttl, allow: allow,
        failover: failover), name
    )
  }

  private static func owner(
    _ name: ConfigurationNode, _ expected: String
  ) throws(ConfigurationError) -> DomainName {
    let owner = try name.domainName(expected)
    if owner.withoutTrailingDot.hasPrefix("*.") || owner.withoutTrailingDot == "*" {
      throw name.error(
        "an alias cannot be a wildcard: a DNAME covers every name below its own anyway (RFC 6672 section 3.3)",
        remedy: "Write the name without *.")
    }
    guard !owner.withoutTrailingDot.contains(":") else {
      throw name.error(
        "'\(owner.withoutTrailingDot)' has a colon, which the name of a managed block cannot have",
        remedy: "Choose another name")
    }
    return owner
  }

  private static func cluster(
    _ node: ConfigurationNode, among known: [String]?
  ) throws(ConfigurationError) -> String {
    let name = try node.text("the name of one of the clusters")
    guard let known, !known.contains(name) else { return name }
    guard !known.isEmpty else {
      throw node.error(
        "there is no cluster '\(name)': the list clusters is empty", remedy: "Add the cluster there"
      )
    }
    throw node.error(
      "there is no cluster '\(name)'",
      remedy: NearestWord(known: known).suggestion(for: name).map { "Did you mean \($0)?" }
        ?? "The clusters are: \(known.joined(separator: ", "))")
  }

  /// A single label as host names have them (RFC 1123 section 2.1), or with underscores.
  private static func label(_ node: ConfigurationNode) throws(ConfigurationError) -> String {
    let expected = "one label of letters, digits, - and _, as in mesos"
    let text = try node.text(expected)
    let isLabel =
      text.utf8.count <= 63 && !text.hasPrefix("-") && !text.hasSuffix("-")
      && text.unicodeScalars.allSatisfy {
        $0.isASCII
          && ($0.properties.isAlphabetic || ("0"..."9").contains($0)
            || "-_".unicodeScalars.contains($0))
      }
    guard isLabel else {
      throw node.error("'\(text)' is not a single DNS label", remedy: "Write \(expected)")
    }
    return text
  }

  private static func safeguards(
    _ node: ConfigurationNode
  ) throws(ConfigurationError) -> Set<Safeguard> {
    Set(
      try node.list("the safeguards to waive, as in [hides-names]").compactMap { entry in
        node.mistakes.noting(entry) { try $0.word(Safeguard.self, "safeguard") }
      })
  }
}
