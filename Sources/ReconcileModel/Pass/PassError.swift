package import DNSNames

/// Why a pass ended before it had an outcome; nothing has changed.
package struct PassError: WordedError, Sendable {
  package let cause: String
  package let remedy: String?
  package let description: String
  /// Whether somebody changed a file after it was read: what they wrote stands, and a new pass may well
  /// succeed.
  package var isOutdated = false
  /// Whether the pass was told to stop before it had changed anything.
  package var isStop = false
  /// The zone that a checker refuses with the plan's changes; the others may well be changed.
  package var refusedZone: DomainName?
  /// The present chains; nil if they were not probed.
  package var chains: [Chain]?
  /// Whether named answers; nil if that is not known.
  package var isNamedUp: Bool?

  package init(cause: String, remedy: String?, description: String) {
    self.cause = cause
    self.remedy = remedy
    self.description = description
  }

  /// A pass that has to stop changes nothing, as long as it has replaced no file.
  package static var stopped: PassError {
    var error = PassError("stopped before anything was changed")
    error.isStop = true
    return error
  }
}
