import BINDText
import DCOS
import DNSNames
import FileChange
import Named
import Planning
import ReconcileModel
import SystemPackage

/// The way back from a change that named refuses or does not serve in time.
///
/// The changes to blame are reverted with whatever depends on them, and nothing else: an alias does not stay without
/// the forward zone that it leads into.
struct AutomaticRevert {
  let plan: Plan
  let actual: ActualState
  let applied: AppliedChanges
  let journal: Journal?
  let control: RemoteControl?
  let probe: (any ServedProbe)?
  /// What named served before, of what the plan changed.
  let servedBefore: [Expectation]
  let patience: Duration

  struct Result {
    /// The files that were changed again.
    var files: [FilePath] = []
    var problems: [Problem] = []
    /// The serials under which zones were given back what they had.
    var serials: [ZoneInView: SerialNumber] = [:]
    /// The part of the plan that remains; nil if all of it was reverted.
    var kept: Plan?
  }

  /// Reverts the files, has named reload them, and checks that it serves again what it served before.
  func goBack(from cause: RevertCause) async -> Result {
    var kept: Plan?
    // A rollback is reverted as a whole, and so is a plan that depends entirely on what is to blame.
    var undoesAll = !plan.restored.isEmpty
    if !cause.isRefusal, !plan.changes.isEmpty {
      kept = try? PlanReduction(of: plan, without: cause.blamed).plan
      if kept?.changes.isEmpty == true {
        kept = nil
        undoesAll = true
      }
    }
    let files =
      undoesAll
      ? Set(plan.files.map(\.appliedPath)) : kept.map(filesToChange) ?? filesToUndo(cause)
    let zones = actual.zones.filter { zone in
      zone.clauses.type == .primary && zone.files.contains { files.contains($0) }
    }
    // Zones that share a file get one serial, above the newest that any of them may have loaded.
    var serials: [FilePath: SerialNumber] = [:]
    for zone in zones {
      guard let path = zone.authority?.file.snapshot.path,
        let serial = await serialToPutBack(zone, cause)
      else { continue }
      let newest = serials[path] ?? serial
      serials[path] = serial.isNewer(than: newest) ? serial : newest
    }
    var raised: [ZoneInView: SerialNumber] = [:]
    var contents: [FilePath: FileContents] = [:]
    var expectations: [Expectation] = []
    for zone in zones {
      guard let file = zone.authority?.file else { continue }
      let planned = kept?.serialEdits.first { $0.zone == zone.inView }?.serial
      if let serial = serials[file.snapshot.path] ?? planned {
        raised[zone.inView] = serial
        let edits = Dictionary(grouping: zone.authorities, by: { $0.file.snapshot.path })
        for (path, places) in edits {
          contents[path] = try? places[0].file.snapshot.candidate(
            places.map { $0.record.serialEdit(to: serial) })
        }
        expectations.append(.serial(zone: zone.name, view: zone.view, serial))
      } else if let loaded = zone.status?.serial {
        expectations.append(.serial(zone: zone.name, view: zone.view, loaded))
      }
    }
    if kept != nil {
      kept = try? PlanReduction(of: plan, without: cause.blamed, serials: raised).plan
      for file in kept?.files ?? [] where files.contains(file.appliedPath) {
        contents[file.appliedPath] = file.contents
      }
    }
    let keptEdits: [KeptEdit]
    do throws(FileChangeError) {
      keptEdits = try applied.undo(journal: journal, only: files, contents: contents)
    } catch {
      return Result(
        problems: [
          Problem(.failed, .files, error, at: "reverting them failed as well")
        ])
    }
    var result = Result(
      files: files.sorted { $0.string < $1.string }, problems: keptEdits.map(\.problem),
      serials: raised, kept: kept)
    guard !cause.isRefusal else { return result }
    let undoesConfiguration = plan.files.contains {
      $0.kind == .configuration && files.contains($0.appliedPath)
    }
    result.problems += await tell(zones, undoesConfiguration: undoesConfiguration)
    let attempts = kept?.attempts ?? [:]
    result.problems += await missing(
      expectations
        + servedBefore.filter {
          concerns($0, zones, undoesConfiguration) && attempts[$0.subject] == nil
        }
        + (kept?.servedAfterwards.filter { $0.alias != nil } ?? []))
    return result
  }

