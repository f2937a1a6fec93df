package import DNSNames

/// Something in named's configuration that keeps named from forwarding the names of a cluster, or a client
/// from the answers.
package struct ForwardingObstacle: Hashable, Sendable {
  package enum Kind: Hashable, Sendable {
    /// named has a zone above the cluster's, and answers from it.
    case zoneAbove(DomainName)
    /// named has a zone below the cluster's, which takes its names.
    case zoneBelow(DomainName)
    /// named sends the masters no question.
    case blackhole
    case bogusServer
    /// named signs what it sends to the masters.
    case signedServer
    /// A response policy zone puts other answers in place of the masters'.
    case policyZone(DomainName)
    /// named rejects answers with such addresses, or with aliases to such names, as forged.
    case deniedAddresses
    case deniedAliases
    /// named drops what is too much for one client.
    case rateLimit
    case recursion
    /// An access list leaves out the host that asks.
    case accessList
    case validation
  }

  /// How much it proves by itself, before named was asked.
  package enum Weight: Hashable, Sendable {
    /// The cluster's names do not resolve.
    case certain
    /// They do not resolve, unless something outside the configuration allows it.
    case likely
    /// They resolve as long as other masters answer, or some of them do.
    case partial
    /// It matters only if an answer is missing.
    case possible
  }

  package let kind: Kind
  package let weight: Weight
  /// As `file:line`.
  package let location: String
  /// What is wrong, once it is certain.
  package let cause: String
  /// What may be wrong, where nothing proves it.
  package let suspicion: String
  package let remedy: String

  init(
    _ kind: Kind, _ weight: Weight, at location: String, _ cause: String, suspicion: String? = nil,
    remedy: String
  ) {
    self.kind = kind
    self.weight = weight
    self.location = location
    self.cause = cause
    self.suspicion = suspicion ?? cause
    self.remedy = remedy
  }
}
