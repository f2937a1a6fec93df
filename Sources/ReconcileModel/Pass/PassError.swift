package import DNSNames

/// Why a pass ended before it came to an outcome; what stood before stands.
package struct PassError: WordedError, Sendable {
  package let cause: String
  package let remedy: String?
  package let description: String
  /// Whether somebody changed a file after it was read: what they wrote stands, and a new pass may well
  /// succeed.
  package var isOutdated = false
  /// Whether the pass was told to stop before it had changed anything.
  package var isStop = false
  /// The zone that a checker refuses as it would be; the others may well be changed.
  package var refusedZone: DomainName?
  /// The chains as they stand all the same; nil where they were not probed.
  package var chains: [Chain]?
  /// Whether named answers all the same; nil where that is not known.
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
