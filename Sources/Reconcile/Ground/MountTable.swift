import FileChange
import SystemPackage

/// The mounts that a process sees, as /proc/PID/mountinfo tells them (proc(5)).
struct MountTable: Sendable {
  /// A file, by what it is on its file system, wherever that is mounted.
  struct Place: Hashable {
    /// Such as `8:1`.
    let device: String
    let path: FilePath
  }

  private struct Mount {
    let place: Place
    let point: FilePath
  }

  /// In the order in which they were made: a later one covers an earlier one.
  private var mounts: [Mount] = []

  init(parsing text: String) { self.init(parsing: Array(text.utf8)) }

  init(parsing bytes: [UInt8]) {
    for line in bytes.split(separator: UInt8(ascii: "\n")) {
      let fields = line.split(separator: UInt8(ascii: " "))
      guard fields.count > 4 else { continue }
      let device = String(decoding: fields[2], as: UTF8.self)
      mounts.append(
        Mount(
          place: Place(device: device, path: Self.path(fields[3])), point: Self.path(fields[4])))
    }
  }

  /// What the process sees at a path, which must contain no symbolic links; nil if no listed mount covers the path.
  func place(of path: FilePath) -> Place? {
    guard let mount = mounts.last(where: { covers($0, path) }) else { return nil }
    var rest = path
    guard rest.removePrefix(mount.point) else { return nil }
    return Place(device: mount.place.device, path: mount.place.path.appending(rest.components))
  }

  /// Where a file itself is mounted, and not a folder that it is in.
  func points(of file: Place) -> [FilePath] {
    mounts.filter { $0.place == file && place(of: $0.point) == file }.map(\.point)
  }

  /// Whether a file is mounted at a path, and not a folder that it is in.
  func isPoint(_ path: FilePath) -> Bool {
    mounts.last { covers($0, path) }?.point == path
  }

  /// Describes a path by its file system, its place there, and its other mounts: the words change when the mounts do.
  ///
  /// - Parameter path: without symbolic links.
  /// - Returns: the words.
  func words(on path: FilePath) -> String {
    guard let place = place(of: path) else { return "-" }
    let points = points(of: place).map(\.string).sorted()
    return ([place.device, place.path.string] + points).joined(separator: " ")
  }

  private func covers(_ mount: Mount, _ path: FilePath) -> Bool {
    guard path.starts(with: mount.point) else { return false }
    // The deepest one counts, and of those at one point the last.
    let depth = mount.point.components.count
    return !mounts.contains {
      $0.point.components.count > depth && path.starts(with: $0.point)
    }
  }

  /// Blanks and the like are written as octal numbers, and all other bytes as they are.
  private static func path(_ field: ArraySlice<UInt8>) -> FilePath {
    var bytes: [UInt8] = []
    var rest = field
    while let byte = rest.popFirst() {
      let digits = rest.prefix(3)
      if byte == UInt8(ascii: "\\"), digits.count == 3,
        let code = UInt8(String(decoding: digits, as: UTF8.self), radix: 8)
      {
        bytes.append(code)
        rest.removeFirst(3)
      } else {
        bytes.append(byte)
      }
    }
    return FilePath(bytes: bytes)
  }
}
