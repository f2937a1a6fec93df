import Reconcile
import ReconcileModel

/// What `check` saw, for people: by section, a line for each link, and at the end what does not hold, with the remedy
/// below it.
struct CheckText {
  var links: [Finding]
  var usesColor: Bool
  /// Whether to show only what does not hold.
  var isQuiet = false
  /// The width of a line in characters; nil for no limit.
  var width: Int?

  var text: TerminalText {
    let problems = sections { $0.isProblem }
    guard !isQuiet else { return problems.joined(separator: "\n") }
    return (sections { !$0.isProblem } + problems + [sum]).joined(separator: "\n")
  }

  private func sections(_ isShown: (Finding) -> Bool) -> [TerminalText] {
    Finding.Section.allCases.compactMap { section in
      let links = folded(links.links(in: section).filter(isShown))
      guard !links.isEmpty else { return nil }
      return ([bold("\(Self.title(of: section))")] + links.flatMap(lines)).joined(separator: "\n")
    }
  }

  /// Links with the same finding, as one with all their subjects.
  private func folded(_ links: [Finding]) -> [Finding] {
    links.reduce(into: []) { folded, link in
      let same = folded.firstIndex {
        $0.state == link.state && $0.finding == link.finding && $0.remedy == link.remedy
      }
      guard let same, !link.finding.isEmpty else { return folded.append(link) }
      folded[same].subject += ", \(link.subject)"
      folded[same].date = [folded[same].date, link.date].compactMap(\.self).min()
    }
  }

  /// How far the text of a link is indented below its word.
  private static let indent = 12

  private func lines(of link: Finding) -> [TerminalText] {
    let word = Self.word(for: link.state)
    let label: TerminalText = "\(word + String(repeating: " ", count: max(0, 8 - word.count)))"
    let found = link.words.terminalLines
    let text: TerminalText = "\(link.subject): \(found.first ?? "")"
    let line: TerminalText =
      link.state == .skipped
      ? "  \(colored("\(label) \(text)", link.state))"
      : "  \(colored(label, link.state)) \(text)"
    let more = (found.dropFirst() + link.remedy.terminalLines).map { set($0) }
    return ([line] + more).flatMap(wrapped)
  }

  private func set(_ line: TerminalText) -> TerminalText {
    "\(TerminalText(stringLiteral: String(repeating: " ", count: Self.indent)))\(line)"
  }

  private func wrapped(_ line: TerminalText) -> [TerminalText] {
    guard let width else { return [line] }
    return line.wrapped(to: max(width, 40), hang: Self.indent + 2)
  }

  private var sum: TerminalText {
    let parts = Finding.State.allCases.compactMap { state -> TerminalText? in
      let number = links.count(of: state)
      if number == 0, state != .ok { return nil }
      return switch state {
      case .ok: "\(number) ok"
      case .warning: number == 1 ? "1 warning" : "\(number) warnings"
      case .broken: "\(number) broken"
      case .pending: "\(number) pending"
      case .skipped: "\(number) skipped"
      }
    }
    return colored(parts.joined(separator: ", "), links.state)
  }

  static func word(for state: Finding.State) -> String {
    switch state {
    case .ok: "ok"
    case .warning: "warning"
    case .broken: "broken"
    case .pending: "pending"
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
      case .warning, .pending: "33"
      case .broken: "31"
      case .skipped: "2"
      }
    return text.styled(code)
  }
}

extension Finding {
  /// What was seen, with its date.
  var words: String {
    date.map { "\(finding) (\(CivilTime(secondsSince1970: $0)))" } ?? finding
  }

  /// Whether somebody has to do something about it.
  fileprivate var isProblem: Bool {
    switch state {
    case .ok, .skipped: false
    case .warning, .broken, .pending: true
    }
  }
}
