public import DNSNames

/// The innermost braces around a statement within a file.
public enum Enclosing: Hashable, Sendable {
  /// In no braces of this file: at the level at which the file itself is read.
  case top
  /// In a view's braces; the index into `NamedConfOutline.views`.
  case view(Int)
  /// In the braces of `options`.
  case options
  /// In a zone's braces; the index into `NamedConfOutline.zones`.
  case zone(Int)
  /// In a template's braces; the index into `NamedConfOutline.templates`.
  case template(Int)
  /// In other braces, such as those of a key.
  case other
}

/// An `include` statement.
public struct Include: Hashable, Sendable {
  /// The path or glob pattern, without quotes; relative paths start in named's `directory`.
  public let path: PathText
  /// The path, including its quotes.
  public let pathRange: Range<Int>
  /// The statement, including its semicolon.
  public let range: Range<Int>
  /// The braces around it, which determine how to read the included file.
  public let enclosing: Enclosing
}

/// The `directory` option.
public struct Directory: Hashable, Sendable {
  /// The path, without quotes.
  public let path: PathText
  /// The path, including its quotes.
  public let pathRange: Range<Int>
  /// The statement, including its semicolon.
  public let range: Range<Int>
}

/// The `options` statement.
public struct OptionsStatement: Hashable, Sendable {
  /// The text between the braces.
  public internal(set) var list: StatementList
  /// Its clauses about DNSSEC validation.
  public internal(set) var validation: ValidationClauses
  /// The statement, including its semicolon.
  public let range: Range<Int>
}

/// A `view` statement.
public struct ViewStatement: Hashable, Sendable {
  /// The view's name, without quotes.
  public let name: String
  /// The class, if the statement gives one; otherwise the view is of class IN.
  public let viewClass: RecordClass?
  /// The text between the braces.
  public internal(set) var list: StatementList
  /// The statement, including its semicolon.
  public internal(set) var range: Range<Int>
  /// The clauses that its zones inherit.
  public internal(set) var clauses: ZoneClauses
  /// Its clauses about DNSSEC validation.
  public internal(set) var validation: ValidationClauses

  /// The text between the braces.
  public var body: Range<Int> { list.body }
}

/// The clauses of `options` or a view about DNSSEC validation.
public struct ValidationClauses: Hashable, Sendable {
  /// `dnssec-validation`: whether named validates answers; nil if it is not set, which to named means `auto`.
  public internal(set) var isOn: Bool?
  /// `validate-except`: the names below which named validates nothing; it accepts one such statement.
  public internal(set) var exceptions: [ValidateExcept] = []
}

/// A `validate-except` statement: names below which named does not validate answers (RFC 7646).
public struct ValidateExcept: Hashable, Sendable {
  /// The names as written, without quotes.
  public let names: [String]
  /// The position of each name, including its quotes.
  public let nameRanges: [Range<Int>]
  /// The text between the braces.
  public let list: StatementList
  /// The statement, including its semicolon.
  public let range: Range<Int>
}

/// A `dnssec-policy` statement.
public struct DNSSECPolicy: Hashable, Sendable {
  /// The policy's name, without quotes.
  public let name: String
  /// The greatest TTL, in seconds, of a record in a zone under the policy; nil if it is not set, which means a day.
  public let maxZoneTTL: UInt32?
}

/// A `template` statement: clauses for the zones that refer to it; from BIND 9.21 on.
public struct TemplateStatement: Hashable, Sendable {
  /// The template's name, without quotes.
  public let name: String
  /// The text between the braces.
  public let body: Range<Int>
}

/// A `zone` statement.
///
/// A file may have hundreds of thousands of them, of which few matter: this type holds only positions, and the outline
/// parses the contents on demand.
public struct ZoneStatement: Hashable, Sendable {
  private let start: UInt32
  private let nameStart: UInt32
  private let nameEnd: UInt32
  private let bodyStart: UInt32
  private let bodyEnd: UInt32
  private let end: UInt32
  private let viewIndex: UInt32
  /// The class, if the statement gives one; otherwise the zone is of the view's class.
  public let zoneClass: RecordClass?

  /// Nil if the file is too long for 32-bit offsets.
  init?(
    range: Range<Int>, nameRange: Range<Int>, body: Range<Int>, zoneClass: RecordClass?, view: Int?
  ) {
    guard let end = UInt32(exactly: range.upperBound) else { return nil }
    self.end = end
    start = UInt32(range.lowerBound)
    nameStart = UInt32(nameRange.lowerBound)
    nameEnd = UInt32(nameRange.upperBound)
    bodyStart = UInt32(body.lowerBound)
    bodyEnd = UInt32(body.upperBound)
    viewIndex = view.map(UInt32.init) ?? .max
    self.zoneClass = zoneClass
  }

  /// The position of the name, including its quotes.
  public var nameRange: Range<Int> { Int(nameStart)..<Int(nameEnd) }
  /// The view that contains it, an index into `NamedConfOutline.views`; nil outside views.
  public var view: Int? { viewIndex == .max ? nil : Int(viewIndex) }
  /// The text between the braces.
  public var body: Range<Int> { Int(bodyStart)..<Int(bodyEnd) }
  /// The statement, including its semicolon.
  public var range: Range<Int> { Int(start)..<Int(end) }
}
