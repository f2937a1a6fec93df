import Reconcile

/// What `check` saw, for people: by section, a line a link, the cure below it.
struct CheckText {
  var links: [Finding]
  var usesColor: Bool

  var text: String {
    let sections = Finding.Section.allCases.compactMap { section -> String? in
      let links = links.links(in: section)
      guard !links.isEmpty else { return nil }
      return ([bold(Self.title(of: section))] + links.flatMap(lines)).joined(separator: "\n")
    }
    return (sections + [sum]).joined(separator: "\n")
  }

  private func lines(of link: Finding) -> [String] {
    let word = Self.word(for: link.state)
    let label = word + String(repeating: " ", count: max(0, 8 - word.count))
    let finding = link.finding.split(separator: "\n").joined(separator: "\n            ")
    let line = "  \(colored(label, link.state)) \(link.subject): \(finding)"
    let isDim = usesColor && link.state == .skipped
    let shown = isDim ? "  \u{1b}[2m\(label) \(link.subject): \(finding)\u{1b}[0m" : line
    return [shown] + (link.remedy.isEmpty ? [] : ["            \(link.remedy)"])
  }

  private var sum: String {
    let parts = Finding.State.allCases.map { state in
      let number = links.count(of: state)
      return switch state {
      case .ok: "\(number) ok"
      case .warning: number == 1 ? "1 warning" : "\(number) warnings"
      case .broken: "\(number) broken"
      case .skipped: "\(number) not looked at"
      }
    }
    return colored(parts.joined(separator: ", "), links.state)
  }

  static func word(for state: Finding.State) -> String {
    switch state {
    case .ok: "ok"
    case .warning: "warning"
    case .broken: "broken"
    case .skipped: "-"
    }
  }

  private static func title(of section: Finding.Section) -> String {
    switch section {
    case .configuration: "Configuration"
    case .permissions: "Permissions"
    case .confinement: "AppArmor and SELinux"
    case .blocks: "Managed blocks"
    case .checkers: "Checkers"
    case .named: "named and its control channel"
    case .recursion: "Recursion and validation"
    case .clusters: "Clusters and their masters"
    case .forwarding: "Forwarding"
    case .aliases: "Aliases"
    case .zones: "Zones"
    case .secondaries: "Other name servers"
    case .pass: "The next pass"
    }
  }

  private func bold(_ text: String) -> String { usesColor ? "\u{1b}[1m\(text)\u{1b}[0m" : text }

  private func colored(_ text: String, _ state: Finding.State) -> String {
    guard usesColor else { return text }
    let code =
      switch state {
      case .ok: "32"
      case .warning: "33"
      case .broken: "31"
      case .skipped: "2"
      }
    return "\u{1b}[\(code)m\(text)\u{1b}[0m"
  }
}
