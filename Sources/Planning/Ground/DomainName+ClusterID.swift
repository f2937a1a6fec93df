import DCOS
import DNSNames
import ReconcileModel

extension DomainName {
  /// The cluster that a name belongs to.
  var clusterID: ClusterID? {
    guard let label = clusterDomain?.labels.first else { return nil }
    return try? ClusterID(String(decoding: label, as: UTF8.self).lowercased())
  }
}
