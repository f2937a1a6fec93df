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
    /// The point's own, each name with the slash before it: none for the root.
    let bytes: [UInt8]

    /// Whether a path, by its bytes, is the point or beneath it.
    func covers(_ path: [UInt8]) -> Bool {
      path.starts(with: bytes)
        && (path.count == bytes.count || path[bytes.count] == UInt8(ascii: "/"))
    }
  }

  /// In the order in which they were made: a later one covers an earlier one.
  private var mounts: [Mount] = []

  init(parsing text: String) {
    for line in text.split(separator: "\n") {
      let fields = line.split(separator: " ")
      guard fields.count > 4 else { continue }
      let point = Self.path(fields[4])
      mounts.append(
        Mount(
          place: Place(device: String(fields[2]), path: Self.path(fields[3])), point: point,
          bytes: point == "/" ? [] : point.bytes))
    }
  }

  /// What the process sees at a path, which must contain no symbolic links; nil if no listed mount covers the path.
  func place(of path: FilePath) -> Place? {
    let bytes = path.bytes
    // The deepest one counts, and of those at one point the last. One covers the other, so that the longest is deepest.
    var deepest: Mount?
    for mount in mounts
    where mount.bytes.count >= deepest?.bytes.count ?? 0 && mount.covers(bytes) { deepest = mount }
    guard let mount = deepest else { return nil }
    var rest = path
    guard rest.removePrefix(mount.point) else { return nil }
    return Place(device: mount.place.device, path: mount.place.path.appending(rest.components))
  }

  /// Where a file itself is mounted, and not a folder that it is in.
  func points(of file: Place) -> [FilePath] {
    mounts.filter { $0.place == file && place(of: $0.point) == file }.map(\.point)
  }

  /// What a path is, by file system and place on it, and where else that is mounted: other words once something is
  /// mounted otherwise.
  ///
  /// - Parameter path: without symbolic links.
  /// - Returns: the words.
  func words(on path: FilePath) -> String {
    guard let place = place(of: path) else { return "-" }
    let points = points(of: place).map(\.string).sorted()
    return ([place.device, place.path.string] + points).joined(separator: " ")
  }

  /// Blanks and the like are written as octal numbers.
  private static func path(_ field: Substring) -> FilePath {
    guard field.contains("\\") else { return FilePath(String(field)) }
    var bytes: [UInt8] = []
    var rest = field.utf8[...]
    while let byte = rest.popFirst() {
      let digits = String(rest.prefix(3)) ?? ""
      if byte == UInt8(ascii: "\\"), digits.count == 3, let code = UInt8(digits, radix: 8) {
        bytes.append(code)
        rest.removeFirst(3)
      } else {
        bytes.append(byte)
      }
    }
    return FilePath(String(decoding: bytes, as: UTF8.self))
  }
}
