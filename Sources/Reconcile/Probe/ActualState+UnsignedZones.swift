import BINDText
import DNSNames
import Named
import ReconcileModel

extension ActualState {
  /// The zones outside of views that named does not sign, neither now nor by what named.conf says.
  var unsignedZones: Set<DomainName> {
    Set(
      zones.filter { zone in
        guard let status = zone.status else { return false }
        return zone.view == nil && status.signedSerial == nil && !zone.clauses.isSigned
      }.map(\.name))
  }
}

extension ZoneClauses {
  /// Whether named signs the zone, so that it serves another serial than that of the file.
  fileprivate var isSigned: Bool {
    hasInlineSigning == true || dnssecPolicy.map { $0 != "none" } ?? false
  }
}
