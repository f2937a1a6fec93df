import BINDText
import FileChange
import Named
import ReconcileModel
import SystemPackage

// Edits that somebody else has not had loaded yet: a reload for our sake loads them too.
extension Planner {
  /// For how long a file has to be at rest before somebody's edit counts as done, in seconds.
  private static var rest: Int64 { 60 }

  /// Sees to a zone file that is ahead of what named has loaded: where our records need changing in it,
  /// the change waits for the file to be at rest; else loading it is left to whoever edits it.
  ///
  /// - Parameters:
  ///   - zone: the zone that is edited for its aliases.
  ///   - text: its files.
  ///   - makeChange: makes the change in a copy of the plan, and tells whether there is any.
  /// - Returns: whether the zone is left alone for now.
  /// - Throws: what the change throws.
  mutating func leavesAlone(
    _ zone: Zone, _ text: ZoneText,
    by makeChange: (inout Planner) throws(PlanError) -> Bool
  ) throws(PlanError) -> Bool {
    guard let (file, time) = foreignEdit(of: zone, text) else { return false }
    let edit = "\(file) was changed at \(CivilTime(secondsSince1970: time))"
    var trial = self
    guard try makeChange(&trial) else {
      result.hints.append(
        Hint(
          zone.subject,
          """
          \(edit), and named has not loaded that: as long as what is ours is served, it is left to \
          whoever edits the file
          """))
      return false
    }
    guard operation.isWhole, abs(now - time) < Self.rest else {
      result.warnings.append(
        "\(zone.title): \(edit), and named has not loaded that: it is loaded with this change")
      return false
    }
    hold(
      zone.subject,
      "\(edit), and named has not loaded that: somebody may be in the middle of an edit",
      remedy: """
        Its change waits until the file has been at rest for a minute, or for: rndc reload \
        \(zone.name.withoutTrailingDot)
        """)
    return true
  }

  /// The file of a zone that somebody else has edited since named loaded the zone, and when.
  private func foreignEdit(
    of zone: Zone, _ text: ZoneText
  ) -> (file: FilePath, time: Int64)? {
    guard let status = zone.status, let serial = status.serial, let soa = text.soa else {
      return nil
    }
    let loaded = status.lastLoaded?.secondsSinceEpoch
    let isAhead = soa.record.serial.isNewer(than: SerialNumber(serial))
    let edited = text.files.map(\.snapshot).filter { snapshot in
      let isLater = loaded.map { snapshot.identity.modified.seconds > $0 } ?? false
      return (isLater || isAhead) && !isOurs(snapshot)
    }
    return edited.max { $0.identity.modified.seconds < $1.identity.modified.seconds }
      .map { ($0.path, $0.identity.modified.seconds) }
  }

  /// Whether a file is as our last change of it left it.
  private func isOurs(_ snapshot: FileSnapshot) -> Bool {
    memory.left[snapshot.path] == FileMark(snapshot.identity)
  }

  /// Says which of somebody else's edits of the configuration are loaded along with ours.
  mutating func noteForeignConfiguration() {
    guard result.files.contains(where: { $0.kind == .configuration }),
      case .success(let status)? = actual.named,
      let loaded = status.lastConfigured?.secondsSinceEpoch
    else { return }
    var told: Set<FilePath> = []
    for file in actual.tree.files.map(\.snapshot)
    where file.identity.modified.seconds > loaded && !isOurs(file)
      && told.insert(file.realPath).inserted
    {
      let time = CivilTime(secondsSince1970: file.identity.modified.seconds)
      result.warnings.append(
        """
        \(file.path) was changed at \(time), after named last read it: that is loaded with this \
        change too
        """)
    }
  }
}
