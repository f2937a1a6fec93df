public import DNSNames

/// Where a statement stands within a file.
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
  /// In other braces, those of a key for one.
  case other
}

/// An `include` statement.
public struct Include: Hashable, Sendable {
  /// The path or glob pattern, without quotes; relative paths begin in named's `directory`.
  public let path: PathText
  /// The path with its quotes.
  public let pathRange: Range<Int>
  /// The statement with its semicolon.
  public let range: Range<Int>
  /// Where it is, which decides how to read the included file.
  public let enclosing: Enclosing
}

/// The `directory` option.
public struct Directory: Hashable, Sendable {
  /// The path, without quotes.
  public let path: PathText
  /// The path with its quotes.
  public let pathRange: Range<Int>
  /// The statement with its semicolon.
  public let range: Range<Int>
}

/// The `options` statement.
public struct OptionsStatement: Hashable, Sendable {
  /// What stands between the braces.
  public internal(set) var list: StatementList
  /// What it says about DNSSEC validation.
  public internal(set) var validation: ValidationClauses
  /// The statement with its semicolon.
  public let range: Range<Int>
}

/// A `view` statement.
public struct ViewStatement: Hashable, Sendable {
  /// The view's name, without quotes.
  public let name: String
  /// The class if one is given; without, it is IN.
  public let viewClass: RecordClass?
  /// What stands between the braces.
  public internal(set) var list: StatementList
  /// The statement with its semicolon.
  public internal(set) var range: Range<Int>
  /// What it says that its zones inherit.
  public internal(set) var clauses: ZoneClauses
  /// What it says about DNSSEC validation.
  public internal(set) var validation: ValidationClauses

  /// What lies between the braces.
  public var body: Range<Int> { list.body }
}

/// What `options` or a view says about DNSSEC validation.
public struct ValidationClauses: Hashable, Sendable {
  /// `dnssec-validation`: whether answers are validated; nil where it is not said, which to named
  /// means `auto`.
  public internal(set) var isOn: Bool?
  /// `validate-except`: the names below which nothing is validated; named takes one such statement.
  public internal(set) var exceptions: [ValidateExcept] = []
}

/// A `validate-except` statement: names that are taken without validation (RFC 7646).
public struct ValidateExcept: Hashable, Sendable {
  /// The names, as they are written, without quotes.
  public let names: [String]
  /// Where each of the names stands, quotes and all.
  public let nameRanges: [Range<Int>]
  /// What stands between the braces.
  public let list: StatementList
  /// The statement with its semicolon.
  public let range: Range<Int>
}

/// A `dnssec-policy` statement.
public struct DNSSECPolicy: Hashable, Sendable {
  /// The policy's name, without quotes.
  public let name: String
  /// The greatest TTL, in seconds, that a record of a zone under the policy may have; nil if it does
  /// not say, then it is a day.
  public let maxZoneTTL: UInt32?
}

/// A `template` statement: what the zones say that refer to it; from BIND 9.21 on.
public struct TemplateStatement: Hashable, Sendable {
  /// The template's name, without quotes.
  public let name: String
  /// What lies between the braces.
  public let body: Range<Int>
}

/// A `zone` statement.
///
/// A file may have hundreds of thousands of them, and few matter to anybody: it holds places only,
/// and what they say is read when it is asked for, from the outline.
public struct ZoneStatement: Hashable, Sendable {
  private let start: UInt32
  private let nameStart: UInt32
  private let nameEnd: UInt32
  private let bodyStart: UInt32
  private let bodyEnd: UInt32
  private let end: UInt32
  private let viewIndex: UInt32
  /// The class if one is given; without, it is the view's.
  public let zoneClass: RecordClass?

  /// Nil for a file too long to be told in 32 bits.
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

  /// Where the name is written, with its quotes.
  public var nameRange: Range<Int> { Int(nameStart)..<Int(nameEnd) }
  /// The view it stands in, an index into `NamedConfOutline.views`; nil outside views.
  public var view: Int? { viewIndex == .max ? nil : Int(viewIndex) }
  /// What lies between the braces.
  public var body: Range<Int> { Int(bodyStart)..<Int(bodyEnd) }
  /// The statement with its semicolon.
  public var range: Range<Int> { Int(start)..<Int(end) }
}
