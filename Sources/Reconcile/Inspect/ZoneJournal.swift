import DNSNames
import FileChange
import SystemPackage

/// The header of the journal that named keeps beside a zone's file: it has the serial that the journal ends with.
///
/// It was published, whatever the file says by now: where an older file was restored, named does not roll it forward
/// (lib/dns/journal.c).
enum ZoneJournal {
  /// The format, padded to 16 bytes, then the serials and offsets at which it begins and ends, in network order.
  private static let magic = ";BIND LOG V9"
  private static let endSerial = 24

  /// The serial that a journal ends with; nil where there is none that can be read.
  ///
  /// It has no folder of its own, and whoever may write to the zone file's may have put anything there.
  static func lastSerial(at path: FilePath, as reader: Reader) -> SerialNumber? {
    let length = endSerial + 4
    guard let header = try? reader.beginning(of: path, atMost: length), header.count == length,
      header.starts(with: magic.utf8)
    else { return nil }
    return SerialNumber(header[endSerial...].reduce(0) { $0 << 8 | UInt32($1) })
  }
}
