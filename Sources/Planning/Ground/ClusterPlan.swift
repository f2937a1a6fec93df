import DCOS
import DNSNames
import ReconcileModel

/// The plan for the clusters' forward zones, and so where their aliases lead.
struct ClusterPlan {
  /// The ID that each cluster's aliases lead to; absent where the aliases stay as they are.
  var targets: [String: ClusterID] = [:]
  /// The addresses that each believed cluster's forward zone should have.
  var forwarders: [String: [IPAddress]] = [:]
  /// The clusters about which something is believed.
  var believed: Set<String> = []
  /// The clusters whose forward zone is ours, or becomes so.
  var managed: Set<String> = []
  /// The clusters whose block is written by this plan.
  var changed: Set<String> = []
  /// The lines of each managed cluster's own forward zone.
  var bodies: [String: [String]] = [:]
  /// The first cluster whose aliases lead to each ID.
  var takers: [ClusterID: Cluster] = [:]
  /// The clusters whose block has the ID that their masters tell, by that ID.
  var holders: [ClusterID: Cluster] = [:]
  /// What DNAMEs can rely on once the clusters' changes are made.
  var standing: Set<Requirement> = []

  /// Where an alias's DNAME leads; nil while its cluster has not been seen, or not been accepted.
  func target(of alias: Alias) -> DomainName? {
    guard let id = targets[alias.cluster] else { return nil }
    return try? Recipe.target(label: alias.label, id: id)
  }

  /// The forward zones that an alias's DNAME leads into, in the views that have it.
  func needs(of alias: Alias, in views: [String?]) -> Set<Requirement> {
    guard let id = targets[alias.cluster] else { return [] }
    return Set(views.map { .forwardZone(id, view: $0) })
  }
}
