import DCOS
import ReconcileModel

/// When the certificates of the masters that answered over HTTPS expire.
enum CertificateProbe {
  /// In seconds since 1970.
  static func look(at facts: DiagnosisFacts) async -> [MasterEndpoint: Int64] {
    let masters = facts.observations.values.flatMap { observation -> [MasterEndpoint] in
      guard case .observed(let round) = observation else { return [] }
      return round.reports.map(\.master).filter { $0.scheme == .https }
    }
    let ends = await concurrentMap(masters, atMost: 32) { master in
      await CertificateInspection.end(of: master).map { (master, $0) }
    }
    return Dictionary(ends.compactMap(\.self)) { $1 }
  }
}
