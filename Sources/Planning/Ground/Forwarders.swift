import BINDText
import DCOS
package import DNSNames
package import ReconcileModel

// Whom named asks for a cluster's names: what is configured or learnt, and what stands in named.conf.

extension Cluster {
  /// The configured forwarders, or else the masters themselves.
  package func forwarders(of masters: [IPAddress]) -> [IPAddress] { forwarders ?? masters }
}

extension ActualState {
  /// The forwarders of the installed forward zone for a cluster's ID, in any view.
  func standingForwarders(of id: ClusterID) -> [Forwarder] {
    zones.lazy.filter { $0.clusterID == id }.map(\.forwarders).first { !$0.isEmpty } ?? []
  }
}

extension Zone {
  /// The forwarders in a forward zone's statement; empty for other zones, and if it names none.
  package var forwarders: [Forwarder] {
    guard clauses.type == .forward,
      let entries = source.outline.settings("forwarders", in: statement.body).last
    else { return [] }
    return [Forwarder](entries: entries)
  }
}

extension [Forwarder] {
  /// The forwarders in the entries of a `forwarders` clause.
  init(entries: [String]) {
    var port: UInt16 = 53
    var isPlain = true
    self = []
    for entry in entries {
      var words = entry.split(separator: " ")[...]
      // `forwarders port 5353 { … }`: the words before the brace apply to all.
      while let word = words.first, (try? IPAddress(word)) == nil {
        let value = words.dropFirst().first
        if word == "port" { port = value.flatMap { UInt16($0) } ?? port }
        if word == "tls" { isPlain = false }
        words = words.dropFirst(2)
      }
      guard let word = words.first, let address = try? IPAddress(word) else { continue }
      // We cannot ask a forwarder that takes questions over TLS only.
      guard isPlain, !words.contains("tls") else { continue }
      let own = words.firstIndex(of: "port").flatMap { words[($0 + 1)...].first }
      append(Forwarder(address, port: own.flatMap { UInt16($0) } ?? port))
    }
  }
}
