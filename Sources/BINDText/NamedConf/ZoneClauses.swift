/// The type of a zone.
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
  /// `delegation-only`, which named 9.20 no longer supports.
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
  /// Whether named has records of such a zone to answer with: the closest enclosing zone of a name is one that does.
  ///
  /// A `hint` zone only tells named where to ask, `forward` and `static-stub` zones whom to ask, and a `redirect` zone
  /// is for names that do not exist.
  public var holdsData: Bool {
    switch self {
    case .primary, .secondary, .mirror, .stub, .inView: true
    case .staticStub, .forward, .hint, .redirect, .delegationOnly: false
    }
  }
}

/// The clauses in the braces of a `zone` statement that matter for editing the zone.
///
/// A missing clause is nil: it may be in an included file, or be inherited from the view or `options`.
public struct ZoneClauses: Hashable, Sendable {
  /// `type`, or `inView` for `in-view`.
  public internal(set) var type: ZoneType?
  /// `file`, as written: relative paths start in named's `directory`.
  public internal(set) var file: PathText?
  /// `template`: the name of a statement with the clauses that the zone itself does not set; from BIND 9.21 on.
  public internal(set) var template: String?
  /// `in-view`: the view that the zone is shared from.
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
  /// `max-zone-ttl`: the greatest TTL of a record of the zone, in seconds; `UInt32.max` for `unlimited`.
  public internal(set) var maxZoneTTL: UInt32?
  /// `journal`: the file with the changes made by DNS UPDATE, if it is not the zone file's name plus `.jnl`.
  public internal(set) var journal: PathText?
  /// The values of the `check-…` statements, in lower case.
  public internal(set) var checks: [ZoneCheck: String] = [:]

  /// No clauses.
  public init() {}

  /// Whether a zone with these clauses accepts dynamic updates.
  public var isDynamic: Bool { hasUpdatePolicy || allowsUpdate == true }

  /// These clauses, with missing ones taken from the other.
  ///
  /// The other's are those of a file that is included in the zone's braces, or those that the zone inherits from its
  /// view and `options`.
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
