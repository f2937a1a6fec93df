public import DNSNames

// The contents of zone statements, parsed on demand.
extension NamedConfOutline {
  /// A zone's name as written, without quotes.
  public func nameText(of zone: ZoneStatement) -> String {
    bytes.text(in: nameContent(of: zone))
  }

  /// A zone's name; nil if it is not a domain name, which makes named reject the file.
  public func name(of zone: ZoneStatement) -> DomainName? {
    // named removes the escape of `\"` before it reads the name; so does this.
    try? DomainName(bytes, in: nameContent(of: zone))
  }

  /// The clauses in a zone's braces, without those of files included there.
  public func clauses(of zone: ZoneStatement) -> ZoneClauses { clauses(in: zone.body) }

  /// The clauses of a template, without those of files included there.
  public func clauses(of template: TemplateStatement) -> ZoneClauses { clauses(in: template.body) }

  private func clauses(in body: Range<Int>) -> ZoneClauses {
    var parser = NamedConfParser(bytes, in: body, context: .zone)
    // No error can occur here: the outline has already read this body.
    return (try? parser.parse().clauses) ?? ZoneClauses()
  }

  /// The indexes of the zones with one of the given names, or below one of the given ancestors, in file order.
  ///
  /// It visits every zone once, however many names there are.
  public func zones(
    named names: some Sequence<DomainName>, orBelow ancestors: [DomainName] = []
  ) -> [Int] {
    let wanted = WantedNames(names, orBelow: ancestors)
    return zones.indices.filter { wanted.contains(nameContent(of: zones[$0]), of: bytes) }
  }

  private func nameContent(of zone: ZoneStatement) -> Range<Int> {
    let range = zone.nameRange
    return bytes[range.lowerBound] == ASCII.quote
      ? range.lowerBound + 1..<range.upperBound - 1 : range
  }
}

/// Names to find among many, without creating a `DomainName` for each of those.
private struct WantedNames {
  private let names: Set<DomainName>
  private let ancestors: [DomainName]
  /// The names as they are usually written, in lower case and without a final dot, by length.
  private var textsByLength: [[[UInt8]]] = Array(repeating: [], count: 256)
  private var suffixes: [[UInt8]] = []
  /// Whether comparing texts is not enough: a name can only be written with an escape, or an ancestor is the root.
  private var needsNames = false

  init(_ names: some Sequence<DomainName>, orBelow ancestors: [DomainName]) {
    self.names = Set(names)
    self.ancestors = ancestors
    needsNames = ancestors.contains(.root)
    for name in self.names {
      let text = Self.text(of: name)
      needsNames = needsNames || text.contains(ASCII.backslash)
      if text.count < textsByLength.count { textsByLength[text.count].append(text) }
    }
    for ancestor in ancestors {
      let text = Self.text(of: ancestor)
      needsNames = needsNames || text.contains(ASCII.backslash)
      suffixes.append([ASCII.dot] + text)
    }
  }

  func contains(_ range: Range<Int>, of bytes: [UInt8]) -> Bool {
    // A lone `@` is the root.
    let isPlain = !bytes[range].contains(ASCII.backslash) && bytes[range].first != ASCII.at
    if needsNames || !isPlain {
      guard let name = try? DomainName(bytes, in: range) else { return false }
      return names.contains(name) || ancestors.contains { name.isBelow($0) }
    }
    var text = range
    if text.count > 1, bytes[text.upperBound - 1] == ASCII.dot { text.removeLast() }
    if text.count < textsByLength.count {
      for name in textsByLength[text.count] where Self.equal(bytes, in: text, to: name) {
        return true
      }
    }
    return suffixes.contains { suffix in
      text.count > suffix.count && Self.equal(bytes, in: text.suffix(suffix.count), to: suffix)
    }
  }

  private static func text(of name: DomainName) -> [UInt8] {
    name.withoutTrailingDot.utf8.map(ASCII.lowercased)
  }

  private static func equal(_ bytes: [UInt8], in range: Range<Int>, to text: [UInt8]) -> Bool {
    var index = range.lowerBound
    for byte in text {
      guard ASCII.lowercased(bytes[index]) == byte else { return false }
      index += 1
    }
    return true
  }
}
