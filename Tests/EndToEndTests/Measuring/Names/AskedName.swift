import SystemPackage
import TestSupport

/// An answer that a client got, or did not get.
struct AskedName: Hashable {
  var owner: String
  var sent: Milliseconds
  var answered: Milliseconds
  /// The ID of the cluster that answered; nil if the name failed.
  var id: String?
  /// What came instead.
  var words = ""

  init(owner: String, sent: Milliseconds, answered: Milliseconds, id: String?) {
    (self.owner, self.sent, self.answered, self.id) = (owner, sent, answered, id)
  }

  /// Reads a line of name-asker.
  init?(_ line: Substring) {
    let parts = line.split(separator: " ", maxSplits: 4).map(String.init)
    guard parts.count >= 4, let sent = Milliseconds(parts[1]), let answered = Milliseconds(parts[2])
    else { return nil }
    self.init(
      owner: parts[0], sent: sent, answered: answered, id: parts[3] == "-" ? nil : parts[3])
    if parts.count > 4 { words = parts[4] }
  }
}

/// A client in a process of its own that asks for all names all the while.
struct NameClient {
  let title: String
  private let process: BackgroundProcess

  /// - Parameters:
  ///   - title: What it is called in a report.
  ///   - named: Whom it asks.
  ///   - owners: The aliases below which it asks for names.
  /// - Throws: If it cannot be started.
  init(_ title: String, asking named: RunningNamed, _ owners: [String]) throws {
    self.title = title
    process = try BackgroundProcess(
      try Host.built("name-asker").string,
      arguments: ["127.0.0.1:\(named.queryPort)"] + owners,
      log: named.folder.path.appending("asked-by-\(title).log"))
  }

  /// The answers so far, in the order in which they came.
  var answers: [AskedName] { process.output.split(separator: "\n").compactMap(AskedName.init) }

  func stop() async throws { try await process.kill() }
}

/// What a client's answers come to.
struct NameReport {
  var asked = 0
  var counts: [Chronicle.Verdict: Int] = [:]
  /// The failures that are ours, each with what happened around it.
  var ours: [String] = []

  init(_ answers: [AskedName], by chronicle: Chronicle) {
    asked = answers.count
    var last: [String: AskedName] = [:]
    for answer in answers {
      guard answer.id == nil else {
        last[answer.owner] = answer
        continue
      }
      let verdict = chronicle.verdict(on: answer, after: last[answer.owner])
      counts[verdict, default: 0] += 1
      guard verdict == .ours else { continue }
      ours.append(
        """
        \(answer.owner), asked at \(answer.sent) and answered \(answer.answered - answer.sent) ms later: \
        \(answer.words); it answered \(answer.sent - (last[answer.owner]?.sent ?? 0)) ms before, out of \
        \(last[answer.owner]?.id?.prefix(4) ?? "")
        \(chronicle.story(around: answer.sent))
        """)
    }
  }

  var summary: String {
    let failed = Chronicle.Verdict.allCases.map { "\($0.rawValue) \(counts[$0] ?? 0)" }
    return "\(asked) questions, failed: \(failed.joined(separator: ", "))"
  }
}
