import DNSNames
package import FileChange
package import ReconcileModel

extension FailoverMemories {
  private static let title =
    "# Aliases with several clusters: where they lead, what was counted of the clusters; see zonebridge switch."

  /// What is damaged is left out: then the alias stays where its DNAME leads.
  package static func read(in directory: StateDirectory) -> FailoverMemories {
    var memories = FailoverMemories()
    for line in StateFile(StateDirectory.Name.failovers, in: directory).lines(title: title) ?? [] {
      let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
      guard fields.count > 2, let alias = try? DomainName(fields[1]) else { continue }
      if fields[0] == "alias" {
        memories.byAlias[alias] = FailoverMemory(fields.dropFirst(2))
      } else {
        memories.byAlias[alias]?.note(String(fields[0]), Array(fields.dropFirst(2)))
      }
    }
    return memories
  }

  /// Writes the file; where there is nothing to remember there is none.
  package func write(in directory: StateDirectory) throws(FileChangeError) {
    let file = StateFile(StateDirectory.Name.failovers, in: directory)
    guard !byAlias.isEmpty else { return try file.remove() }
    let lines = byAlias.sorted { $0.key < $1.key }.flatMap { $1.lines(of: $0) }
    try file.write(StateFile.text(lines, title: Self.title))
  }
}

extension [FailoverCourse] {
  /// Writes the memories, unless they say nothing new.
  func write(
    in directory: StateDirectory, over earlier: FailoverMemories
  ) throws(FileChangeError) {
    let isNews = contains { $0.isNews(over: earlier.byAlias[$0.alias]) }
    guard isNews || Set(map(\.alias)) != Set(earlier.byAlias.keys) else { return }
    try memories.write(in: directory)
  }

  var memories: FailoverMemories {
    FailoverMemories(byAlias: Dictionary(map { ($0.alias, $0.memory) }) { $1 })
  }
}

// Lines of fields with tabs between them. The first of an alias has what each has; the others follow it, each where
// there is something to say. A reason is for people, and comes last.
extension FailoverMemory {
  fileprivate func lines(of alias: DomainName) -> [String] {
    func line(_ word: String, _ fields: String...) -> String {
      ([word, "\(alias)"] + fields).joined(separator: "\t")
    }
    var lines = [
      line(
        "alias", cluster ?? "-", "\(since)", "\(moves)", Self.text(lastMove), "\(seenAt)",
        Self.flat(reason))
    ]
    for (cluster, series) in series.sorted(by: { $0.key < $1.key }) {
      lines.append(
        line(
          "series", cluster, series.isHealthy ? "healthy" : "ill", "\(series.since)",
          "\(series.lasted)", "\(series.passes)"))
    }
    if let choice { lines.append(line("choice", choice.cluster, Self.text(choice.until))) }
    if isReturning { lines.append(line("returning", "yes")) }
    if let move {
      lines.append(
        line(
          "move", move.cluster, "\(move.time)", move.isAutomatic ? "automatic" : "operator",
          Self.flat(move.reason)))
    }
    return lines
  }

  fileprivate init?(_ fields: ArraySlice<Substring>) {
    let fields = Array(fields)
    guard fields.count == 6, let since = Int64(fields[1]), let moves = Int(fields[2]),
      let lastMove = Self.time(fields[3]), let seenAt = Int64(fields[4])
    else { return nil }
    self.init(cluster: fields[0] == "-" ? nil : String(fields[0]), since: since, seenAt: seenAt)
    self.moves = moves
    self.lastMove = lastMove
    reason = String(fields[5])
  }

  /// Takes in another line of the alias; one that is damaged, or from a later version, says nothing.
  fileprivate mutating func note(_ word: String, _ fields: [Substring]) {
    switch (word, fields.count) {
    case ("series", 5):
      guard fields[1] == "healthy" || fields[1] == "ill", let since = Int64(fields[2]),
        let lasted = Int64(fields[3]), let passes = Int(fields[4])
      else { return }
      series[String(fields[0])] = Series(
        isHealthy: fields[1] == "healthy", since: since, lasted: lasted, passes: passes)
    case ("choice", 2):
      guard let until = Self.time(fields[1]) else { return }
      choice = Choice(String(fields[0]), until: until)
    case ("returning", 1): isReturning = true
    case ("move", 4):
      guard let time = Int64(fields[1]) else { return }
      move = Move(
        to: String(fields[0]), at: time, isAutomatic: fields[2] == "automatic",
        reason: String(fields[3]))
    default: break
    }
  }

  private static func flat(_ text: String) -> String {
    text.split { $0 == "\n" || $0 == "\t" }.joined(separator: " ")
  }

  private static func text(_ time: Int64?) -> String { time.map { "\($0)" } ?? "-" }

  /// Nil for what is no time, and in it nil for none.
  private static func time(_ field: Substring) -> Int64?? {
    field == "-" ? .some(nil) : Int64(field).map { .some($0) }
  }
}
