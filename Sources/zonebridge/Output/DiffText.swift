import Planning
import ReconcileModel

/// The diff of a plan as it is printed: the patch, then the commands that would follow.
struct DiffText {
  var plan: Plan
  var usesColor: Bool
  /// Whether it is looked at: what a terminal would obey is escaped then, and otherwise stands as in the files, so that
  /// the patch applies.
  var isForTerminal: Bool

  var bytes: [UInt8] {
    let commands = (plan.commands.map(\.description) + plan.updates.flatMap(\.commandLines))
      .map { "# \($0.printableLine)\n" }.joined()
    let text = UnifiedDiff.text(of: plan) + Array(commands.utf8)
    guard usesColor || isForTerminal else { return text }
    let lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    return Array(lines.dropLast().map { "\(line(String(printable: $0)))\n" }.joined().utf8)
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
