import BINDText
import FileChange
import ReconcileModel
import SystemPackage

/// The files that changes edit, each with all of its edits.
struct PlannedFiles {
  private struct File {
    var kind: PlannedFile.Kind
    var before: FileSnapshot?
    var base: [UInt8]
    var edits: [TextEdit] = []
    /// Removed together, because adjacent blocks are one edit.
    var removed: [ManagedBlock] = []
    var removals: ([ManagedBlock]) -> [TextEdit] = { _ in [] }
    var isTakenAway = false
  }

  private var files: [FilePath: File] = [:]
  private var order: [FilePath] = []

  mutating func add(_ edit: FileEdit) {
    let path = open(edit.text, as: edit.kind)
    switch edit.action {
    case .edit(let edit): files[path]?.edits.append(edit)
    case .removal(let block): files[path]?.removed.append(block)
    case .takeAway: files[path]?.isTakenAway = true
    }
  }

  mutating func create(_ path: FilePath, as kind: PlannedFile.Kind, contents: [UInt8]) {
    files[path] = File(kind: kind, before: nil, base: contents)
    order.append(path)
  }

  private mutating func open(_ text: some ManagedText, as kind: PlannedFile.Kind) -> FilePath {
    let path = text.snapshot.realPath
    if files[path] == nil {
      files[path] = File(
        kind: kind, before: text.snapshot.isAbsent ? nil : text.snapshot, base: text.snapshot.bytes,
        removals: { text.outline.removal(of: $0) })
      order.append(path)
    }
    return path
  }

  /// Zone files first, so that a configuration never names a file that is not there yet, and removed files last.
  func inOrder() throws(TextEditError) -> [PlannedFile] {
    var planned: [PlannedFile] = []
    for path in order {
      guard let file = files[path] else { continue }
      let edits = file.edits + file.removals(file.removed)
      planned.append(
        PlannedFile(
          kind: file.kind, path: path, before: file.before, edits: edits,
          contents: file.isTakenAway
            ? nil : FileContents(pieces: try file.base.pieces(applying: edits))))
    }
    return planned.filter { $0.kind != .configuration && $0.contents != nil }
      + planned.filter { $0.kind == .configuration } + planned.filter { $0.contents == nil }
  }
}
