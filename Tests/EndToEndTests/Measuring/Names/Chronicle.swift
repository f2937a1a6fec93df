/// A time in milliseconds since 1970, as processes on one host share it.
typealias Milliseconds = Int64

/// What a thing was from when on.
struct Timeline<Value: Hashable> {
  private var entries: [(from: Milliseconds, value: Value)] = []

  mutating func set(_ value: Value, from time: Milliseconds) {
    entries.append((time, value))
  }

  /// All that it was in a span of time.
  func values(in span: ClosedRange<Milliseconds>) -> Set<Value> {
    var values: Set<Value> = []
    for (index, entry) in entries.enumerated() where entry.from <= span.upperBound {
      let end = index + 1 < entries.count ? entries[index + 1].from : .max
      if end >= span.lowerBound { values.insert(entry.value) }
    }
    return values
  }
}

/// What the operator and the world did to a host, and when: by it a failed answer is judged.
struct Chronicle {
  /// The ID that a master answers DNS for; nil while it answers nothing, or might not.
  var masters: [String: Timeline<String?>] = [:]
  /// While the configuration wanted a name, and had done so for some time.
  private var wanted: [String: [Range<Milliseconds>]] = [:]
  /// The forwarders that named.conf has for a cluster ID.
  var forwarders: [String: Timeline<Set<String>>] = [:]
  /// While named itself was stopped.
  var restarts: [ClosedRange<Milliseconds>] = []
  /// In words, for people.
  private(set) var story: [(time: Milliseconds, words: String)] = []

  /// The configuration wants a name from now on.
  ///
  /// - Parameters:
  ///   - owner: The name.
  ///   - time: When the configuration was written.
  ///   - grace: For how long it does not count yet: a pass may go by what the configuration was before, and a resolver
  ///     by what it has in its cache.
  mutating func want(_ owner: String, from time: Milliseconds, grace: Milliseconds) {
    let isNew = wanted[owner] == nil
    wanted[owner, default: []].append(
      isNew ? time..<Milliseconds.max : time + grace..<Milliseconds.max)
  }

  mutating func want(no owner: String, from time: Milliseconds) {
    guard let last = wanted[owner]?.last, last.upperBound == .max else { return }
    wanted[owner]?.removeLast()
    wanted[owner]?.append(min(last.lowerBound, time)..<time)
  }

  private func isWanted(_ owner: String, in span: ClosedRange<Milliseconds>) -> Bool {
    wanted[owner]?.contains { $0.contains(span.lowerBound) && $0.contains(span.upperBound) }
      ?? false
  }

  mutating func tell(_ words: String, at time: Milliseconds) { story.append((time, words)) }

  /// What happened around a time.
  func story(around time: Milliseconds, within margin: Milliseconds = 8000) -> String {
    story.filter { abs($0.time - time) <= margin }
      .map { "  \($0.time - time > 0 ? "+" : "")\($0.time - time) ms: \($0.words)" }
      .joined(separator: "\n")
  }

  enum Verdict: String, CaseIterable {
    case unwanted = "not wanted"
    case neverServed = "not served yet"
    case namedStopped = "named stopped"
    case clusterDead = "cluster dead"
    case ours = "ours"
  }

  /// Whose a failure is: ours unless something else took away what answered last.
  ///
  /// - Parameters:
  ///   - failure: The answer that was none.
  ///   - last: The last one before it that was one.
  /// - Returns: What took the name away.
  func verdict(on failure: AskedName, after last: AskedName?) -> Verdict {
    guard isWanted(failure.owner, in: failure.sent...failure.answered) else { return .unwanted }
    guard let last, let id = last.id, isWanted(failure.owner, in: last.sent...failure.answered)
    else { return .neverServed }
    let span = last.sent...failure.answered
    if restarts.contains(where: { $0.overlaps(span) }) { return .namedStopped }
    // What named had for it may be what the file had a moment before, or has a moment after.
    let known = forwarders[id]?.values(in: last.sent - 5000...last.sent + 200) ?? []
    let isAlive = known.joined().contains { masters[$0]?.values(in: span) == [id] }
    return isAlive ? .ours : .clusterDead
  }
}
