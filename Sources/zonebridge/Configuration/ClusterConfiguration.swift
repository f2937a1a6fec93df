import DCOS
import DNSNames
import ReconcileModel

/// An entry of the list `clusters`.
enum ClusterConfiguration {
  static let keys =
    [
      "name", "masters", "static", "ca-certificate", "certificate-sha256", "cluster-id",
      "follow-id",
      "insecure", "forwarders", "dns-port", "settle-time", "probe",
    ] + CredentialsConfiguration.keys

  /// Reads a cluster, with the place of its name; nil if it cannot be read.
  static func read(
    _ node: ConfigurationNode
  ) -> (cluster: Cluster, name: ConfigurationNode)? {
    let section = ConfigurationSection(node, keys: keys)
    let name = section.required("name", "a name for the cluster, as in prod", Self.name)
    let followsID = section.value("follow-id") { try $0.boolean() } ?? false
    let login = node.mistakes.noting(node) { _ in try CredentialsConfiguration.read(in: section) }
    let source = node.mistakes.noting(node) { _ in
      try self.source(section, login: login ?? nil, followsID: followsID)
    }
    let pinnedID = section.value("cluster-id") { try $0.clusterID() }
    let settleTime = section.value("settle-time") { try $0.time().components.seconds } ?? 900
    let forwarders = section.value("forwarders") {
      try $0.nonEmptyList("the IP addresses of the forwarders", read: address)
    }
    let port = section.value("dns-port") { try $0.port() } ?? 53
    let probe = section.value("probe") {
      try $0.relativeName("a name in the cluster, as in web.marathon")
    }
    guard let name, let place = section["name"] else { return nil }
    // Of a cluster without masters the name is still known to the aliases.
    return (
      Cluster(
        name: name, source: (source ?? nil) ?? .polled(masters: [], trust: .system),
        credentials: (login ?? nil)?.credentials ?? .none, pinnedID: pinnedID, followsID: followsID,
        settleTime: settleTime, forwarders: forwarders, dnsPort: port,
        probe: probe ?? Cluster.defaultProbe), place
    )
  }

  /// The name stands in the managed blocks' markers, so that it cannot have blanks.
  private static func name(_ node: ConfigurationNode) throws(ConfigurationError) -> String {
    let expected = "letters, digits and . _ - with a letter or digit first"
    let text = try node.text(expected)
    let isName =
      text.utf8.allSatisfy { isLetterOrDigit($0) || "._-".utf8.contains($0) }
      && text.utf8.first.map(isLetterOrDigit) == true
    guard isName else {
      throw node.error("'\(text)' cannot name a cluster", remedy: "Write \(expected)")
    }
    return text
  }

  private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: false
    }
  }

  private static func source(
    _ section: ConfigurationSection, login: CredentialsConfiguration?, followsID: Bool
  ) throws(ConfigurationError) -> Cluster.Source? {
    switch (section["masters"], section["static"]) {
    case (nil, nil):
      section.note(
        section.node.error(
          "the cluster has neither masters nor static",
          remedy: """
            Add masters: [https://10.0.6.68] to have its masters asked, or static: with cluster-id and \
            masters
            """))
      return nil
    case (_?, let fixed?):
      throw fixed.error(
        "masters and static cannot be used together", remedy: "Remove one of the two")
    case (let masters?, nil):
      let trust = try TrustConfiguration.read(in: section)
      return .polled(
        masters: try masters.nonEmptyList("the masters, as in https://10.0.6.68") {
          entry in
          let master = try master(entry)
          try TrustConfiguration.check(master, at: entry, trust, login)
          return master
        },
        trust: trust)
    case (nil, let fixed?):
      let polling = ["ca-certificate", "certificate-sha256", "cluster-id"]
      for key in polling + CredentialsConfiguration.keys {
        if let node = section[key] { throw idle(node) }
      }
      if let node = section["insecure"], try node.boolean() { throw idle(node) }
      if followsID, let node = section["follow-id"] { throw idle(node) }
      return view(fixed).map(Cluster.Source.fixed)
    }
  }

  private static func idle(_ node: ConfigurationNode) -> ConfigurationError {
    node.error("has no effect together with static, which asks no master", remedy: "Remove it")
  }

  private static func view(_ node: ConfigurationNode) -> ClusterView? {
    let section = ConfigurationSection(node, keys: ["cluster-id", "masters"])
    let id = section.required("cluster-id", "the cluster's ID") { try $0.clusterID() }
    let masters = section.required("masters", "the masters' IP addresses") {
      try $0.nonEmptyList("the masters' IP addresses", read: address)
    }
    guard let id, let masters else { return nil }
    return ClusterView(id: id, masters: masters)
  }

  private static func master(_ node: ConfigurationNode) throws(ConfigurationError) -> MasterEndpoint
  {
    let text = try node.text("a master's URL, as in https://10.0.6.68")
    do {
      return try MasterEndpoint(text)
    } catch let reason {
      throw node.error("\(reason)", remedy: remedy(for: reason))
    }
  }

  private static func remedy(for error: MasterEndpointError) -> String {
    let url = error.url
    return switch error.reason {
    case .noScheme: "Write https://\(url), or http://\(url) for DC/OS Open without TLS"
    case .unbracketedIPv6: "Put the address in brackets, as in https://[2001:db8::68]"
    case .path, .userInformation: "Write https://, the master's address and, if need be, its port"
    case .port: "Write the port after the address, as in https://10.0.6.68:8443"
    case .foreignScheme, .host: "Write a master's URL, as in https://10.0.6.68"
    }
  }

  private static func address(_ node: ConfigurationNode) throws(ConfigurationError) -> IPAddress {
    try node.address()
  }
}
