import ReconcileModel

/// The diff of a plan as it is printed: the patch, then the commands that would follow.
struct DiffText {
  var plan: Plan
  var usesColor: Bool

  var bytes: [UInt8] {
    let commands = (plan.commands.map(\.description) + plan.updates.flatMap(\.commandLines))
      .map { "# \($0)\n" }.joined()
    let text = UnifiedDiff.text(of: plan) + Array(commands.utf8)
    return usesColor ? colored(text) : text
  }

  private func colored(_ text: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    for line in text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      .dropLast()
    {
      let code: String? =
        switch line.first {
        case UInt8(ascii: "+"): "32"
        case UInt8(ascii: "-"): "31"
        case UInt8(ascii: "@"): "36"
        case UInt8(ascii: "#"): "1"
        default: nil
        }
      if let code {
        result += Array("\u{1b}[\(code)m".utf8) + line + Array("\u{1b}[0m\n".utf8)
      } else {
        result += line + [UInt8(ascii: "\n")]
      }
    }
    return result
  }
}
