/// The slip that most likely keeps a text from being YAML, in its author's words and not in a parser's.
struct YAMLSlip: Hashable {
  var line: Int
  var problem: String
  var remedy: String

  /// Looks for the slip behind a syntax error; nil if it is none of those that are known.
  ///
  /// - Parameters:
  ///   - words: libyaml's own words.
  ///   - place: Where it could not go on, which may be after the slip.
  ///   - start: Where it began what it could not finish.
  ///   - text: The text.
  ///   - next: What comes at the place.
  init?(
    _ words: String, at place: TextPlace, from start: TextPlace?, in text: String,
    before next: Unicode.Scalar?
  ) {
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    let last = min(place.line, lines.count)
    if let conflict = lines[..<last].firstIndex(where: { $0.hasPrefix("<<<<<<< ") }) {
      self.init(
        line: conflict + 1, problem: "an unresolved merge conflict",
        remedy: "Resolve it, and remove the lines that begin with <<<<<<<, ======= and >>>>>>>")
      return
    }
    let before = lines[..<max(0, last - 1)].lastIndex { !Self.isEmpty($0) }
    for index in [last - 1, before].compactMap(\.self) where lines.indices.contains(index) {
      if let slip = Self.missingSpace(lines[index], line: index + 1) {
        self = slip
        return
      }
    }
    if lines.indices.contains(last - 1),
      let slip = YAMLSlip(templateOn: place.line, lines[last - 1])
    {
      self = slip
      return
    }
    self.init(words, at: place, from: start ?? place, before: next)
  }

  private init?(
    _ words: String, at place: TextPlace, from start: TextPlace, before next: Unicode.Scalar?
  ) {
    func isAbout(_ part: String) -> Bool { words.contains(part) }
    let quotes = "Put the value in quotes"
    line = place.line
    if isAbout("quoted scalar") {
      line = start.line
      (problem, remedy) = ("nothing closes the quote that opens here", "Close it")
    } else if isAbout("expected ',' or ']'") || isAbout("expected ',' or '}'") {
      let bracket = isAbout("']'") ? "]" : "}"
      problem = "a comma or \(bracket) is missing here; the bracket opens on line \(start.line)"
      remedy = "Close the bracket, or put a comma between its values"
    } else if isAbout("scanning an alias") {
      (problem, remedy) = ("a value cannot begin with *", quotes)
    } else if isAbout("scanning an anchor") {
      (problem, remedy) = ("a value cannot begin with &", quotes)
    } else if isAbout("cannot start any token"), let next, "@`%".unicodeScalars.contains(next) {
      (problem, remedy) = ("a value cannot begin with \(next)", quotes)
    } else if isAbout("mapping values are not allowed") {
      problem = "a key cannot be here"
      remedy =
        "Give this line, and the one above, the indentation of their section, or put a value with a colon in quotes"
    } else if isAbout("parsing a block") {
      problem = "this line does not fit those above it"
      remedy = "Give it the indentation of its section, and check the quotes here and above"
    } else {
      return nil
    }
  }

  private init(line: Int, problem: String, remedy: String) {
    self.line = line
    self.problem = problem
    self.remedy = remedy
  }

  /// The braces of a template (Jinja) or of a shell, which a configuration has no use for.
  init?(templateOn line: Int, _ text: some StringProtocol) {
    guard let braces = ["{{", "{%", "${"].first(where: { text.contains($0) }) else { return nil }
    self.init(
      line: line, problem: "has a template's \(braces), which nothing has filled in",
      remedy: "Fill in the template, or put the value in quotes")
  }

  /// A blank that looks like a space and is none, before the first word of a line.
  init?(indentationIn text: String) {
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    for (index, line) in lines.enumerated() where !Self.isEmpty(line) {
      let blanks = line.unicodeScalars.prefix { $0.properties.isWhitespace }
      guard let blank = blanks.first(where: { $0 != " " && $0 != "\t" }) else { continue }
      let digits = String(blank.value, radix: 16, uppercase: true)
      self.init(
        line: index + 1,
        problem: """
          has the blank U+\(String(repeating: "0", count: max(0, 4 - digits.count)))\(digits) in its indentation, \
          where YAML allows only spaces
          """, remedy: "Replace it with spaces")
      return
    }
    return nil
  }

  private static func missingSpace(_ text: Substring, line: Int) -> YAMLSlip? {
    var rest = text.drop { $0 == " " }
    if rest.first == "-", rest.dropFirst().first?.isLetter == true {
      return YAMLSlip(
        line: line, problem: "a dash needs a space after it",
        remedy: "Write - \(rest.dropFirst().prefix(40))")
    }
    if rest.hasPrefix("- ") { rest = rest.dropFirst(2).drop { $0 == " " } }
    let key = rest.prefix { $0.isLetter || $0.isNumber || "-_.".contains($0) }
    let value = rest.dropFirst(key.count + 1)
    guard !key.isEmpty, rest.dropFirst(key.count).first == ":", let first = value.first,
      first != " ", first != "/", !first.isWhitespace
    else { return nil }
    return YAMLSlip(
      line: line, problem: "the colon after \(key) needs a space after it",
      remedy: "Write \(key): \(value.prefix(40))")
  }

  private static func isEmpty(_ line: Substring) -> Bool {
    line.first { !$0.isWhitespace }.map { $0 == "#" } ?? true
  }
}
