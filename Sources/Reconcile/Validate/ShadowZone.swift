import BINDText
import FileChange
import ReconcileModel
import SystemPackage

/// A zone's text as it would be with a plan's changes, in a folder of its own: what the checkers read
/// in place of the real files.
struct ShadowZone {
  let tree: ConfigurationTree
  let folder: ScratchFolder
  /// The shadows, by the files' real names.
  private(set) var names: [FilePath: FilePath] = [:]
  /// Which lines of theirs are which on disk.
  private(set) var lines = CandidateLines()

  init(tree: ConfigurationTree, folder: ScratchFolder) {
    self.tree = tree
    self.folder = folder
  }

  /// Writes the zone's own file and those that it includes, as far as they are changed or include one
  /// that is.
  ///
  /// - Returns: the shadow of the zone's own file, or that file where it needs none.
  mutating func write(
    _ text: ZoneText, changed: [PlannedFile] = []
  ) throws(PassError) -> FilePath? {
    var main = text.files.first?.snapshot.realPath
    // Backwards: a file is written after those that it includes, and names their shadows.
    for file in text.files.reversed() {
      let candidate = changed.first { $0.path == file.snapshot.realPath }
      let includes = file.outline.includes.compactMap { include -> TextEdit? in
        guard let shadow = names[tree.onHost(FilePath(include.path))] else { return nil }
        return TextEdit(range: include.pathRange, replacement: Array(shadow.string.utf8))
      }
      // Out of a chroot, the paths within it lead elsewhere.
      guard candidate != nil || !includes.isEmpty || tree.root.isChanged else { continue }
      let edits = (candidate?.edits ?? []) + includes
      let shadow = try folder.write(try file.snapshot.candidate(edits))
      names[file.snapshot.path] = shadow
      lines.add(shadow, of: file.snapshot.path, file.snapshot.bytes, edits)
      main = shadow
    }
    return main
  }

  /// Writes the file of a zone that is to be made.
  mutating func write(_ file: PlannedFile) throws(PassError) -> FilePath? {
    guard let contents = file.contents else { return nil }
    let shadow = try folder.write(contents)
    names[file.path] = shadow
    lines.add(shadow, of: file.path, contents.bytes, [])
    return shadow
  }
}
