import DNSNames
import ReconcileModel
import SystemPackage

/// What named would make of a zone, before and after a change: the last look before the files are
/// swapped.
///
/// It is independent of our own reading of zone files. Both texts are compiled by named-compilezone
/// into its canonical form, a record a line in the order of RFC 4034, and may differ by the serial and
/// by the DNAMEs of the plan alone.
struct ZoneComparison {
  let zone: DomainName
  /// The aliases as they have to be.
  let wanted: [DomainName: DomainName]
  /// The owners of DNAMEs that may go.
  let managed: Set<DomainName>

  /// Compares two files, of which a few lines are in memory at a time.
  ///
  /// - Returns: what else differs, in words; nil if nothing does.
  func surplus(before: FilePath, after: FilePath) throws(PassError) -> String? {
    var old = try LineReader(before)
    var new = try LineReader(after)
    try old.advance()
    try new.advance()
    // What may go has not gone if it comes up on the other side as well: where the first of two
    // aliases that follow each other leads elsewhere, the lines are out of step by then.
    var passedOver: Set<[UInt8]> = []
    while true {
      switch (old.current, new.current) {
      case (nil, nil): return nil
      case (let line?, let other?) where line == other:
        try LineReader.skipEqualLines(&old, &new)
      case (let line?, let other?) where differInSerialAlone(line, other):
        try old.advance()
        try new.advance()
      case (let line?, _) where mayGo(line):
        passedOver.insert(Array(line))
        try old.advance()
      case (_, let line?) where mayCome(line) || passedOver.contains(Array(line)):
        try new.advance()
      case (let line?, nil): return "it would lose the record \(words(line))"
      case (nil, let line?): return "it would get the record \(words(line))"
      case (let line?, let other?):
        return "it would have the record \(words(other)) where it has \(words(line))"
      }
    }
  }

  private func differInSerialAlone(_ line: ArraySlice<UInt8>, _ other: ArraySlice<UInt8>) -> Bool {
    let (one, two) = (fields(line), fields(other))
    // Owner, TTL, class, type, and the seven fields of the SOA (RFC 1035 section 3.3.13).
    return one.count == 11 && two.count == 11 && one[3] == "SOA" && name(one[0]) == zone
      && one.indices.allSatisfy { $0 == 6 || one[$0] == two[$0] }
  }

  private func mayGo(_ line: ArraySlice<UInt8>) -> Bool {
    let fields = fields(line)
    guard fields.count == 5, fields[3] == "DNAME", let owner = name(fields[0]) else { return false }
    return managed.contains(owner) || wanted[owner] != nil
  }

  private func mayCome(_ line: ArraySlice<UInt8>) -> Bool {
    let fields = fields(line)
    guard fields.count == 5, fields[3] == "DNAME", let owner = name(fields[0]),
      let target = name(fields[4])
    else { return false }
    return wanted[owner] == target
  }

  private func name(_ field: Substring) -> DomainName? { try? DomainName(field) }

  private func fields(_ line: ArraySlice<UInt8>) -> [Substring] {
    String(decoding: line, as: UTF8.self).split { $0 == " " || $0 == "\t" }
  }

  private func words(_ line: ArraySlice<UInt8>) -> String {
    fields(line).joined(separator: " ")
  }
}
