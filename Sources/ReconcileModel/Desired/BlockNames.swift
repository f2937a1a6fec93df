/// The names of managed blocks that are neither a cluster's nor an alias's.
package enum BlockNames {
  /// The block with the clusters' exceptions from DNSSEC validation; a cluster's name has no blank.
  package static let exemption = "dnssec validate-except"
}
