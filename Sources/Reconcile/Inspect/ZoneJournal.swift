import DNSNames
import Glibc
import SystemPackage

/// The journal that named keeps beside a zone's file, as far as its header tells: the serial that it ends with.
///
/// It was published, whatever the file says by now: where an older file was restored, named does not roll it forward
/// (lib/dns/journal.c).
enum ZoneJournal {
  /// The format, padded to 16 bytes, then the serials and offsets at which it begins and ends, in network order.
  private static let magic = ";BIND LOG V9"
  private static let endSerial = 24

  /// The serial that a journal ends with; nil where there is none that can be read.
  static func lastSerial(at path: FilePath) -> SerialNumber? {
    guard
      let file = try? FileDescriptor.open(path, .readOnly, options: [.nonBlocking, .closeOnExec])
    else { return nil }
    defer { try? file.close() }
    var header = [UInt8](repeating: 0, count: endSerial + 4)
    let count = try? unsafe header.withUnsafeMutableBytes { try unsafe file.read(into: $0) }
    guard count == header.count, header.starts(with: magic.utf8) else { return nil }
    return SerialNumber(header[endSerial...].reduce(0) { $0 << 8 | UInt32($1) })
  }
}
