import DNSNames

/// Why a change is made, where several kinds of change say it.
enum Reason {
  static let notWanted = "removed (no longer in the configuration)"
  static let takenOver = "taken over from what was written by hand"
  /// A block that somebody edited says again what it has to.
  static let editedByHand = "edited by hand, restored"
  /// The block is rewritten, and its meaning does not change.
  static let rewritten = "rewritten, with the same meaning"

  /// What makes an alias's record another one.
  static func alias(
    for target: DomainName, over before: [DomainName], ttl: UInt32, _ formerTTL: UInt32? = nil
  ) -> String {
    if before.isEmpty { return "new, leads to \(target.withoutTrailingDot)" }
    if before.contains(target) {
      guard let formerTTL, formerTTL != ttl else { return rewritten }
      return "TTL \(formerTTL) -> \(ttl) (configuration)"
    }
    let former = before.map(\.withoutTrailingDot).joined(separator: ", ")
    return "leads to \(target.withoutTrailingDot), it led to \(former)"
  }
}
