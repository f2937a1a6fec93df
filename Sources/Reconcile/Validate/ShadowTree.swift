import BINDText
import FileChange
import ReconcileModel
import SystemPackage

/// A configuration tree as it would be with a plan's changes, in a folder of its own: what
/// named-checkconf reads in place of the real one.
///
/// Files that are as they were stand where they stand; only those have a shadow that are changed, or
/// include a file with one. Of a chrooted named's tree every file has one, since the paths in it lead
/// elsewhere for a checker that is not chrooted.
struct ShadowTree {
  let tree: ConfigurationTree
  let changed: [PlannedFile]
  let folder: ScratchFolder
  /// The shadows, by the files' real names.
  private(set) var names: [FilePath: FilePath] = [:]

  /// Which lines of theirs are which on disk.
  private(set) var lines = CandidateLines()

  private var written: [Int: FilePath] = [:]
  private var isAsItWas: Set<Int> = []

  init(tree: ConfigurationTree, changed: [PlannedFile], folder: ScratchFolder) {
    self.tree = tree
    self.changed = changed
    self.folder = folder
  }

  /// Writes the shadows.
  ///
  /// - Returns: the shadow of named.conf.
  mutating func write() throws(PassError) -> FilePath {
    try shadow(of: 0) ?? tree.files[0].snapshot.path
  }

  /// The shadow of a file, written after those that it includes; nil if it needs none.
  private mutating func shadow(of index: Int) throws(PassError) -> FilePath? {
    if let shadow = written[index] { return shadow }
    if isAsItWas.contains(index) { return nil }
    let file = tree.files[index]
    var edits = changed.first { $0.path == file.snapshot.realPath }?.edits ?? []
    for (include, included) in zip(file.outline.includes, file.includes) {
      if let edit = try redirection(of: include, to: included, in: file) { edits.append(edit) }
    }
    if let directory = file.outline.directory, tree.root.isChanged {
      let path = tree.root.onHost(FilePath(directory.path))
      if path.isAbsolute {
        edits.append(
          TextEdit(range: directory.pathRange, replacement: Array("\"\(path)\"".utf8)))
      }
    }
    guard !edits.isEmpty || tree.root.isChanged || index == 0 else {
      isAsItWas.insert(index)
      return nil
    }
    let shadow = try folder.write(try file.snapshot.candidate(edits))
    written[index] = shadow
    names[file.snapshot.path] = shadow
    lines.add(shadow, of: file.snapshot.path, file.snapshot.bytes, edits)
    return shadow
  }

  /// An include statement with the shadows in place of the files that have one, as many lines long
  /// as before: the checker's messages tell lines.
  private mutating func redirection(
    of include: Include, to included: [Int], in file: ConfigurationFile
  ) throws(PassError) -> TextEdit? {
    var paths: [FilePath] = []
    var isNeeded = false
    for index in included {
      let shadow = try shadow(of: index)
      let isAbsent = tree.files[index].snapshot.isAbsent
      isNeeded = isNeeded || shadow != nil || isAbsent
      if isAbsent, shadow == nil { continue }
      paths.append(shadow ?? tree.files[index].snapshot.path)
    }
    guard isNeeded else { return nil }
    let statements = paths.map { "include \"\($0)\";" }.joined(separator: " ")
    let lineFeeds = file.snapshot.bytes[include.range].filter { $0 == UInt8(ascii: "\n") }
    return TextEdit(range: include.range, replacement: Array(statements.utf8) + lineFeeds)
  }
}
