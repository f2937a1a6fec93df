import BINDText
import FileChange
import Glibc
package import Named
import SystemPackage

/// Has named's own checkers judge a plan's files before anything is replaced.
///
/// The candidates are written into a private scratch folder, and named-checkconf reads the whole
/// tree there, in which every changed file is its candidate, so that includes and duplicates across
/// files are judged together.
package struct CandidateCheck: Sendable {
  let configuration: ConfigurationChecker
  let zones: ZoneChecker

  package init(tools: NamedTools) {
    configuration = ConfigurationChecker(tool: tools.checkconf)
    zones = ZoneChecker(tool: tools.checkzone)
  }

  func check(_ plan: Plan, _ tree: ConfigurationTree) async throws(PassError) {
    guard !plan.files.isEmpty else { return }
    let folder = try ScratchFolder()
    for file in plan.files {
      if case .zone(let zone) = file.kind {
        try await check(file, of: zone, among: plan.files, tree, in: folder)
      }
    }
    let changed = plan.files.filter { $0.kind == .configuration }
    if !changed.isEmpty { try await checkConfiguration(changed, tree, in: folder) }
  }

  private func check(
    _ file: PlannedFile, of zone: DomainName, among files: [PlannedFile],
    _ tree: ConfigurationTree, in folder: ScratchFolder
  ) async throws(PassError) {
    // An included file is judged with the file that includes it.
    let main = files.first { $0.kind == file.kind }
    guard main?.path == file.path else { return }
    let candidate = try folder.write(file.contents)
    let report: CheckReport
    do {
      report = try await zones.check(
        zone: zone.withoutTrailingDot, file: candidate, workingDirectory: tree.directory)
    } catch {
      throw PassError("\(error)")
    }
    guard !report.isAccepted else { return }
    throw PassError(
      "named-checkzone refuses the candidate for \(file.path), so nothing was changed:"
        + lines(report, [candidate: file.path]))
  }

  private func checkConfiguration(
    _ changed: [PlannedFile], _ tree: ConfigurationTree, in folder: ScratchFolder
  ) async throws(PassError) {
    var shadows: [FilePath: FilePath] = [:]
    // Backwards: a file is written after those that it includes, and names their shadows.
    for file in tree.files.reversed() {
      let candidate = changed.first { $0.path == file.snapshot.realPath }
      let redirected = file.includes.contains { $0.contains { shadows[$0] != nil } }
      let isRoot = file.snapshot.realPath == tree.files.first?.snapshot.realPath
      guard candidate != nil || redirected || isRoot else { continue }
      let bytes: [UInt8]
      do throws(TextEditError) {
        let edits = (candidate?.edits ?? []) + redirections(of: file, to: shadows)
        bytes = try file.snapshot.bytes.applying(edits)
      } catch {
        throw PassError("\(file.snapshot.path): \(error)")
      }
      let shadow = try folder.write(bytes)
      shadows[file.snapshot.path] = shadow
    }
    guard let root = tree.files.first, let shadow = shadows[root.snapshot.path] else { return }
    let report: CheckReport
    do {
      report = try await configuration.check(shadow)
    } catch {
      throw PassError("\(error)")
    }
    guard !report.isAccepted else { return }
    let names = Dictionary(uniqueKeysWithValues: shadows.map { ($1, $0) })
    throw PassError(
      "named-checkconf refuses the candidate configuration, so nothing was changed:"
        + lines(report, names))
  }

  /// The include statements of a file with the shadows in place of the files that have one.
  private func redirections(
    of file: ConfigurationFile, to shadows: [FilePath: FilePath]
  ) -> [TextEdit] {
    zip(file.outline.includes, file.includes).compactMap { include, paths in
      guard paths.contains(where: { shadows[$0] != nil }) else { return nil }
      let statements = paths.map { "include \"\(shadows[$0] ?? $0)\";" }
      return TextEdit(
        range: include.range, replacement: Array(statements.joined(separator: " ").utf8))
    }
  }

  /// The checker's messages with the files' real names.
  private func lines(_ report: CheckReport, _ names: [FilePath: FilePath]) -> String {
    report.messages.map { message in
      var message = message
      for (shadow, path) in names {
        while let range = message.firstRange(of: shadow.string) {
          message.replaceSubrange(range, with: path.string)
        }
      }
      return "\n  \(message)"
    }.joined()
  }
}

/// A folder that nobody else may look into (a configuration has keys in it), gone with its value.
private final class ScratchFolder {
  private let path: FilePath
  private var count = 0

  init() throws(PassError) {
    let parent = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/tmp"
    var template = Array(FilePath(parent).appending("zonebridge-XXXXXX").string.utf8CString)
    let isMade = unsafe template.withUnsafeMutableBufferPointer { buffer in
      unsafe buffer.baseAddress.map { unsafe mkdtemp($0) != nil } ?? false
    }
    guard isMade else {
      throw PassError("cannot make a scratch folder in \(parent): \(Errno(rawValue: errno))")
    }
    path = FilePath(String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self))
  }

  deinit {
    for index in 0..<count { _ = unsafe unlink(file(index).string) }
    _ = unsafe rmdir(path.string)
  }

  func write(_ bytes: [UInt8]) throws(PassError) -> FilePath {
    let file = file(count)
    count += 1
    do {
      let descriptor = try FileDescriptor.open(
        file, .writeOnly, options: [.create, .exclusiveCreate], permissions: .ownerReadWrite)
      _ = try descriptor.closeAfter { try descriptor.writeAll(bytes) }
    } catch {
      throw PassError("cannot write the candidate \(file): \(error)")
    }
    return file
  }

  private func file(_ index: Int) -> FilePath { path.appending("candidate-\(index)") }
}
