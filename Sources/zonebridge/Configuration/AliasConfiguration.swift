import DNSNames
import ReconcileModel

/// An entry of the list `aliases`.
enum AliasConfiguration {
  /// Reads an alias, with the place of its name.
  static func read(
    _ node: ConfigurationNode, clusters: [String]
  ) throws(ConfigurationError) -> (alias: Alias, name: ConfigurationNode) {
    let section = try ConfigurationSection(
      node, keys: ["name", "cluster", "label", "ttl", "allow"])
    let expected = "the name that leads into the cluster, as in contoso.com"
    let name = try section.required("name", expected)
    let cluster = try section.required("cluster", "the name of one of the clusters")
    let owner = try name.domainName(expected)
    if owner.withoutTrailingDot.hasPrefix("*.") || owner.withoutTrailingDot == "*" {
      throw name.error(
        "an alias is no wildcard: a DNAME leads all names below its own anyway (RFC 6672 section 3.3)",
        remedy: "Write the name without *.")
    }
    guard !owner.withoutTrailingDot.contains(":") else {
      throw name.error(
        "a name with a colon cannot name a managed block", remedy: "Choose another name")
    }
    let alias = Alias(
      owner: owner,
      cluster: try self.cluster(cluster, among: clusters),
      label: try section["label"].map(label) ?? "mesos",
      // RFC 2181 section 8: the uppermost bit of a TTL is not used.
      ttl: try section["ttl"]?.integer(in: 0...2_147_483_647) ?? 60,
      allow: try safeguards(section["allow"]))
    return (alias, name)
  }

  private static func cluster(
    _ node: ConfigurationNode, among known: [String]
  ) throws(ConfigurationError) -> String {
    let name = try node.text("the name of one of the clusters")
    guard known.contains(name) else {
      throw known.isEmpty
        ? node.error(
          "there is no cluster '\(name)', as the list clusters is empty", remedy: "Write it there")
        : node.error(
          "there is no cluster '\(name)'", remedy: "Known are: \(known.joined(separator: ", "))")
    }
    return name
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
      throw node.error("'\(text)' is no single DNS label", remedy: "Write \(expected)")
    }
    return text
  }

  private static func safeguards(
    _ node: ConfigurationNode?
  ) throws(ConfigurationError) -> Set<Safeguard> {
    var allowed: Set<Safeguard> = []
    for entry in try node?.list("the safeguards to waive") ?? [] {
      allowed.insert(try entry.word(Safeguard.self, "safeguard"))
    }
    return allowed
  }
}
