import FileChange
import SystemPackage

extension FilePath {
  /// Whether it leads to /dev/null, which named reads as an empty file: systemd masks files so.
  var isNullDevice: Bool {
    guard let status = try? stat(), status.type == .characterSpecial,
      let null = try? FilePath("/dev/null").stat()
    else { return false }
    return NodeID(status) == NodeID(null)
  }
}
