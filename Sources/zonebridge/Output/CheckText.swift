import Reconcile

/// What `check` saw, for people: by section, a line a link, the cure below it.
struct CheckText {
  var links: [Finding]
  var usesColor: Bool

  var text: TerminalText {
    let sections = Finding.Section.allCases.compactMap { section -> TerminalText? in
      let links = links.links(in: section)
      guard !links.isEmpty else { return nil }
      return ([bold("\(Self.title(of: section))")] + links.flatMap(lines)).joined(separator: "\n")
    }
    return (sections + [sum]).joined(separator: "\n")
  }

  private func lines(of link: Finding) -> [TerminalText] {
    let word = Self.word(for: link.state)
    let label: TerminalText = "\(word + String(repeating: " ", count: max(0, 8 - word.count)))"
    let finding = link.finding.terminalLines.joined(separator: "\n            ")
    let text: TerminalText = "\(link.subject): \(finding)"
    let line: TerminalText =
      link.state == .skipped
      ? "  \(colored("\(label) \(text)", link.state))"
      : "  \(colored(label, link.state)) \(text)"
    let remedy = link.remedy.terminalLines.joined(separator: "\n            ")
    return [line] + (remedy.isEmpty ? [] : ["            \(remedy)"])
  }

  private var sum: TerminalText {
    let parts = Finding.State.allCases.compactMap { state -> TerminalText? in
      let number = links.count(of: state)
      if number == 0, state != .ok { return nil }
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

  private func bold(_ text: TerminalText) -> TerminalText { usesColor ? text.styled("1") : text }

  private func colored(_ text: TerminalText, _ state: Finding.State) -> TerminalText {
    guard usesColor else { return text }
    let code =
      switch state {
      case .ok: "32"
      case .warning: "33"
      case .broken: "31"
      case .skipped: "2"
      }
    return text.styled(code)
  }
}
