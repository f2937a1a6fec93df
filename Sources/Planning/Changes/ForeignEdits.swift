import BINDText
import DNSNames
import FileChange
import Named
import ReconcileModel
import SystemPackage

/// Edits by others that named has not loaded yet: our reload would load them too.
struct ForeignEdits {
  private let context: PlanContext

  init(_ context: PlanContext) { self.context = context }

  /// How long a file has to be at rest before somebody's edit counts as done, in seconds.
  private static var rest: Int64 { 60 }

  /// Handles a zone file that is newer than what named has loaded: a change of our records waits until the file is at
  /// rest.
  ///
  /// If nothing of ours changes, loading it is left to its editor.
  ///
  /// - Parameters:
  ///   - zone: the zone that is edited for its aliases.
  ///   - text: its files.
  ///   - isChanged: whether anything of ours needs changing in it.
  ///   - draft: gets the messages.
  /// - Returns: whether the zone is left alone for now.
  func leavesAlone(
    _ zone: Zone, _ text: ZoneText, isChanged: Bool, _ draft: inout PlanDraft
  ) -> Bool {
    guard let (file, time) = foreignEdit(of: zone, text) else { return false }
    let edit = "\(file) was changed at \(CivilTime(secondsSince1970: time))"
    guard isChanged else {
      draft.hints.append(
        Hint(
          zone.subject,
          """
          \(edit), and named has not loaded that edit: zonebridge leaves it alone as long as named serves our records
          """))
      return false
    }
    guard context.operation.isWhole, abs(context.now - time) < Self.rest else {
      draft.warnings.append(
        "\(zone.title): \(edit), and named has not loaded that edit: this change loads it")
      return false
    }
    draft.hold(
      zone.subject,
      "\(edit), and named has not loaded that edit: somebody may be in the middle of it",
      remedy: """
        The change waits until the file has been left alone for a minute. To apply it sooner: rndc reload \
        \(zone.name.withoutTrailingDot)
        """)
    return true
  }

  /// The serial that named has still to load, since the last change of the zone is ours and nobody had named read it.
  func serialOwed(by zone: Zone) -> SerialNumber? {
    guard !zone.isDynamic, case .success(let text)? = zone.text,
      let serial = text.soa?.record.serial, let loaded = zone.status?.serial,
      serial.isNewer(than: loaded), foreignEdit(of: zone, text) == nil
    else { return nil }
    return serial
  }

  /// The file of a zone that somebody else has edited since named loaded the zone, and when.
  private func foreignEdit(
    of zone: Zone, _ text: ZoneText
  ) -> (file: FilePath, time: Int64)? {
    guard let status = zone.status, let serial = status.serial, let soa = text.soa else {
      return nil
    }
    // Of a zone that named signs, it tells when the signed zone was loaded: a reload of its unsigned source does not change
    // that. Nor does named take anything of a source whose serial is the same, so there the serial alone tells.
    let loaded = status.signedSerial == nil ? status.lastLoaded?.secondsSinceEpoch : nil
    let isAhead = soa.record.serial.isNewer(than: serial)
    let edited = text.files.map(\.snapshot).filter { snapshot in
      let isLater = loaded.map { snapshot.identity.modified.seconds > $0 } ?? false
      return (isLater || isAhead) && !isOurs(snapshot)
    }
    return edited.max { $0.identity.modified.seconds < $1.identity.modified.seconds }
      .map { ($0.path, $0.identity.modified.seconds) }
  }

  /// Whether a file is as our last change of it left it.
  private func isOurs(_ snapshot: FileSnapshot) -> Bool {
    context.memory.left[snapshot.path] == FileMark(snapshot.identity)
  }

  /// Which of somebody else's edits of the configuration are loaded along with ours.
  func foreignConfiguration(loadedWith files: [PlannedFile]) -> [String] {
    guard files.contains(where: { $0.kind == .configuration }),
      case .success(let status)? = context.actual.named,
      let loaded = status.lastConfigured?.secondsSinceEpoch
    else { return [] }
    var told: Set<FilePath> = []
    return context.actual.tree.files.map(\.snapshot).filter { file in
      file.identity.modified.seconds > loaded && !isOurs(file)
        && told.insert(file.realPath).inserted
    }.map { file in
      let time = CivilTime(secondsSince1970: file.identity.modified.seconds)
      return """
        \(file.path) was changed at \(time), after named last read it: this change loads that edit too
        """
    }
  }
}
