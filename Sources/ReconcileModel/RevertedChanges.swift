/// A change that was put back: named did not serve it, or an operator did not want it.
///
/// It is held, and not made again in each pass.
package struct RevertedChange: Hashable, Sendable {
  /// What the change is of.
  package enum Subject: Hashable, Sendable, CustomStringConvertible {
    /// A cluster's forward zone.
    case cluster(String)
    /// An alias, by its owner name without the final dot.
    case alias(String)
    /// The statement of a zone that zonebridge made.
    case zone(String)
    /// The clusters' exception from DNSSEC validation.
    case exemption

    package var description: String {
      switch self {
      case .cluster(let name): "cluster \(name)"
      case .alias(let name): "alias \(name)"
      case .zone(let name): "zone \(name)"
      case .exemption: BlockNames.exemption
      }
    }

    /// Reads what ``description`` writes.
    package init?(_ description: String) {
      if description == BlockNames.exemption {
        self = .exemption
      } else if let blank = description.firstIndex(of: " ") {
        let name = description[description.index(after: blank)...]
        self.init(kind: description[..<blank], name: String(name))
      } else {
        return nil
      }
    }
  }

  package var subject: Subject
  /// The digest of what was to be written; nil where nothing is to be written for the subject at all.
  package var digest: String?
  /// The digest of what the operator has around it: what fails may well succeed once he has changed
  /// something.
  package var fingerprint: String
  /// How often it was tried.
  package var attempts: Int
  /// When it was put back, in seconds since 1970.
  package var time: Int64
  package var reason: String

  package init(
    subject: Subject, digest: String? = nil, fingerprint: String, attempts: Int, time: Int64,
    reason: String
  ) {
    self.subject = subject
    self.digest = digest
    self.fingerprint = fingerprint
    self.attempts = attempts
    self.time = time
    self.reason = reason
  }

  /// When it is tried again, in seconds since 1970; nil if an operator has to let it through.
  package var nextAttempt: Int64? {
    guard digest != nil else { return nil }
    // A minute, then twice as long each time, up to six hours.
    return time + min(60 << Int64(min(max(attempts, 1) - 1, 16)), 6 * 3600)
  }
}

/// The changes that were put back and are not made again at once.
package struct RevertedChanges: Hashable, Sendable {
  package private(set) var bySubject: [RevertedChange.Subject: RevertedChange] = [:]

  package init() {}

  package var all: [RevertedChange] {
    bySubject.values.sorted { $0.subject.description < $1.subject.description }
  }

  package subscript(_ subject: RevertedChange.Subject) -> RevertedChange? {
    get { bySubject[subject] }
    set { bySubject[subject] = newValue }
  }

  /// Takes down that a change was put back once more.
  package mutating func note(
    _ subject: RevertedChange.Subject, digest: String?, fingerprint: String, reason: String,
    at time: Int64
  ) {
    let earlier = self[subject].flatMap { $0.digest == digest ? $0.attempts : nil } ?? 0
    self[subject] = RevertedChange(
      subject: subject, digest: digest, fingerprint: fingerprint, attempts: earlier + 1,
      time: time, reason: reason)
  }
}

extension RevertedChange.Subject {
  package var words: (kind: String, name: String) {
    switch self {
    case .cluster(let name): ("cluster", name)
    case .alias(let name): ("alias", name)
    case .zone(let name): ("zone", name)
    case .exemption: ("exemption", "-")
    }
  }

  package init?(kind: Substring, name: String) {
    switch kind {
    case "cluster": self = .cluster(name)
    case "alias": self = .alias(name)
    case "zone": self = .zone(name)
    case "exemption": self = .exemption
    default: return nil
    }
  }
}
