public import DNSNames

/// The SOA record of a zone file.
public struct StartOfAuthority: Hashable, Sendable {
  /// The zone's name.
  public let owner: DomainName
  /// The serial as written.
  public let serial: SerialNumber
  /// The digits of the serial.
  public let serialRange: Range<Int>
  /// The record, from the owner to the last of its numbers.
  public let range: Range<Int>

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
        "this is not a serial: a number from 0 to 4294967295 is expected",
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
