/// A statement that sets how strictly named checks a primary zone when it loads it.
///
/// If a check fails, named may reject the zone.
public enum ZoneCheck: String, Hashable, Sendable, CaseIterable {
  /// Host names that RFC 952 and RFC 1123 do not allow.
  case names = "check-names"
  /// Records that are duplicates except for their case.
  case duplicates = "check-dup-records"
  /// MX records that point to an address.
  case mx = "check-mx"
  /// MX records that point to a CNAME.
  case mxToCNAME = "check-mx-cname"
  /// SRV records that point to a CNAME.
  case srvToCNAME = "check-srv-cname"
  /// Whether MX, SRV and NS records point to names that have addresses, within the zone.
  case integrity = "check-integrity"
  /// Whether `check-integrity` also checks the glue of sibling zones.
  case sibling = "check-sibling"
  /// SVCB records of name servers that lack what RFC 9461 requires; from BIND 9.20 on.
  case svcb = "check-svcb"

  init?(_ bytes: [UInt8], in keyword: Range<Int>) {
    guard keyword.count > 6,
      bytes.matches("check-", in: keyword.lowerBound..<keyword.lowerBound + 6),
      let check = Self.allCases.first(where: { bytes.matches($0.rawValue, in: keyword) })
    else { return nil }
    self = check
  }
}
