/// How an alias follows the health of its clusters: slow to leave one, slower to return.
package struct Failover: Hashable, Sendable {
  /// The clusters that it may lead to, the preferred one first; at least two.
  package var clusters: [String]
  /// How long the cluster that it leads to has to be ill before it leaves, in seconds.
  package var after: Int64
  /// After how many seconds of unbroken health it returns to a preferred cluster; nil for never by itself.
  package var back: Int64?

  package static let defaultAfter: Int64 = 120

  package init(_ clusters: [String], after: Int64 = defaultAfter, back: Int64? = nil) {
    self.clusters = clusters
    self.after = after
    self.back = back
  }
}
