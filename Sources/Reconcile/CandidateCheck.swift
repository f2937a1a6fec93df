import BINDText
import FileChange
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

  func check(_ plan: Plan, _ install: Install) async throws(PassError) {
    guard !plan.files.isEmpty else { return }
    let folder = try ScratchFolder()
    var zones: Set<DomainName> = []
    for case .zone(let zone) in plan.files.map(\.kind) where zones.insert(zone).inserted {
      let files = plan.files.filter { $0.kind == .zone(zone) }
      try await check(zone, files, install, in: folder)
    }
    let changed = plan.files.filter { $0.kind == .configuration }
    if !changed.isEmpty { try await checkConfiguration(changed, install.tree, in: folder) }
  }

  /// Judges a zone with all its files, of which any may be changed: the SOA record may stand in
  /// another than the alias.
  private func check(
    _ zone: DomainName, _ changed: [PlannedFile], _ install: Install, in folder: ScratchFolder
  ) async throws(PassError) {
    var shadows: [FilePath: FilePath] = [:]
    var main: FilePath?
    if let text = install.text(of: zone) {
      for file in text.files.reversed() {
        let candidate = changed.first { $0.path == file.snapshot.realPath }
        let includes = file.outline.includes.compactMap { include -> TextEdit? in
          let path = install.tree.absolute(FilePath(include.path))
          guard let shadow = path.flatMap({ shadows[$0] }) else { return nil }
          return TextEdit(range: include.pathRange, replacement: Array(shadow.string.utf8))
        }
        let isMain = file.snapshot.path == text.files.first?.snapshot.path
        guard candidate != nil || !includes.isEmpty || isMain else { continue }
        let shadow = try folder.write(
          try candidateBytes(file.snapshot, (candidate?.edits ?? []) + includes))
        shadows[file.snapshot.path] = shadow
        main = shadow
      }
    } else if let file = changed.first {
      let shadow = try folder.write(file.contents)
      shadows[file.path] = shadow
      main = shadow
    }
    guard let main else { return }
    let report: CheckReport
    do {
      report = try await zones.check(
        zone: zone.withoutTrailingDot, file: main, workingDirectory: install.tree.directory)
    } catch {
      throw PassError("\(error)")
    }
    guard !report.isAccepted else { return }
    throw PassError(
      "named-checkzone refuses the candidate for zone \(zone.withoutTrailingDot), so nothing was "
        + "changed:" + lines(report, shadows))
  }

  private func candidateBytes(
    _ snapshot: FileSnapshot, _ edits: [TextEdit]
  ) throws(PassError) -> [UInt8] {
    do throws(TextEditError) {
      return try snapshot.bytes.applying(edits)
    } catch {
      throw PassError("\(snapshot.path): \(error)")
    }
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
      let edits = (candidate?.edits ?? []) + redirections(of: file, to: shadows)
      shadows[file.snapshot.path] = try folder.write(try candidateBytes(file.snapshot, edits))
    }
    guard let root = tree.files.first, let shadow = shadows[root.snapshot.path] else { return }
    let report: CheckReport
    do {
      report = try await configuration.check(shadow)
    } catch {
      throw PassError("\(error)")
    }
    guard !report.isAccepted else { return }
    throw PassError(
      "named-checkconf refuses the candidate configuration, so nothing was changed:"
        + lines(report, shadows))
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
  private func lines(_ report: CheckReport, _ shadows: [FilePath: FilePath]) -> String {
    report.messages.map { message in
      let named = shadows.reduce(message) { text, pair in
        text.replacing(pair.value.string, with: pair.key.string)
      }
      return "\n  \(named)"
    }.joined()
  }
}
