public import DNSNames

/// The SOA record of a zone file.
public struct StartOfAuthority: Hashable, Sendable {
  /// The zone's name.
  public let owner: DomainName
  /// The serial that is written.
  public let serial: SerialNumber
  /// The digits of the serial.
  public let serialRange: Range<Int>
  /// The record, from the owner to the last of its numbers.
  public let range: Range<Int>
  /// The digits of the same serial where the record stands once more: an AXFR has it first and last
  /// (RFC 5936 section 2.2), and so has a file that was made of one.
  public private(set) var copies: [Range<Int>] = []

  /// Takes note that the record stands once more.
  mutating func add(copy: StartOfAuthority) {
    guard copy.owner == owner, copy.serial == serial else { return }
    copies.append(copy.serialRange)
  }

  /// All places where the serial is written.
  public var serialRanges: [Range<Int>] { [serialRange] + copies }

  /// The edits that give the zone another serial and change nothing else.
  public func serialEdits(to serial: SerialNumber) -> [TextEdit] {
    serialRanges.map { TextEdit(range: $0, replacement: Array(serial.description.utf8)) }
  }

  init(_ record: ZoneFileRecord, in bytes: [UInt8]) throws(SyntaxError) {
    let fields = record.fields(in: bytes)
    if let first = fields.first, bytes.matches("\\#", in: first) {
      throw SyntaxError(
        """
        the SOA record is written in the form of RFC 3597 (\\#), in which its serial cannot be \
        edited; write it out with names and numbers
        """, at: first.lowerBound, in: bytes)
    }
    guard fields.count >= 3 else {
      throw SyntaxError("an SOA record without a serial", at: record.range.lowerBound, in: bytes)
    }
    let digits = fields[2]
    guard bytes[digits].allSatisfy(ASCII.isDigit), let serial = UInt32(bytes.text(in: digits))
    else {
      throw SyntaxError(
        "'\(bytes.text(in: digits))' is no serial: a number from 0 to 4294967295 is wanted",
        at: digits.lowerBound, in: bytes)
    }
    owner = record.owner
    self.serial = SerialNumber(serial)
    serialRange = digits
    range = record.range
  }

  /// The edit that gives the zone another serial and changes nothing else.
  public func serialEdit(to serial: SerialNumber) -> TextEdit {
    TextEdit(range: serialRange, replacement: Array(serial.description.utf8))
  }
}
