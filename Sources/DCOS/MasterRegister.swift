/// What is known of each master from round to round: what it said last, and how often it is asked.
struct MasterRegister: Sendable {
  /// How many questions may be on their way to one master.
  ///
  /// Each round asks a new one, so a recovered master is heard at once, however long earlier questions hang.
  static let mostQuestions = 3

  private struct Entry: Sendable {
    var patience = MasterPatience()
    var report: MasterReport?
    /// The question to which that is the answer.
    var answered = 0
    /// Whether a round has had it already.
    var isUsed = false
    var newest = 0
    var open: Set<Int> = []
  }

  private var entries: [MasterEndpoint: Entry] = [:]
  private var last = 0

  /// Of how many masters something is known.
  var count: Int { entries.count }

  /// Whether a master is asked only if the others do not agree.
  func isShelved(_ master: MasterEndpoint, at now: ContinuousClock.Instant) -> Bool {
    entries[master]?.patience.isShelved(at: now) ?? false
  }

  /// Begins a question.
  ///
  /// - Parameter master: who is asked.
  /// - Returns: its number; nil if there are too many on their way already.
  mutating func begin(_ master: MasterEndpoint) -> Int? {
    guard entries[master]?.open.count ?? 0 < Self.mostQuestions else { return nil }
    last += 1
    entries[master, default: Entry()].open.insert(last)
    entries[master]?.newest = last
    return last
  }

  /// Ends a question.
  ///
  /// - Parameters:
  ///   - question: its number.
  ///   - master: who was asked.
  ///   - report: what it said; nil for a question that was called off.
  ///   - now: when.
  /// - Returns: whether the round that goes on has it for an answer. That a question of an earlier round has
  ///   failed tells nothing of the one that is on its way.
  mutating func end(
    _ question: Int, of master: MasterEndpoint, _ report: MasterReport?,
    at now: ContinuousClock.Instant
  ) -> Bool {
    guard var entry = entries[master] else { return false }
    defer { entries[master] = entry }
    entry.open.remove(question)
    // A question that was put later has been answered before.
    guard let report, question > entry.answered else { return false }
    entry.report = report
    entry.answered = question
    entry.isUsed = false
    entry.patience.note(report, at: now)
    return !report.isSilent || question == entry.newest
  }

  /// What a master said last, for a round.
  ///
  /// - Parameter master: which one.
  /// - Returns: its words, and whether a round before has had them too; nil if it has said nothing yet.
  mutating func use(_ master: MasterEndpoint) -> (report: MasterReport, isRepeated: Bool)? {
    guard let entry = entries[master], let report = entry.report else { return nil }
    entries[master]?.isUsed = true
    return (report, entry.isUsed)
  }

  /// Forgets all other masters: a liar may keep naming new ones.
  mutating func forget(allBut masters: [MasterEndpoint]) {
    let kept = Set(masters)
    entries = entries.filter { kept.contains($0.key) }
  }
}
