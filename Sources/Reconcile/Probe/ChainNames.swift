import DNSNames
import ReconcileModel

/// The names by which a chain is probed.
struct ChainNames: Hashable, Sendable {
  /// The alias; of a wildcard a name that only the wildcard answers for, since a resolver would ask for the
  /// asterisk as for any other label (RFC 4592 section 2.1).
  var owner: DomainName
  /// Where the names of the cluster's zone begin.
  var base: DomainName
  /// A name that nobody has asked for before, so that no cache has an answer.
  var fresh: DomainName
  /// The name with an address, through the alias and at the master; nil where it would be too long.
  var alias: DomainName?
  var probe: DomainName?

  /// - Parameters:
  ///   - question: What is to be probed.
  ///   - label: A label that nobody has used before.
  init(_ question: ChainQuestion, label: String) {
    let below = question.target == question.target.clusterDomain
    // The cluster's domain itself is answered by the cluster's own resolvers, and tells nothing.
    let prefix = below ? "mesos." : ""
    let wildcard = question.owner.labels.first == [UInt8(ascii: "*")]
    owner =
      wildcard
      ? question.owner.parent.flatMap { try? DomainName("\(label).\($0)") } ?? question.owner
      : question.owner
    base = (try? DomainName("\(prefix)\(question.target)")) ?? question.target
    fresh = (try? DomainName("\(label).\(base)")) ?? base
    alias = try? DomainName("\(question.probe).\(prefix)\(owner)")
    probe = try? DomainName("\(question.probe).\(base)")
  }
}