  /// The files that must differ from what the plan made them.
  private func filesToChange(_ kept: Plan) -> Set<FilePath> {
    var changed: Set<FilePath> = []
    for file in plan.files {
      let left = kept.files.first { $0.appliedPath == file.appliedPath }
      if left?.contents?.bytes != file.contents?.bytes || left == nil {
        changed.insert(file.appliedPath)
      }
    }
    return changed
  }

  private func filesToUndo(_ cause: RevertCause) -> Set<FilePath> {
    let paths = plan.files.map(\.appliedPath)
    guard !cause.undoesConfiguration else { return Set(paths) }
    let affected = Set(
      actual.zones.filter { cause.zones.contains($0.name) }.flatMap(\.files))
    return Set(
      zip(plan.files, paths).filter { file, path in
        if case .zone(let zone, _) = file.kind, cause.zones.contains(zone) { return true }
        return file.kind != .configuration && affected.contains(path)
      }.map(\.1))
  }

  /// A serial above all that were loaded meanwhile; nil if named has loaded nothing of the change, so the file is
  /// restored to the byte.
  private func serialToPutBack(_ zone: Zone, _ cause: RevertCause) async -> SerialNumber? {
    guard !cause.isRefusal, let control else { return nil }
    var status: ZoneStatus?
    do throws(RemoteControlError) {
      status = try await control.zoneStatus(zone: zone.name, view: zone.view)
      if status?.serial == zone.status?.serial { return nil }
    } catch .zoneNotLoaded {
      if zone.status?.serial == nil { return nil }
    } catch {
      // It may have been loaded, and been given to secondaries: never a lower one.
    }
    var serials = [status?.serial, status?.signedSerial].compactMap(\.self)
    for case .serial(zone.name, zone.view, let serial) in plan.servedAfterwards {
      serials.append(serial)
    }
    guard let first = serials.first else { return nil }
    return serials.dropFirst().reduce(first) { $1.isNewer(than: $0) ? $1 : $0 }.incremented()
  }

  private func tell(_ zones: [Zone], undoesConfiguration: Bool) async -> [Problem] {
    guard let control else { return [] }
    // If the plan created or removed a file, its statement is reverted too, so named has to read the configuration
    // again.
    var commands = plan.commands.filter { command in
      if case .reload = command { return false }
      return undoesConfiguration
    }
    commands += zones.map { .reload(zone: $0.name, view: $0.view) }
    var problems: [Problem] = []
    for command in commands {
      do throws(RemoteControlError) {
        try await control.send(command)
      } catch {
        problems.append(
          Problem(.failed, .command(command), error, at: "after the files were reverted"))
      }
    }
    return problems
  }

  /// What was served before and is not served again.
  private func missing(_ expectations: [Expectation]) async -> [Problem] {
    guard let probe else { return [] }
    let verdicts = await probe.wait(for: expectations, within: patience)
    return expectations.compactMap { expectation in
      guard case .notServed(let reason) = verdicts[expectation] else { return nil }
      return Problem(
        severity: .failed, subject: expectation.subject,
        reason: "the files were reverted, and named does not serve what it did before: \(reason)",
        remedy: "See named's log, and check whether somebody else has changed its configuration")
    }
  }

  private func concerns(
    _ expectation: Expectation, _ zones: [Zone], _ undoesConfiguration: Bool
  ) -> Bool {
    switch expectation {
    case .forwarded: undoesConfiguration
    case .alias(_, _, let zone, let view), .serial(let zone, let view, _):
      zones.contains { $0.name == zone && $0.view == view }
    }
  }
}

extension PlannedFile {
  /// The path under which the file is changed.
  fileprivate var appliedPath: FilePath { before?.path ?? path }
}

extension Zone {
  /// The paths of its text's files, as they were asked for.
  fileprivate var files: [FilePath] {
    guard case .success(let text)? = text else { return [] }
    return text.files.map(\.snapshot.path)
  }

  /// Each occurrence of its SOA record.
  fileprivate var authorities: [(file: ZoneTextFile, record: StartOfAuthority)] {
    guard case .success(let text)? = text else { return [] }
    return text.authorities
  }

  /// Its SOA record, with the file in which it stands.
  fileprivate var authority: (file: ZoneTextFile, record: StartOfAuthority)? {
    guard case .success(let text)? = text else { return nil }
    return text.soa
  }
}
