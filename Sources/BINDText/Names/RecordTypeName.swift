/// Gives the names of record types without making a new string for each record.
enum RecordTypeName {
  /// The type that a word names, in upper case.
  static func name(_ bytes: [UInt8], in range: Range<Int>) -> String {
    switch bytes.uppercaseKey(in: range) {
    case 0x41: return "A"
    case 0x4141_4141: return "AAAA"
    case 0x43_4e41_4d45: return "CNAME"
    case 0x44_4e41_4d45: return "DNAME"
    case 0x4453: return "DS"
    case 0x4d58: return "MX"
    case 0x4e53: return "NS"
    case 0x4e_5345_43: return "NSEC"
    case 0x50_5452: return "PTR"
    case 0x5252_5349_47: return "RRSIG"
    case 0x53_4f41: return "SOA"
    case 0x53_5256: return "SRV"
    case 0x54_5854: return "TXT"
    default: return unusualName(bytes, in: range)
    }
  }

  private static func unusualName(_ bytes: [UInt8], in range: Range<Int>) -> String {
    let name = String(decoding: bytes[range].lazy.map(ASCII.uppercased), as: UTF8.self)
    if name.hasPrefix("TYPE"), let number = UInt16(name.dropFirst(4)),
      let known = numbers.first(where: { $0.number == number })
    {
      return known.name
    }
    return name
  }

  /// The types whose presence an editor of zones has to notice however they are written.
  private static let numbers: [(number: UInt16, name: String)] = [
    (1, "A"), (2, "NS"), (5, "CNAME"), (6, "SOA"), (12, "PTR"), (15, "MX"), (16, "TXT"),
    (28, "AAAA"), (33, "SRV"), (35, "NAPTR"), (39, "DNAME"), (43, "DS"), (46, "RRSIG"),
    (47, "NSEC"), (48, "DNSKEY"), (50, "NSEC3"), (51, "NSEC3PARAM"), (64, "SVCB"), (65, "HTTPS"),
  ]
}
