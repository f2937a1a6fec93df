import SystemPackage

/// Builds a configuration's document from libyaml's events.
///
/// What YAML has beyond keys, lists and single values is refused: the file says what it says where it says it.
struct DocumentReader: ~Copyable {
  /// No key of the configuration is that deep.
  static let depthLimit = 32

  private var parser: YAMLParser
  private let text: String
  private let file: FilePath
  private let mistakes: ConfigurationMistakes

  init(
    _ text: String, file: FilePath, mistakes: ConfigurationMistakes
  ) throws(ConfigurationError) {
    do {
      parser = try YAMLParser(text)
    } catch {
      throw ConfigurationError(file: file, problem: "there is no memory left to read it")
    }
    self.text = text
    self.file = file
    self.mistakes = mistakes
  }

  /// The value of the whole document; nil where there is none.
  mutating func root() throws(ConfigurationError) -> ConfigurationNode? {
    if let slip = YAMLSlip(indentationIn: text) { throw error(slip) }
    var event = try next()
    while [.streamStart, .documentStart].contains(event.kind) { event = try next() }
    guard event.kind != .streamEnd else { return nil }
    let root = try node(event, key: nil, keyPlace: nil, depth: 0)
    event = try next()
    if event.kind == .documentEnd { event = try next() }
    guard event.kind == .streamEnd else {
      throw error(
        event.place, key: nil, "not YAML: another document begins here, and only one is read",
        remedy: "Remove this --- or the rest")
    }
    return root
  }

  private mutating func node(
    _ event: YAMLEvent, key: String?, keyPlace: TextPlace?, depth: Int
  ) throws(ConfigurationError) -> ConfigurationNode {
    try refuseExtras(event, key: key)
    guard depth <= Self.depthLimit else {
      throw error(
        event.place, key: nil, "more than \(Self.depthLimit) levels deep, which no key is",
        remedy: "Close the brackets above")
    }
    let content: ConfigurationNode.Content
    switch event.kind {
    case .listStart: content = .list(try entries(of: key, depth: depth + 1))
    case .sectionStart: content = .section(try pairs(of: key, depth: depth + 1))
    case .scalar(let text, let isPlain): content = .scalar(text, isPlain: isPlain)
    default: content = .scalar("", isPlain: true)
    }
    return ConfigurationNode(
      content, file: file, place: event.place, key: key, keyPlace: keyPlace, mistakes: mistakes)
  }

  private mutating func entries(
    of key: String?, depth: Int
  ) throws(ConfigurationError) -> [ConfigurationNode] {
    var entries: [ConfigurationNode] = []
    while true {
      let event = try next()
      if event.kind == .listEnd { return entries }
      entries.append(
        try node(event, key: "\(key ?? "")[\(entries.count)]", keyPlace: nil, depth: depth))
    }
  }

  private mutating func pairs(
    of key: String?, depth: Int
  ) throws(ConfigurationError) -> [(name: String, value: ConfigurationNode)] {
    var pairs: [(name: String, value: ConfigurationNode)] = []
    var places: [String: TextPlace] = [:]
    while true {
      let event = try next()
      if event.kind == .sectionEnd { return pairs }
      let name = try name(event, in: key)
      let path = key.map { "\($0).\(name)" } ?? name
      let value = try node(try next(), key: path, keyPlace: event.place, depth: depth)
      if let first = places[name] {
        mistakes.note(
          error(
            first, key: path,
            "the key is here twice: on this line and on line \(event.place.line)",
            remedy: "Keep only one of the two"))
      } else {
        places[name] = event.place
        pairs.append((name, value))
      }
    }
  }

  /// The name of a key in the section that has the key `section`.
  private func name(
    _ event: YAMLEvent, in section: String?
  ) throws(ConfigurationError) -> String {
    try refuseExtras(event, key: section)
    guard case .scalar(let name, let isPlain) = event.kind else {
      let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      if lines.indices.contains(event.place.line - 1),
        let slip = YAMLSlip(templateOn: event.place.line, lines[event.place.line - 1])
      {
        throw error(slip)
      }
      throw error(event.place, key: section, "a key has to be a word", remedy: "Write key: value")
    }
    guard name != "<<" || !isPlain else {
      throw error(
        event.place, key: section, "YAML's merge key << is not supported",
        remedy: "Write out the keys that it stands for")
    }
    return name
  }

  private func refuseExtras(_ event: YAMLEvent, key: String?) throws(ConfigurationError) {
    if case .alias(let name) = event.kind {
      throw error(
        event.place, key: key, "the YAML alias *\(name) is not supported",
        remedy: "Write the value out here")
    }
    if let name = event.anchor {
      throw error(
        event.place, key: key, "the YAML anchor &\(name) is not supported",
        remedy: "Remove it, and write the value out where *\(name) stands")
    }
    if let tag = event.tag {
      let written = tag.replacing("tag:yaml.org,2002:", with: "!!", maxReplacements: 1)
      throw error(
        event.place, key: key, "the YAML tag \(written) is not supported", remedy: "Remove it")
    }
  }

  private mutating func next() throws(ConfigurationError) -> YAMLEvent {
    do {
      return try parser.next()
    } catch let reason {
      throw error(reason)
    }
  }

  private func error(_ reason: YAMLSyntaxError) -> ConfigurationError {
    switch reason {
    case .outOfMemory:
      return ConfigurationError(file: file, problem: "there is no memory left to read it")
    case .character(let code, let offset):
      let line = text.utf8.prefix(offset).count { $0 == UInt8(ascii: "\n") } + 1
      let digits = String(code, radix: 16, uppercase: true)
      let number = String(repeating: "0", count: max(0, 4 - digits.count)) + digits
      return ConfigurationError(
        file: file, line: line,
        problem: code == 0
          ? "has a NUL byte here, and has to be text"
          : "not YAML: has the control character U+\(number) here",
        remedy: "Remove it")
    case .syntax(let words, let place, let index, let start):
      let next = text.unicodeScalars.dropFirst(index).first
      guard next != "\t" else {
        return error(
          place, key: nil, "a tab, where YAML allows only spaces",
          remedy: "Replace it with spaces")
      }
      if let slip = YAMLSlip(words, at: place, from: start, in: text, before: next) {
        return error(slip)
      }
      return error(
        place, key: nil,
        "not YAML: \(words)",
        remedy: "Check the indentation, quotes and brackets here and above")
    }
  }

  private func error(_ slip: YAMLSlip) -> ConfigurationError {
    ConfigurationError(
      file: file, line: slip.line, problem: "not YAML: \(slip.problem)", remedy: slip.remedy)
  }

  private func error(
    _ place: TextPlace, key: String?, _ problem: String, remedy: String
  ) -> ConfigurationError {
    ConfigurationError(
      file: file, line: place.line, key: key, problem: problem, remedy: remedy)
  }
}
