import Glibc
import SystemPackage

/// The peak resident memory of this process (proc(5): VmHWM) since it was last reset.
package enum ResidentMemory {
  package static func resetPeak() throws {
    let file = try FileDescriptor.open(FilePath("/proc/self/clear_refs"), .writeOnly)
    try file.closeAfter { _ = try file.writeAll("5".utf8) }
  }

  /// In bytes.
  package static func peak() throws -> Int {
    let file = try FileDescriptor.open(FilePath("/proc/self/status"), .readOnly)
    var buffer = [UInt8](repeating: 0, count: 1 << 14)
    let count = try file.closeAfter {
      unsafe try buffer.withUnsafeMutableBytes { unsafe try file.read(into: $0) }
    }
    let line = String(decoding: buffer.prefix(count), as: UTF8.self)
      .split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    let kibibytes = line?.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first
    guard let kibibytes, let value = Int(kibibytes) else {
      throw Unexpected("/proc/self/status tells no VmHWM")
    }
    return value * 1024
  }
}
