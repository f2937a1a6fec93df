import BINDText
import FileChange
import ReconcileModel
import SystemPackage

/// A zone's text as it would be with a plan's changes, in a folder of its own: what the checkers read
/// in place of the real files.
struct ShadowZone {
  let tree: ConfigurationTree
  private(set) var shadows: Shadows
  /// The shadows, by the files' real names.
  private var names: [FilePath: FilePath] = [:]

  init(tree: ConfigurationTree, folder: ScratchFolder) {
    self.tree = tree
    shadows = Shadows(in: folder)
  }

  /// Writes the zone's own file and those that it includes.
  ///
  /// - Returns: the shadow of the zone's own file.
  mutating func write(
    _ text: ZoneText, changed: [PlannedFile] = []
  ) throws(PassError) -> FilePath? {
    var main: FilePath?
    // Backwards: a file is written after those that it includes, and names their shadows.
    for file in text.files.reversed() {
      let path = file.snapshot.path
      main = names[path]
      // One that is included once more is the same file.
      guard main == nil else { continue }
      let edits = changed.first { $0.path == file.snapshot.realPath }?.edits ?? []
      let includes = file.outline.includes.compactMap { include -> TextEdit? in
        guard let shadow = names[tree.onHost(FilePath(include.path))],
          !edits.contains(where: { $0.range.overlaps(include.range) })
        else { return nil }
        return TextEdit(range: include.pathRange, replacement: Array(shadow.string.utf8))
      }
      let shadow = shadows.folder.reserve()
      try shadows.write(file.snapshot, edits + includes, to: shadow)
      names[path] = shadow
      main = shadow
    }
    return main
  }

  /// Writes a file as it is.
  mutating func write(_ snapshot: FileSnapshot) throws(PassError) -> FilePath {
    let shadow = shadows.folder.reserve()
    try shadows.write(snapshot, [], to: shadow)
    return shadow
  }

  /// Writes the file of a zone that is to be made.
  mutating func write(_ file: PlannedFile) throws(PassError) -> FilePath? {
    guard let contents = file.contents else { return nil }
    return try shadows.write(contents, as: file.path)
  }
}
