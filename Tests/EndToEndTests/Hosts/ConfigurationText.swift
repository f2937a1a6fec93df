import DCOSSimulator
import SystemPackage
import TestSupport

/// Sections of a configuration for a named and clusters that run.
enum ConfigurationText {
  /// How named is reached, with more keys.
  static func bind(_ named: RunningNamed, rndc: FilePath? = nil, _ keys: String...) -> String {
    """
    bind:
      named-conf: \(named.namedConf)
      zones-in: \(named.namedConfLocal)
      query: "127.0.0.1:\(named.queryPort)"
      rndc: { config: \(rndc ?? named.rndcConf) }
    \(keys.map { "  \($0)\n" }.joined())
    """
  }

  /// A cluster in the list, by its masters, with more keys.
  static func cluster(
    _ name: String, _ cluster: SimulatedCluster, _ keys: String...
  ) async -> String {
    let port = await cluster.httpPort
    let urls = await cluster.masters.map { "\"http://\($0):\(port)\"" }.joined(separator: ", ")
    let fields = [
      "name: \(name)", "masters: [\(urls)]", "dns-port: \(await cluster.dnsPort)",
    ]
    return "  - { \((fields + keys).joined(separator: ", ")) }\n"
  }
}
