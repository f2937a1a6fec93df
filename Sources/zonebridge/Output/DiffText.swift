import Reconcile
import ReconcileModel

/// The diff of a plan as it is printed: what it changes and why, the patch, then the commands that would follow.
///
/// All but the patch is in lines that begin with `# `, which patch(1) and git ignore.
struct DiffText {
  var plan: Plan
  /// The command that applies the plan, where it is only shown; nil where it is about to be applied.
  var applying: String?
  var usesColor: Bool
  /// Whether a person reads it: then what a terminal would obey is escaped; otherwise it is as in the files, so that
  /// the patch applies.
  var isForTerminal: Bool

  var bytes: [UInt8] {
    let commands = plan.commands.map(\.description) + plan.updates.flatMap(\.commandLines)
    let text = comments(head) + UnifiedDiff.text(of: plan) + comments(commands + tail)
    guard usesColor || isForTerminal else { return text }
    let lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    return Array(lines.dropLast().map { "\(line(String(printable: $0)))\n" }.joined().utf8)
  }

  private func comments(_ lines: [String]) -> [UInt8] {
    Array(lines.map { "# \($0.printableLine)\n" }.joined().utf8)
  }

  /// What is changed, counted, and each with its reason.
  private var head: [String] {
    guard applying != nil, !plan.isEmpty else { return [] }
    let counts = Self.counts(of: plan.changes)
    return (counts.isEmpty ? [] : ["pending: \(counts.joined(separator: ", "))"]) + plan.reasonLines
  }

  private var tail: [String] {
    guard let applying, !plan.isEmpty else { return [] }
    return ["apply this with: \(applying)"]
  }

  /// `+1 cluster`, `2 aliases changed`, `-1 alias`.
  private static func counts(of changes: [Change]) -> [String] {
    let kinds: [(one: String, many: String, has: (Subject) -> Bool)] = [
      ("cluster", "clusters", { if case .cluster = $0 { true } else { false } }),
      ("zone", "zones", { if case .zone = $0 { true } else { false } }),
      ("alias", "aliases", { if case .alias = $0 { true } else { false } }),
      ("exemption", "exemptions", { $0 == .exemption }),
    ]
    return kinds.flatMap { one, many, has in
      let own = changes.filter { has($0.subject) }
      let new = own.count(where: \.isNew)
      let gone = own.count { !$0.isNew && $0.body.isEmpty }
      let changed = own.count - new - gone
      func words(_ number: Int) -> String { "\(number) \(number == 1 ? one : many)" }
      return (new > 0 ? ["+\(words(new))"] : [])
        + (changed > 0 ? ["\(words(changed)) changed"] : [])
        + (gone > 0 ? ["-\(words(gone))"] : [])
    }
  }

  private func line(_ text: String) -> String {
    guard usesColor, let code = Self.code(of: text) else { return text }
    return "\u{1b}[\(code)m\(text)\u{1b}[0m"
  }

  private static func code(of line: String) -> String? {
    switch line.utf8.first {
    case UInt8(ascii: "+"): "32"
    case UInt8(ascii: "-"): "31"
    case UInt8(ascii: "@"): "36"
    case UInt8(ascii: "#"): "1"
    default: nil
    }
  }
}
