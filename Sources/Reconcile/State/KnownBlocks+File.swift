import FileChange
import ReconcileModel
import SystemPackage

/// The names of the managed blocks that passes with this state directory have seen to: another configuration over the
/// same files has others.
enum KnownBlocks {
  private static let title = "# Managed blocks of this zonebridge; it removes no others by itself."

  /// Nil where all blocks count: the state is from a version that did not tell them apart.
  static func read(in directory: StateDirectory, hasEarlierState: Bool) -> Set<String>? {
    guard let lines = StateFile.lines(of: directory.blocks, title: title) else {
      return hasEarlierState ? nil : []
    }
    return Set(lines.map(String.init))
  }

  static func write(
    _ names: Set<String>, in directory: StateDirectory
  ) throws(FileChangeError) {
    try StateFile.write(StateFile.text(names.sorted(), title: title), to: directory.blocks)
  }
}
