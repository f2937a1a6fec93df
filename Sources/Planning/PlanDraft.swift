import BINDText
import FileChange
import ReconcileModel
import SystemPackage

/// The edits of a plan while it is being made, by file.
struct PlanDraft {
  private struct File {
    var kind: PlannedFile.Kind
    var before: FileSnapshot?
    var base: [UInt8]
    var edits: [TextEdit] = []
    /// Taken out together, since blocks that touch each other are one edit.
    var removed: [ManagedBlock] = []
    var removals: ([ManagedBlock]) -> [TextEdit] = { _ in [] }
    var isTakenAway = false
  }

  private var files: [FilePath: File] = [:]
  private var order: [FilePath] = []

  mutating func edit(_ text: some ManagedText, as kind: PlannedFile.Kind, _ edit: TextEdit) {
    files[open(text, as: kind)]?.edits.append(edit)
  }

  mutating func remove(
    _ block: ManagedBlock, from text: some ManagedText, as kind: PlannedFile.Kind
  ) {
    let path = open(text, as: kind)
    files[path]?.removals = { text.outline.removal(of: $0) }
    files[path]?.removed.append(block)
  }

  mutating func create(_ path: FilePath, as kind: PlannedFile.Kind, contents: [UInt8]) {
    files[path] = File(kind: kind, before: nil, base: contents)
    order.append(path)
  }

  /// Takes a whole file away.
  mutating func takeAway(_ text: some ManagedText, as kind: PlannedFile.Kind) {
    let path = open(text, as: kind)
    files[path]?.isTakenAway = true
  }

  private mutating func open(_ text: some ManagedText, as kind: PlannedFile.Kind) -> FilePath {
    let path = text.snapshot.realPath
    if files[path] == nil {
      files[path] = File(kind: kind, before: text.snapshot, base: text.snapshot.bytes)
      order.append(path)
    }
    return path
  }

  /// The files of the plan: zone files first, so that a configuration never names a file that is
  /// not there yet, and those that are taken away last.
  func plannedFiles() throws(TextEditError) -> [PlannedFile] {
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
