/// Why one master's answer to one question counts for nothing, with cause and remedy.
///
/// Never a part of the answer to the key question: that answer carries the cluster's secret key.
package struct ObservationError: Error, Hashable, Sendable, CustomStringConvertible {
  package let master: MasterEndpoint
  package let resource: Resource
  package let reason: Reason
  /// Why the other source, asked instead, did not help either.
  package let fallback: Fallback?

  package struct Fallback: Hashable, Sendable {
    package let resource: Resource
    package let reason: Reason
  }

  package init(
    master: MasterEndpoint, resource: Resource, reason: Reason, fallback: Fallback? = nil
  ) {
    self.master = master
    self.resource = resource
    self.reason = reason
    self.fallback = fallback
  }

  /// What is wrong, and with what.
  package var cause: String { "\(master)\(resource.path): \(reason.cause)" }
  /// What helps; nil where nothing is known to.
  package var remedy: String? {
    // The leading Mesos master itself answers there, which knows no path of Admin Router's.
    if case .noSuchPath = reason, master.port == 5050 {
      return
        "port 5050 is Mesos itself: remove the port, so that zonebridge asks Admin Router on 80 or 443"
    }
    return reason.remedy
  }

  package var description: String {
    let text = cause + (remedy.map { ": \($0)" } ?? "")
    guard let fallback else {
      return text
    }
    return "\(text); \(fallback.resource.path) did not help either: \(fallback.reason)"
  }
}
