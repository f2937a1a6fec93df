/// The parts of a named configuration file that matter for adding zones to it.
///
/// They are includes, views, zones, the working directory, and managed blocks.
///
/// It is made in one pass over the bytes and keeps them. It reports what the file says, not whether named accepts it,
/// which is the job of named-checkconf: it skips statements that it does not know.
public struct NamedConfOutline: Sendable {
  /// The place from which a file is included, which determines the statements that it may contain.
  public enum Context: Hashable, Sendable {
    /// A configuration of its own, or a file included outside all braces.
    case top
    /// A file included in a view's braces.
    case view
    /// A file included in the braces of `options`.
    case options
    /// A file included in a zone's braces: its own clauses are in `clauses`.
    case zone
    /// A file included in any other braces: only its includes and blocks are reported.
    case other
  }

  /// The file.
  public let bytes: [UInt8]
  /// The place from which it is read.
  public let context: Context
  /// The includes, in file order.
  public internal(set) var includes: [Include] = []
  /// The `directory` option.
  public internal(set) var directory: Directory?
  /// The `session-keyfile` option: where named puts the key for `update-policy local`.
  public internal(set) var sessionKeyFile: PathText?
  /// The `options` statement.
  public internal(set) var options: OptionsStatement?
  /// The views, in file order.
  public internal(set) var views: [ViewStatement] = []
  /// The zones, in file order.
  public internal(set) var zones: [ZoneStatement] = []
  /// The clauses of `options` that zones inherit.
  ///
  /// For a file read in the context of a view they are the clauses of the view; in the context of a zone, the zone's
  /// own.
  public internal(set) var clauses = ZoneClauses()
  /// The `dnssec-policy` statements.
  public internal(set) var dnssecPolicies: [DNSSECPolicy] = []
  /// The `template` statements.
  public internal(set) var templates: [TemplateStatement] = []
  /// The clauses of `options` about validation; in the context of `options` or a view, those of the file itself.
  public internal(set) var validation = ValidationClauses()
  /// Where the last statement outside all braces begins.
  var lastStatement: Int?
  var blockResult: Result<[ManagedBlock], ManagedBlockError> = .success([])

  /// Reads a file.
  ///
  /// - Throws: An error that keeps named from reading the file at all: braces, strings or comments that do not end, or
  ///   a missing semicolon.
  public init(parsing bytes: [UInt8], context: Context = .top) throws(SyntaxError) {
    var parser = NamedConfParser(bytes, context: context)
    self = try parser.parse()
  }

  init(bytes: [UInt8], context: Context) {
    self.bytes = bytes
    self.context = context
  }

  /// The managed blocks, in file order.
  ///
  /// Damaged markers do not affect the rest of the outline: only this method throws the error.
  public func blocks() throws(ManagedBlockError) -> [ManagedBlock] {
    try blockResult.get()
  }

  /// The line and column of a byte.
  public func location(of offset: Int) -> SourceLocation {
    SourceLocation(of: offset, in: bytes)
  }
}
