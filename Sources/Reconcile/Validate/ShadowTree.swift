import BINDText
import FileChange
import ReconcileModel
import SystemPackage

/// A configuration tree as it would be with a plan's changes, in a folder of its own: what
/// named-checkconf reads in place of the real one.
struct ShadowTree {
  let tree: ConfigurationTree
  let changed: [PlannedFile]
  private(set) var shadows: Shadows
  /// The shadows, as the tree's files are numbered.
  private let names: [FilePath]

  init(tree: ConfigurationTree, changed: [PlannedFile], folder: ScratchFolder) {
    self.tree = tree
    self.changed = changed
    shadows = Shadows(in: folder)
    names = tree.files.map { _ in folder.reserve() }
  }

  /// Writes the shadows.
  ///
  /// - Returns: the shadow of named.conf.
  mutating func write() throws(PassError) -> FilePath {
    for (file, name) in zip(tree.files, names) where !isMissing(file) {
      try shadows.write(file.snapshot, edits(of: file), to: name)
    }
    return names[0]
  }

  /// Whether a file that a wildcard would include is not there, and is not to be made either.
  private func isMissing(_ file: ConfigurationFile) -> Bool {
    file.snapshot.isAbsent && !changed.contains { $0.path == file.snapshot.realPath }
  }

  private func edits(of file: ConfigurationFile) -> [TextEdit] {
    var edits = changed.first { $0.path == file.snapshot.realPath }?.edits ?? []
    let own = edits
    for (include, included) in zip(file.outline.includes, file.includes)
    where !own.contains(where: { $0.range.overlaps(include.range) }) {
      edits.append(redirection(of: include, to: included, in: file))
    }
    // The checker is not chrooted.
    if let directory = file.outline.directory, tree.root.isChanged {
      let path = tree.root.realPath(FilePath(directory.path))
      if path.isAbsolute {
        edits.append(
          TextEdit(
            range: directory.pathRange,
            replacement: [UInt8(ascii: "\"")] + path.bytes + [UInt8(ascii: "\"")]))
      }
    }
    return edits
  }

  /// An include statement with the shadows in place of the files, as many lines long as before: the
  /// checker's messages tell lines.
  private func redirection(
    of include: Include, to included: [Int], in file: ConfigurationFile
  ) -> TextEdit {
    let statements = included.filter { !isMissing(tree.files[$0]) }
      .map { "include \"\(names[$0])\";" }.joined(separator: " ")
    let lineFeeds = file.snapshot.bytes[include.range].filter { $0 == UInt8(ascii: "\n") }
    return TextEdit(range: include.range, replacement: Array(statements.utf8) + lineFeeds)
  }
}
