package import DNSNames

/// Why a command to named had no success.
package enum RemoteControlError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Nothing listens where named should: it is down, or its control channel is elsewhere.
  case connectionRefused(String)
  /// named's host cannot be reached, or not from here.
  case unreachable(String)
  /// named broke the connection off instead of answering: another key, or a client that
  /// `controls` does not allow.
  case notAuthorized(String)
  /// rndc found no usable configuration or key.
  case unusableSettings(String)
  /// No answer came in time.
  case timedOut(command: String, after: Duration)
  /// named has no such zone in its configuration (forward zones are never found).
  case noSuchZone(DomainName)
  /// named has no such view.
  case noSuchView(String)
  /// The zone is configured, and named could not load it.
  case zoneNotLoaded(DomainName)
  /// named carried the command out and failed, or refused it, in these words.
  case failed(command: String, words: String)
  /// rndc could not be run.
  case tool(ToolError)

  /// What is wrong.
  package var cause: String {
    switch self {
    case .connectionRefused(let words): "named's control channel refused the connection (\(words))"
    case .unreachable(let words): "named's control channel cannot be reached (\(words))"
    case .notAuthorized(let words):
      "named closed its control channel without an answer (\(words))"
    case .unusableSettings(let words): "rndc has no usable configuration or key (\(words))"
    case .timedOut(let command, let limit): "named did not answer `rndc \(command)` within \(limit)"
    case .noSuchZone(let zone): "named has no zone \(zone.withoutTrailingDot)"
    case .noSuchView(let view): "named has no view \(view)"
    case .zoneNotLoaded(let zone): "named has not loaded zone \(zone.withoutTrailingDot)"
    case .failed(let command, let words): "named answered `rndc \(command)` with: \(words)"
    case .tool(let error): error.cause
    }
  }

  /// What helps; nil where nothing is known to.
  package var remedy: String? {
    switch self {
    case .connectionRefused:
      """
      named is not running, or its `controls` statement names another address or port: systemctl status \
      named
      """
    case .notAuthorized:
      """
      the key is not the one that its `controls` statement names, this host is not allowed there, or the clocks \
      differ. Compare named's key with the one in bind.rndc, or in rndc.conf or rndc.key beside named.conf
      """
    case .unusableSettings: "see rndc.conf(5), or make a key with rndc-confgen -a"
    case .timedOut: "it hangs, or something else listens on its control port"
    case .zoneNotLoaded: "its log says why"
    case .unreachable, .noSuchZone, .noSuchView, .failed: nil
    case .tool(let error): error.remedy
    }
  }

  package var description: String { cause + (remedy.map { ": \($0)" } ?? "") }
}

extension RemoteControlError {
  /// Reads what rndc says when it fails: a line of its own making for trouble on the way, or
  /// `'command' failed: result` with named's words on the lines after it.
  init(command: String, zone: DomainName?, view: String?, output: String) {
    let lines = output.split(separator: "\n").map(String.init)
    let words = lines.map { $0.hasPrefix("rndc: ") ? String($0.dropFirst(6)) : $0 }
      .joined(separator: "; ")
    let lowered = words.lowercased()
    if let range = lowered.firstRange(of: "' failed: ") {
      let result = lowered[range.upperBound...]
      if result.hasPrefix("not found"), let view, lowered.contains("no matching view") {
        self = .noSuchView(view)
      } else if result.hasPrefix("not found"), let zone, lowered.contains("no matching zone") {
        self = .noSuchZone(zone)
      } else if result.hasPrefix("zone not loaded"), let zone {
        self = .zoneNotLoaded(zone)
      } else {
        let start = words.firstRange(of: "' failed: ")?.upperBound ?? words.startIndex
        self = .failed(command: command, words: String(words[start...]))
      }
    } else if lowered.contains("connection refused") {
      self = .connectionRefused(words)
    } else if lowered.contains("connection to remote host closed")
      || lowered.contains("bad auth") || lowered.contains("connection reset")
    {
      self = .notAuthorized(lines.first.map { $0.replacingPrefix("rndc: ") } ?? words)
    } else if lowered.contains("connect failed") || lowered.contains("unreachable")
      || lowered.contains("couldn't get address")
    {
      self = .unreachable(words)
    } else {
      self = .unusableSettings(
        lines.map { $0.replacingPrefix("rndc: ").withoutQuotation }.joined(separator: "; "))
    }
  }
}

extension String {
  fileprivate func replacingPrefix(_ prefix: String) -> String {
    hasPrefix(prefix) ? String(dropFirst(prefix.count)) : self
  }
}
