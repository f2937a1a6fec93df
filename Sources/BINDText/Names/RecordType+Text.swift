import DNSNames

extension [UInt8] {
  /// The type that a word names, without a new string for each record.
  func recordType(in range: Range<Int>) -> RecordType {
    switch uppercaseKey(in: range) {
    case 0x41: .a
    case 0x4141_4141: .aaaa
    case 0x43_4e41_4d45: .cname
    case 0x44_4e41_4d45: .dname
    case 0x4453: "DS"
    case 0x4d58: .mx
    case 0x4e53: .ns
    case 0x4e_5345_43: "NSEC"
    case 0x50_5452: .ptr
    case 0x5252_5349_47: "RRSIG"
    case 0x53_4f41: .soa
    case 0x53_5256: .srv
    case 0x54_5854: .txt
    default: unusualType(in: range)
    }
  }

  private func unusualType(in range: Range<Int>) -> RecordType {
    let name = String(decoding: self[range].lazy.map(ASCII.uppercased), as: UTF8.self)
    if name.hasPrefix("TYPE"), let number = UInt16(name.dropFirst(4)),
      let known = RecordType.numbers.first(where: { $0.number == number })
    {
      return known.type
    }
    return RecordType(rawValue: name)
  }
}

extension RecordType {
  /// The types that an editor of zones has to recognize in every spelling.
  fileprivate static let numbers: [(number: UInt16, type: RecordType)] = [
    (1, "A"), (2, "NS"), (5, "CNAME"), (6, "SOA"), (12, "PTR"), (15, "MX"), (16, "TXT"),
    (28, "AAAA"), (33, "SRV"), (35, "NAPTR"), (39, "DNAME"), (43, "DS"), (46, "RRSIG"),
    (47, "NSEC"), (48, "DNSKEY"), (50, "NSEC3"), (51, "NSEC3PARAM"), (64, "SVCB"), (65, "HTTPS"),
  ]
}
