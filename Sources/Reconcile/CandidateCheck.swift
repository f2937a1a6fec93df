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
    var zones: Set<PlannedFile.Kind> = []
    for file in plan.files where file.contents != nil {
      guard case .zone(let zone, let view) = file.kind, zones.insert(file.kind).inserted else {
        continue
      }
      let files = plan.files.filter { $0.kind == file.kind }
      try await check(zone, in: view, files, install, in: folder)
    }
    let changed = plan.files.filter { $0.kind == .configuration }
    guard !changed.isEmpty else { return }
    var shadow = ShadowTree(tree: install.tree, changed: changed, folder: folder)
    try await check(&shadow, install.tree)
  }

  /// Judges a zone with all its files, of which any may be changed: the SOA record may stand in
  /// another than the alias.
  private func check(
    _ zone: DomainName, in view: String?, _ changed: [PlannedFile], _ install: Install,
    in folder: ScratchFolder
  ) async throws(PassError) {
    let tree = install.tree
    var shadows: [FilePath: FilePath] = [:]
    var main: FilePath?
    if let text = install.text(of: zone, in: view) {
      for file in text.files.reversed() {
        let candidate = changed.first { $0.path == file.snapshot.realPath }
        let includes = file.outline.includes.compactMap { include -> TextEdit? in
          guard let shadow = shadows[tree.onHost(FilePath(include.path))] else { return nil }
          return TextEdit(range: include.pathRange, replacement: Array(shadow.string.utf8))
        }
        let isMain = file.snapshot.path == text.files.first?.snapshot.path
        // Out of a chroot, the paths within it lead elsewhere.
        guard candidate != nil || !includes.isEmpty || isMain || tree.root.isChanged else {
          continue
        }
        let shadow = try folder.write(
          try file.snapshot.candidate((candidate?.edits ?? []) + includes))
        shadows[file.snapshot.path] = shadow
        main = shadow
      }
    } else if let file = changed.first, let contents = file.contents {
      let shadow = try folder.write(contents)
      shadows[file.path] = shadow
      main = shadow
    }
    guard let main else { return }
    let report: CheckReport
    do {
      report = try await zones.check(
        zone: zone.withoutTrailingDot, file: main,
        workingDirectory: tree.root.onHost(tree.directory))
    } catch {
      throw PassError("\(error)")
    }
    guard !report.isAccepted else { return }
    throw PassError(
      "named-checkzone refuses the candidate for zone \(zone.withoutTrailingDot), so nothing was "
        + "changed:" + lines(report, shadows))
  }

  private func check(
    _ shadow: inout ShadowTree, _ tree: ConfigurationTree
  ) async throws(PassError) {
    let report: CheckReport
    do {
      report = try await configuration.check(
        try shadow.write(), workingDirectory: tree.files[0].snapshot.path.removingLastComponent())
    } catch let error as PassError {
      throw error
    } catch {
      throw PassError("\(error)")
    }
    guard !report.isAccepted else { return }
    throw PassError(
      "named-checkconf refuses the candidate configuration, so nothing was changed:"
        + lines(report, shadow.names))
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

extension FileSnapshot {
  func candidate(_ edits: [TextEdit]) throws(PassError) -> FileContents {
    do throws(TextEditError) {
      return FileContents(pieces: try bytes.pieces(applying: edits))
    } catch {
      throw PassError("\(path): \(error)")
    }
  }
}
