/// A change that was reverted: named did not serve it, or an operator did not want it.
///
/// It is held, and not applied again in each pass.
package struct RevertedChange: Hashable, Sendable {
  /// The subject of the change.
  package var subject: Subject
  /// The digest of the text to write; nil if there is nothing to write for the subject.
  package var digest: String?
  /// The digest of what the operator has around it: a failed change may well succeed once he has changed something.
  package var fingerprint: String
  /// How often it was tried.
  package var attempts: Int
  /// When it was reverted, in seconds since 1970.
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

  /// When it is tried again, in seconds since 1970; nil if an operator has to accept it.
  package var nextAttempt: Int64? {
    guard digest != nil else { return nil }
    // A minute, then twice as long each time, up to six hours.
    return time + min(60 << Int64(min(max(attempts, 1) - 1, 16)), 6 * 3600)
  }

  /// Whether it is due to be tried again; not by itself if an operator has to accept it.
  ///
  /// One from the future was reverted by a clock that has been set back since, and would wait for as long as that.
  package func isDue(at now: Int64) -> Bool {
    nextAttempt.map { $0 <= now || now < time } ?? false
  }
}

/// The changes that were reverted and are not applied again at once.
package struct RevertedChanges: Hashable, Sendable {
  package private(set) var bySubject: [Subject: RevertedChange] = [:]

  package init() {}

  package var all: [RevertedChange] {
    bySubject.values.sorted { $0.subject < $1.subject }
  }

  package subscript(_ subject: Subject) -> RevertedChange? {
    get { bySubject[subject] }
    set { bySubject[subject] = newValue }
  }

  /// Records that a change was reverted once more.
  package mutating func note(
    _ subject: Subject, digest: String?, fingerprint: String, reason: String,
    at time: Int64
  ) {
    let earlier = self[subject].flatMap { $0.digest == digest ? $0.attempts : nil } ?? 0
    self[subject] = RevertedChange(
      subject: subject, digest: digest, fingerprint: fingerprint, attempts: earlier + 1,
      time: time, reason: reason)
  }
}
