package import DNSNames
package import SystemPackage

/// Why a DNS UPDATE changed nothing.
package enum UpdateError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A prerequisite does not hold: the zone is not what it was when it was looked at.
  case prerequisite(ResponseCode)
  /// named does not let this key change these names, or the zone is frozen.
  case refused(key: FilePath)
  /// named does not know the key, or has another secret under its name.
  case keyRejected(key: FilePath, reason: String)
  /// The clocks differ by more than the signature allows (RFC 8945 section 5.2.3).
  case clock(key: FilePath)
  /// The key file could not be read, or holds no key.
  case unreadableKey(FilePath, reason: String)
  /// named is not the zone's primary, in the view that this host sees.
  case notAuthoritative
  /// No answer came.
  case unanswered(Endpoint, reason: String)
  /// named answered something else, in nsupdate's words.
  case failed(words: String)
  /// nsupdate could not be run.
  case tool(ToolError)

  /// What is wrong.
  package var cause: String {
    switch self {
    case .prerequisite(let code): "somebody else changed the zone at the same moment (\(code))"
    case .refused: "named refused the update"
    case .keyRejected(let key, let reason): "named does not accept the key in \(key) (\(reason))"
    case .clock(let key):
      "named does not accept the signature with the key in \(key): the clocks of the two differ"
    case .unreadableKey(let key, let reason): "there is no usable TSIG key in \(key) (\(reason))"
    case .notAuthoritative:
      "named says that it is not the primary of the zone in the view that answers this host"
    case .unanswered(let server, let reason): "\(server) gave no answer: \(reason)"
    case .failed(let words): "named did not make the update: \(words)"
    case .tool(let error): error.cause
    }
  }

  /// What helps; nil where nothing is known to.
  package var remedy: String? {
    switch self {
    case .prerequisite: "the next pass checks it again"
    case .refused(let key):
      """
      its allow-update or update-policy does not let the key in \(key) change these names, or takes no \
      update from this host
      """
    case .keyRejected: "named has no key of that name, or one with another secret or algorithm"
    case .unreadableKey: "tsig-keygen makes one"
    case .clock, .notAuthoritative, .unanswered, .failed: nil
    case .tool(let error): error.remedy
    }
  }

  package var description: String {
    let link = if case .prerequisite = self { "; " } else { ": " }
    return cause + (remedy.map { link + $0 } ?? "")
  }
}

extension UpdateError {
  /// Reads what nsupdate says when it fails.
  init(output: String, key: FilePath, server: Endpoint) {
    let lines = output.split(separator: "\n").map(String.init)
    func words(after prefix: String) -> String? {
      lines.first { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
    }
    // First of all: without its key nsupdate goes on, and sends the message unsigned.
    if let reason = words(after: "could not read key from ") {
      let detail = reason.split(separator: ": ").last.map(String.init) ?? reason
      self = .unreadableKey(key, reason: detail)
    } else if let result = words(after: "update failed: ") {
      switch result {
      case "YXDOMAIN": self = .prerequisite(.nameExists)
      case "YXRRSET": self = .prerequisite(.rrsetExists)
      case "NXRRSET": self = .prerequisite(.rrsetMissing)
      case "NXDOMAIN": self = .prerequisite(.nameError)
      case "REFUSED": self = .refused(key: key)
      case "NOTAUTH": self = .notAuthoritative
      case "NOTAUTH(BADTIME)": self = .clock(key: key)
      case "NOTAUTH(BADKEY)", "NOTAUTH(BADSIG)", "NOTAUTH(BADTRUNC)":
        self = .keyRejected(key: key, reason: String(result.dropFirst(8).dropLast()))
      default: self = .failed(words: result)
      }
    } else if let line = lines.first(where: { $0.hasPrefix("; Communication with ") }),
      let reason = line.firstRange(of: "failed: ")
    {
      // So nsupdate calls it when a connection over TCP is refused.
      let words = String(line[reason.upperBound...])
      let isRefused = words == "operation canceled"
      self = .unanswered(server, reason: isRefused ? "connection refused" : words)
    } else {
      self = .failed(words: lines.map(\.withoutQuotation).joined(separator: "; "))
    }
  }
}
