/// The parts of a file of named's configuration that matter for adding zones to it: includes, views, zones, the
/// working directory, and managed blocks.
///
/// It is made in one pass over the bytes and keeps them. It tells what is written and not whether
/// named takes it, which is named-checkconf's business: unknown statements are passed over.
public struct NamedConfOutline: Sendable {
  /// The place from which a file is included, and with that the statements it may hold.
  public enum Context: Hashable, Sendable {
    /// A configuration of its own, or a file included outside of all braces.
    case top
    /// A file included in a view's braces.
    case view
    /// A file included in the braces of `options`.
    case options
    /// A file included in a zone's braces: its own are in `clauses`.
    case zone
    /// A file included in any other braces: of it, only includes and blocks are told.
    case other
  }

  /// The file.
  public let bytes: [UInt8]
  /// The place from which it is read.
  public let context: Context
  /// The includes, in the order in which they stand.
  public internal(set) var includes: [Include] = []
  /// The `directory` option.
  public internal(set) var directory: Directory?
  /// The `session-keyfile` option: where named puts the key for `update-policy local`.
  public internal(set) var sessionKeyFile: PathText?
  /// The `options` statement.
  public internal(set) var options: OptionsStatement?
  /// The views, in the order in which they stand.
  public internal(set) var views: [ViewStatement] = []
  /// The zones, in the order in which they stand.
  public internal(set) var zones: [ZoneStatement] = []
  /// What `options` says that zones inherit; in a file that is read in the context of a view what
  /// the view says, in the context of a zone the zone's own clauses.
  public internal(set) var clauses = ZoneClauses()
  /// The `dnssec-policy` statements.
  public internal(set) var dnssecPolicies: [DNSSECPolicy] = []
  /// The `template` statements.
  public internal(set) var templates: [TemplateStatement] = []
  /// What `options` says about validation, or the file itself if it is read in the context of
  /// `options` or of a view.
  public internal(set) var validation = ValidationClauses()
  /// Where the last statement outside of all braces begins.
  var lastStatement: Int?
  var blockResult: Result<[ManagedBlock], ManagedBlockError> = .success([])

  /// Reads a file.
  ///
  /// Thrown is what keeps named from reading it at all: braces, strings or comments that do not
  /// end, a missing semicolon.
  public init(parsing bytes: [UInt8], context: Context = .top) throws(SyntaxError) {
    var parser = NamedConfParser(bytes, context: context)
    self = try parser.parse()
  }

  init(bytes: [UInt8], context: Context) {
    self.bytes = bytes
    self.context = context
  }

  /// The managed blocks, in the order in which they stand.
  ///
  /// Damaged markers do not keep the rest of the outline from being read: they are thrown here.
  public func blocks() throws(ManagedBlockError) -> [ManagedBlock] {
    try blockResult.get()
  }

  /// The line and column of a byte.
  public func location(of offset: Int) -> SourceLocation {
    SourceLocation(of: offset, in: bytes)
  }
}
