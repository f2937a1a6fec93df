/// A statement that tells named how strictly it judges a primary zone when it loads it, and by which it may refuse the
/// zone.
public enum ZoneCheck: String, Hashable, Sendable, CaseIterable {
  /// Names of hosts that are none by RFC 952 and RFC 1123.
  case names = "check-names"
  /// Records that are there twice but for their case.
  case duplicates = "check-dup-records"
  /// MX records that lead to an address.
  case mx = "check-mx"
  /// MX records that lead to a CNAME.
  case mxToCNAME = "check-mx-cname"
  /// SRV records that lead to a CNAME.
  case srvToCNAME = "check-srv-cname"
  /// Whether MX, SRV and NS records lead to names with addresses, within the zone.
  case integrity = "check-integrity"
  /// Whether `check-integrity` looks for the glue of sibling zones too.
  case sibling = "check-sibling"
  /// SVCB records of name servers that lack what RFC 9461 asks for; from BIND 9.20 on.
  case svcb = "check-svcb"

  init?(_ bytes: [UInt8], in keyword: Range<Int>) {
    guard keyword.count > 6,
      bytes.matches("check-", in: keyword.lowerBound..<keyword.lowerBound + 6),
      let check = Self.allCases.first(where: { bytes.matches($0.rawValue, in: keyword) })
    else { return nil }
    self = check
  }
}
