import FileChange
import Glibc
import SystemPackage

/// What /proc/PID/status says of a process.
struct ProcessFields {
  private var fields: [Substring: Substring] = [:]

  init?(of process: String, in proc: FilePath = "/proc") {
    guard let bytes = readPseudoFile(proc.appending(process).appending("status")) else {
      return nil
    }
    for line in bytes.split(separator: "\n") {
      guard let colon = line.firstIndex(of: ":") else { continue }
      fields[line[..<colon]] = line[line.index(after: colon)...]
    }
  }

  /// Whether it has ended, and whoever started it has not taken note of that yet.
  var isZombie: Bool {
    (fields["State"] ?? "").split(whereSeparator: \.isWhitespace).first == "Z"
  }

  /// The effective user and group, and the other groups.
  var user: UInt32? { numbers("Uid").dropFirst().first }
  var groups: Set<UInt32> {
    Set(numbers("Gid").dropFirst().prefix(1) + numbers("Groups"))
  }

  /// Whether an effective capability is there, by its number (capabilities(7)).
  func hasCapability(_ number: Int) -> Bool {
    let digits = (fields["CapEff"] ?? "").split(whereSeparator: \.isWhitespace).joined()
    return UInt64(digits, radix: 16).map { $0 >> UInt64(number) & 1 == 1 } ?? false
  }

  private func numbers(_ field: Substring) -> [UInt32] {
    (fields[field] ?? "").split(whereSeparator: \.isWhitespace).compactMap { UInt32($0) }
  }
}

/// What this process may do.
package enum ProcessRights {
  /// Whether it could do for somebody what he and its user cannot: it is root's, or has one of the capabilities of
  /// the units (capabilities(7)).
  package static var exceedThoseOfItsUser: Bool {
    let (chown, overrideAccess, actAsOwner) = (0, 1, 3)
    guard geteuid() != 0 else { return true }
    let fields = ProcessFields(of: "self")
    return [chown, overrideAccess, actAsOwner].contains { fields?.hasCapability($0) ?? false }
  }
}

/// Whether a process has a name of up to 15 bytes: `comm` in proc(5).
func hasName(_ name: String, _ identifier: Int, in proc: FilePath) -> Bool {
  let path = "\(proc)/\(identifier)/comm"
  guard
    let file = unsafe try? path.withPlatformString({
      unsafe try FileDescriptor.open($0, .readOnly, options: .closeOnExec)
    })
  else { return false }
  var bytes = [UInt8](repeating: 0, count: 17)
  let count = try? file.closeAfter {
    unsafe try bytes.withUnsafeMutableBytes { unsafe try file.read(into: $0) }
  }
  return bytes.prefix(count ?? 0).elementsEqual("\(name)\n".utf8)
}

/// The text of a file in /proc, /sys or /etc; nil where it cannot be read.
///
/// These files have no size beforehand, and those in /proc change under every reader.
func readPseudoFile(_ path: FilePath) -> String? {
  pseudoFileBytes(path).map { String(decoding: $0, as: UTF8.self) }
}

/// The same, for what names files: their names are bytes.
func pseudoFileBytes(_ path: FilePath) -> [UInt8]? {
  guard let file = try? FileDescriptor.open(path, .readOnly, options: .closeOnExec) else {
    return nil
  }
  return try? file.closeAfter {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while bytes.count < 1 << 22 {
      let count = unsafe try chunk.withUnsafeMutableBytes { unsafe try file.read(into: $0) }
      if count == 0 { break }
      bytes += chunk.prefix(count)
    }
    return bytes
  }
}

/// What a link of /proc says; nil where there is none, or where it may not be read.
func linkTarget(of path: FilePath) -> FilePath? {
  // No link says more (PATH_MAX).
  var buffer = [CChar](repeating: 0, count: 4097)
  let count = unsafe path.withPlatformString { unsafe readlink($0, &buffer, buffer.count - 1) }
  return count < 0 ? nil : FilePath(bytes: buffer.prefix(count).map { UInt8(bitPattern: $0) })
}
