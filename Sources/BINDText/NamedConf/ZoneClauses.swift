/// What kind of zone a `zone` statement makes.
public enum ZoneType: Hashable, Sendable {
  /// `primary`, formerly `master`: the zone file is the zone's source.
  case primary
  /// `secondary`, formerly `slave`: the file is a copy that named writes.
  case secondary
  /// `mirror`
  case mirror
  /// `stub`
  case stub
  /// `static-stub`
  case staticStub
  /// `forward`
  case forward
  /// `hint`
  case hint
  /// `redirect`
  case redirect
  /// `delegation-only`, which named 9.20 no longer has.
  case delegationOnly
  /// No type of its own: `in-view` lends the zone from another view.
  case inView

  init?(_ bytes: [UInt8], in range: Range<Int>) {
    for (word, type) in Self.words where bytes.matches(word, in: range) {
      self = type
      return
    }
    return nil
  }

  private static let words: [(String, ZoneType)] = [
    ("forward", .forward), ("master", .primary), ("primary", .primary), ("slave", .secondary),
    ("secondary", .secondary), ("hint", .hint), ("stub", .stub), ("static-stub", .staticStub),
    ("mirror", .mirror), ("redirect", .redirect), ("delegation-only", .delegationOnly),
  ]
}

extension ZoneType {
  /// Whether named has records of such a zone to answer with: a name's closest enclosing zone is one that does.
  ///
  /// Of `hint` it learns where to ask, by `forward` and `static-stub` whom, and `redirect` is for what exists nowhere.
  public var holdsData: Bool {
    switch self {
    case .primary, .secondary, .mirror, .stub, .inView: true
    case .staticStub, .forward, .hint, .redirect, .delegationOnly: false
    }
  }
}

/// What a `zone` statement's braces say: the part that matters to an edit of the zone.
///
/// A clause that does not stand there is nil: it may stand in an included file, or be inherited
/// from the view or the options.
public struct ZoneClauses: Hashable, Sendable {
  /// `type`, or `inView` for `in-view`.
  public internal(set) var type: ZoneType?
  /// `file`, as it is written: relative paths begin in named's `directory`.
  public internal(set) var file: PathText?
  /// `template`: the name of a statement that says what the zone itself does not; from BIND 9.21 on.
  public internal(set) var template: String?
  /// `in-view`: the view that lends the zone.
  public internal(set) var inView: String?
  /// `masterfile-format`: `text`, `raw` or `map`, in lower case.
  public internal(set) var masterfileFormat: String?
  /// `dnssec-policy`: the policy's name; `none` and `insecure` are names too.
  public internal(set) var dnssecPolicy: String?
  /// `inline-signing`.
  public internal(set) var hasInlineSigning: Bool?
  /// Whether `allow-update` lets anybody update the zone; false for `{ none; }`.
  public internal(set) var allowsUpdate: Bool?
  /// Whether there is an `update-policy`.
  public internal(set) var hasUpdatePolicy = false
  /// `max-zone-ttl`: the greatest TTL, in seconds, that a record of the zone may have; `UInt32.max`
  /// for `unlimited`.
  public internal(set) var maxZoneTTL: UInt32?
  /// `journal`: the file for what DNS UPDATE changed, if it is not the zone's own with `.jnl`.
  public internal(set) var journal: PathText?
  /// What the `check-…` statements say, in lower case.
  public internal(set) var checks: [ZoneCheck: String] = [:]

  /// No clauses.
  public init() {}

  /// Whether a zone takes dynamic updates by these clauses.
  public var isDynamic: Bool { hasUpdatePolicy || allowsUpdate == true }

  /// These clauses, and where one is missing the other's: those of a file that is included in the
  /// zone's braces, or what the zone inherits from its view and `options`.
  public func completed(with other: ZoneClauses) -> ZoneClauses {
    var result = self
    result.type = type ?? other.type
    result.file = file ?? other.file
    result.template = template ?? other.template
    result.inView = inView ?? other.inView
    result.masterfileFormat = masterfileFormat ?? other.masterfileFormat
    result.dnssecPolicy = dnssecPolicy ?? other.dnssecPolicy
    result.hasInlineSigning = hasInlineSigning ?? other.hasInlineSigning
    result.allowsUpdate = allowsUpdate ?? other.allowsUpdate
    result.hasUpdatePolicy = hasUpdatePolicy || other.hasUpdatePolicy
    result.maxZoneTTL = maxZoneTTL ?? other.maxZoneTTL
    result.journal = journal ?? other.journal
    result.checks.merge(other.checks) { own, _ in own }
    return result
  }
}
