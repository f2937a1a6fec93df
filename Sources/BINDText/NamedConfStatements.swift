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
  /// In other braces, those of a key for one.
  case other
}

/// An `include` statement.
public struct Include: Hashable, Sendable {
  /// The path or glob pattern, without quotes; relative paths begin in named's `directory`.
  public let path: String
  /// The path with its quotes.
  public let pathRange: Range<Int>
  /// The statement with its semicolon.
  public let range: Range<Int>
  /// Where it stands, and with that how the included file is to be read.
  public let enclosing: Enclosing
}

/// The `directory` option.
public struct Directory: Hashable, Sendable {
  /// The path, without quotes.
  public let path: String
  /// The path with its quotes.
  public let pathRange: Range<Int>
  /// The statement with its semicolon.
  public let range: Range<Int>
}

/// A `view` statement.
public struct ViewStatement: Hashable, Sendable {
  /// The view's name, without quotes.
  public let name: String
  /// The class if one is given; without, it is IN.
  public let viewClass: RecordClass?
  /// What lies between the braces.
  public internal(set) var body: Range<Int>
  /// The statement with its semicolon.
  public internal(set) var range: Range<Int>
  /// What the view's own `allow-update` says to its zones; nil if it has none.
  public internal(set) var allowsUpdate: Bool?
}

/// A `zone` statement.
public struct ZoneStatement: Hashable, Sendable {
  /// The zone's name.
  public let name: DomainName
  /// The name as it is written, without quotes.
  public let nameText: String
  /// Where the name is written, with its quotes.
  public let nameRange: Range<Int>
  /// The class if one is given; without, it is the view's.
  public let zoneClass: RecordClass?
  /// The view it stands in, an index into `NamedConfOutline.views`; nil outside views.
  public let view: Int?
  /// What its braces say.
  public internal(set) var clauses: ZoneClauses
  /// What lies between the braces.
  public internal(set) var body: Range<Int>
  /// The statement with its semicolon.
  public internal(set) var range: Range<Int>

  /// The kind of zone; nil if the statement does not say, which is an error for named unless an
  /// included file does.
  public var type: ZoneType? { clauses.type }
  /// The zone file's path as written; nil if the statement has none.
  public var file: String? { clauses.file }
  /// Whether the zone takes dynamic updates by its own clauses (an `allow-update` inherited from
  /// the view or the options is not looked at).
  public var isDynamic: Bool { clauses.hasUpdatePolicy || clauses.allowsUpdate == true }
}
