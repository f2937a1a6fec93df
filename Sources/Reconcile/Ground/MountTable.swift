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

  init(parsing text: String) { self.init(parsing: Array(text.utf8)) }

  init(parsing bytes: [UInt8]) {
    for line in bytes.split(separator: UInt8(ascii: "\n")) {
      let fields = line.split(separator: UInt8(ascii: " "))
      guard fields.count > 4 else { continue }
      let device = String(decoding: fields[2], as: UTF8.self)
      let point = Self.path(fields[4])
      mounts.append(
        Mount(
          place: Place(device: device, path: Self.path(fields[3])), point: point,
          bytes: point == "/" ? [] : point.bytes))
    }
  }

  /// What the process sees at a path, which must contain no symbolic links; nil if no listed mount covers the path.
  func place(of path: FilePath) -> Place? {
    guard let mount = mount(covering: path) else { return nil }
    var rest = path
    guard rest.removePrefix(mount.point) else { return nil }
    return Place(device: mount.place.device, path: mount.place.path.appending(rest.components))
  }

  /// The deepest mount that a path is in, and of those at one point the last.
  private func mount(covering path: FilePath) -> Mount? {
    let bytes = path.bytes
    // One of them covers the other, so the longest is the deepest.
    var deepest: Mount?
    for mount in mounts
    where mount.bytes.count >= deepest?.bytes.count ?? 0 && mount.covers(bytes) { deepest = mount }
    return deepest
  }

  /// Where a file itself is mounted, and not a folder that it is in.
  func points(of file: Place) -> [FilePath] {
    mounts.filter { $0.place == file && place(of: $0.point) == file }.map(\.point)
  }

  /// Whether a file is mounted at a path, and not a folder that it is in.
  func isPoint(_ path: FilePath) -> Bool {
    mount(covering: path)?.point == path
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

  /// Blanks and the like are written as octal numbers, and all other bytes as they are.
  private static func path(_ field: ArraySlice<UInt8>) -> FilePath {
    guard field.contains(UInt8(ascii: "\\")) else { return FilePath(bytes: Array(field)) }
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
