import DNSNames
import Named
import ReconcileModel
import SystemPackage

/// The section `metrics`: where the agent's state is published.
struct MetricsConfiguration: Hashable, Sendable {
  /// The port if none is written.
  static let port: UInt16 = 9953

  /// Where the agent answers HTTP; nil for nowhere.
  var listen: Endpoint?
  /// The names and addresses under which it is reached besides those of this host.
  var hostNames: [RequestedHost] = []
  /// The file that a node_exporter on this host reads; nil for none.
  var textfile: FilePath?

  /// What the operator should read at each start.
  var note: ConfigurationNote? {
    guard let listen, !listen.isLoopback else { return nil }
    return ConfigurationNote(
      """
      metrics.listen: anybody who can reach \(listen) can read the state of the clusters and zones there, without a \
      login
      """, remedy: "Restrict access with a firewall, or listen on 127.0.0.1")
  }

  static let keys = ["listen", "host-names", "textfile"]

  static func read(_ node: ConfigurationNode) -> MetricsConfiguration {
    let section = ConfigurationSection(node, keys: keys)
    return MetricsConfiguration(
      listen: section.value("listen") { try $0.listener() },
      hostNames: section.value("host-names") { try $0.hostNames() } ?? [],
      textfile: section.value("textfile") { try $0.textfile() })
  }
}

extension Endpoint {
  /// Whether it can be reached from this host alone (RFC 1122 section 3.2.1.3, RFC 4291 section 2.5.3).
  fileprivate var isLoopback: Bool { host.hasPrefix("127.") || host == "::1" }
}

extension ConfigurationNode {
  fileprivate func listener() throws(ConfigurationError) -> Endpoint {
    let expected = "the address and port to listen on, as in 127.0.0.1:\(MetricsConfiguration.port)"
    let text = try text(expected)
    let endpoint: Endpoint
    do {
      endpoint = try Endpoint(text, defaultPort: MetricsConfiguration.port)
    } catch let reason {
      throw error("\(reason)", remedy: "Write \(expected)")
    }
    guard endpoint.port > 0 else {
      throw error(
        "port 0 would be another port at each start", remedy: "Write \(expected)"
      )
    }
    return endpoint
  }

  fileprivate func hostNames() throws(ConfigurationError) -> [RequestedHost] {
    let expected = "a host's name or address without a port, as in ns1.contoso.com"
    return try nonEmptyList(expected) { entry in
      let text = try entry.text(expected)
      // An IPv6 address has brackets in a request, and none here.
      let isAddress = (try? IPAddress(text)) != nil
      guard let host = RequestedHost(text.contains(":") && isAddress ? "[\(text)]" : text),
        isAddress || !text.contains(":")
      else {
        throw entry.error("'\(text)' is not a host's name or address", remedy: "Write \(expected)")
      }
      return host
    }
  }

  fileprivate func textfile() throws(ConfigurationError) -> FilePath {
    let path = try path()
    // node_exporter reads the files of its directory that end so, and no others.
    guard path.extension == "prom" else {
      throw error(
        "node_exporter reads files that end in .prom only",
        remedy: "Write a name like \(path.string).prom")
    }
    return path
  }
}
