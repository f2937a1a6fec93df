import BINDText
import DCOS
package import DNSNames
package import ReconcileModel

// Whom named asks for a cluster's names: what is configured or learnt, and what stands in named.conf.

extension Cluster {
  /// What the configuration says, and else the masters themselves.
  package func forwarders(of masters: [IPAddress]) -> [IPAddress] { forwarders ?? masters }
}

extension ActualState {
  /// What a forward zone that stands for a cluster's ID says, in whatever view.
  func standingForwarders(of id: ClusterID) -> [Forwarder] {
    zones.lazy.filter { $0.clusterID == id }.map(\.forwarders).first { !$0.isEmpty } ?? []
  }
}

extension Zone {
  /// What a forward zone's statement says that named asks; empty for other zones, and where it names none.
  package var forwarders: [Forwarder] {
    guard clauses.type == .forward,
      let entries = source.outline.settings("forwarders", in: statement.body).last
    else { return [] }
    return [Forwarder](entries: entries)
  }
}

extension [Forwarder] {
  /// What the entries of a `forwarders` clause say.
  init(entries: [String]) {
    var port: UInt16 = 53
    var isPlain = true
    self = []
    for entry in entries {
      var words = entry.split(separator: " ")[...]
      // `forwarders port 5353 { … }`: what stands before the brace holds for all.
      while let word = words.first, (try? IPAddress(word)) == nil {
        let value = words.dropFirst().first
        if word == "port" { port = value.flatMap { UInt16($0) } ?? port }
        if word == "tls" { isPlain = false }
        words = words.dropFirst(2)
      }
      guard let word = words.first, let address = try? IPAddress(word) else { continue }
      // What is asked over TLS alone cannot be asked by us.
      guard isPlain, !words.contains("tls") else { continue }
      let own = words.firstIndex(of: "port").flatMap { words[($0 + 1)...].first }
      append(Forwarder(address, port: own.flatMap { UInt16($0) } ?? port))
    }
  }
}
