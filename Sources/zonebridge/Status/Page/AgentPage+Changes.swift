import Reconcile
import ReconcileModel

// Changes that wait for a decision, and changes that were made.
extension AgentPage {
  // MARK: Problems

  var problems: HTML {
    let problems = pass?.problems ?? []
    let held = pass?.held ?? []
    var cards = problems.map(card) + held.map(card)
    if let pass, pass.failure != nil, !pass.clusters.isEmpty {
      cards.append(
        "<p class=\"quiet\">The last pass ended early; the rest is what an earlier one saw.</p>")
    }
    cards += (pass?.reloadDebt ?? []).map { command in
      "<p class=\"quiet\">not seen done by named yet: <code>\(command)</code></p>"
    }
    cards += (pass?.notes ?? []).map { note in paragraphs(note, class: "quiet") }
    return cards.isEmpty ? "" : section("What needs your attention", cards.joined(separator: "\n"))
  }

  private func card(_ problem: ProblemRecord) -> HTML {
    """
    <article class="card \(problem.isHeld ? "doubtful" : "bad")">
    <h3><span class="mark">\(problem.isHeld ? "!" : "\u{2717}")</span> \(problem.severity): \(problem.subject)</h3>
    \(paragraphs(problem.reason))\(paragraphs(problem.remedy, class: "do"))
    </article>
    """
  }

  /// What an operator would accept, and how.
  private func card(_ held: HeldChangeRecord) -> HTML {
    let diff = held.diff.split(separator: "\n", omittingEmptySubsequences: false).dropLast(
      held.diff.hasSuffix("\n") ? 1 : 0)
    let rest: HTML =
      held.isCut
      ? "<p class=\"quiet\">The rest is shown by <code>zonebridge diff --accept \(held.cluster)</code></p>"
      : ""
    return """
      <article class="card doubtful">
      <h3>What \(held.cluster) would change</h3>
      <p>Check the diff again, then accept it once:</p>
      <p class="do"><code>zonebridge diff --accept \(held.cluster)</code></p>
      <p class="do"><code>zonebridge run --once --accept \(held.cluster)</code></p>
      <pre class="diff">\(diff.map(line).joined(separator: "\n"))</pre>\(rest)
      </article>
      """
  }

  private func line(_ text: Substring) -> HTML {
    // The headers with the files' names are neither removed nor added lines.
    let isName = text.hasPrefix("--- ") || text.hasPrefix("+++ ")
    let kind: HTML? =
      switch text.utf8.first {
      case _ where isName: "note"
      case UInt8(ascii: "+"): "new"
      case UInt8(ascii: "-"): "old"
      case UInt8(ascii: "@"), UInt8(ascii: "#"): "note"
      default: nil
      }
    // The file has a tab, which a browser shows as a blank.
    let parts = text.split(separator: "\t", omittingEmptySubsequences: false)
    let shown = parts.map { "\($0)" as HTML }.joined(separator: "\t")
    return kind.map { "<span class=\"\($0)\">\(shown)</span>" } ?? shown
  }

  // MARK: Changes

  private static let mostChanges = 20

  var changes: HTML {
    let title: HTML = "What was changed"
    guard !past.changes.isEmpty else {
      return section(title, "<p class=\"quiet\">Nothing yet that could be reverted.</p>")
    }
    return section(
      title,
      """
      <div class="wide"><table>
      <thead><tr><th>ID</th><th>when</th><th>what</th><th>where</th></tr></thead>
      <tbody>
      \(past.changes.prefix(Self.mostChanges).map(row).joined(separator: "\n"))
      </tbody></table></div>
      <p class="do"><code>zonebridge rollback ID</code> reverts one of them, and \
      <code>zonebridge rollback --dry-run ID</code> shows how</p>
      """)
  }

  private func row(_ change: PastChange) -> HTML {
    let isLast = change.number == record?.lastChange?.number
    let reasons = isLast ? record?.lastChange?.reasons ?? [] : []
    let titles = reasons.isEmpty ? [change.title] : reasons
    let words = titles.flatMap { $0.split(separator: "\n") }.map { "<p>\($0)</p>" as HTML }
    let files = change.files.map { "<p><code>\($0)</code></p>" as HTML }
    return """
      <tr><td class="number">\(change.number)</td><td>\(moment(change.time))</td>\
      <td>\(words)\(change.moves.map(line))</td><td>\(files)</td></tr>
      """
  }

  private func line(_ move: PastChange.Move) -> HTML {
    let view: HTML = move.view.map { " in view \($0)" } ?? ""
    return
      switch (move.old, move.new)
    {
    case (let old?, let new?) where old != new:
      "<p class=\"quiet\">\(move.alias)\(view): from \(target(old)) to \(target(new))</p>"
    case (nil, let new?): "<p class=\"quiet\">\(move.alias)\(view): to \(target(new))</p>"
    case (let old?, nil): "<p class=\"quiet\">\(move.alias)\(view): no longer to \(target(old))</p>"
    default: ""
    }
  }

  private func target(_ name: String) -> HTML {
    "<code title=\"\(name)\">\(Self.short(name))</code>"
  }
}
