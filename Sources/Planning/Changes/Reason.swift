import DNSNames

/// Reasons that several kinds of change share.
enum Reason {
  static let notWanted = "removed (no longer in the configuration)"
  static let takenOver = "taken over from what was written by hand"
  /// A block that somebody edited gets its contents back.
  static let editedByHand = "edited by hand, restored"
  /// The block is rewritten, and its meaning does not change.
  static let rewritten = "rewritten, with the same meaning"

  /// Why an alias's record changes.
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
