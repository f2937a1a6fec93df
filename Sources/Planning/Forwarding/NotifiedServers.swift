import BINDText
import DNSNames
package import ReconcileModel

extension ActualState {
  /// The addresses to which named sends a NOTIFY for a zone besides its NS records.
  ///
  /// They are those of `also-notify` of the zone, of its view or of `options`, the first that is there; lists that it
  /// takes by name are left out.
  package func notifiedServers(of zone: Zone) -> [Forwarder] {
    let own = zone.source.outline.clauses("also-notify", in: zone.statement.body).last
    guard let clause = own ?? tree.setting("also-notify", in: zone.view)?.clause else { return [] }
    let port = clause.port ?? 53
    return clause.list.compactMap { entry in
      guard let word = entry.words.first, let address = try? IPAddress(word) else { return nil }
      return Forwarder(address, port: entry.port ?? port)
    }
  }
}

extension Clause {
  /// The number behind `port`.
  fileprivate var port: UInt16? {
    zip(words, words.dropFirst()).first { $0.0.lowercased() == "port" }.flatMap { UInt16($0.1) }
  }
}
