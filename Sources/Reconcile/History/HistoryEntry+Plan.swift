import BINDText
import FileChange
import DNSNames
import Named
import ReconcileModel
import SystemPackage

// MARK: From a plan

extension HistoryEntry {
  /// Records what a plan changes.
  init(_ proposal: Proposal, number: Int) {
    let (plan, actual) = (proposal.plan, proposal.actual)
    self.init(
      number: number, time: proposal.now,
      subjects: plan.attempts.keys.sorted(),
      bind: RecordedSettings(actual.bind),
      files: plan.files.map { RecordedFile($0, actual) },
      updates: plan.updates.flatMap(RecordedUpdate.all),
      aliases: plan.changedAliases,
      domains: plan.forgotten.map(\.withoutTrailingDot))
  }
}

extension RecordedFile {
  fileprivate init(_ file: PlannedFile, _ actual: ActualState) {
    self.init(
      path: (file.before?.path ?? file.path).recorded,
      action: file.before == nil ? .made : file.contents == nil ? .removed : .changed)
    if case .zone(let name, let view) = file.kind {
      zone = "\(name)"
      self.view = view
    }
    switch action {
    case .made: contents = file.contents.map { RecordedText($0.bytes) }
    case .removed:
      contents = file.before.map { RecordedText($0.bytes) }
      owner = file.before?.metadata.owner
      group = file.before?.metadata.group
      mode = file.before.map { UInt32($0.metadata.mode.rawValue) }
    case .changed:
      let serials = Set(
        actual.zones.compactMap { try? $0.text?.get() }.flatMap(\.authorities)
          .filter { $0.file.snapshot.realPath == file.path }.map(\.record.serialRange))
      if let bytes = file.before?.bytes {
        edits = RecordedEdit.all(of: file.edits, in: bytes, serials: serials)
      }
    }
  }
}

extension RecordedEdit {
  /// Edits in the order of the file; those that touch each other become one.
  fileprivate static func all(
    of edits: [TextEdit], in bytes: [UInt8], serials: Set<Range<Int>>
  ) -> [RecordedEdit] {
    let context = 48
    var recorded: [RecordedEdit] = []
    var shift = 0
    let edits = edits.inOrder
    for (index, edit) in edits.enumerated() {
      let range = edit.range
      // Only what no edit changes is there to be recognised, the serial above all, which goes on with every change.
      let start = index == 0 ? 0 : edits[index - 1].range.upperBound
      let end = index + 1 == edits.count ? bytes.count : edits[index + 1].range.lowerBound
      let isAlone = start < range.lowerBound || range.upperBound < end
      let around = isAlone ? start..<end : 0..<bytes.count
      recorded.append(
        RecordedEdit(
          offsetBefore: range.lowerBound, offsetAfter: range.lowerBound + shift,
          old: RecordedText(bytes[range]), new: RecordedText(edit.replacement),
          lead: RecordedText(bytes[around.lowerBound..<range.lowerBound].suffix(context)),
          trail: RecordedText(bytes[range.upperBound..<around.upperBound].prefix(context)),
          isSerial: serials.contains(range)))
      shift += edit.replacement.count - range.count
    }
    return recorded
  }
}

extension RecordedUpdate {
  fileprivate static func all(of update: ZoneUpdate) -> [RecordedUpdate] {
    update.parts.map { part in
      RecordedUpdate(
        zone: "\(update.zone)", view: update.view, owner: "\(part.owner)",
        key: update.key.string, old: part.old.map(RecordedTarget.init),
        new: part.new.map(RecordedTarget.init))
    }
  }
}

extension RecordedTarget {
  fileprivate init(_ alias: LiveAlias) {
    self.init(target: "\(alias.target)", ttl: alias.ttl)
  }
}

extension Plan {
  fileprivate var changedAliases: [RecordedAlias] {
    let attempts = attempts
    var aliases: [RecordedAlias] = []
    var places: [ZoneInView: Int] = [:]
    for case .alias(let owner, let target, let zone, let view) in servedBefore {
      let place = ZoneInView(name: owner, view: view)
      if places[place] == nil { places[place] = aliases.count }
      aliases.append(
        RecordedAlias(owner: "\(owner)", zone: "\(zone)", view: view, old: "\(target)"))
    }
    for case .alias(let owner, let target, let zone, let view) in servedAfterwards
    where attempts[.alias(owner)] != nil {
      if let place = places[ZoneInView(name: owner, view: view)] {
        aliases[place].new = "\(target)"
      } else {
        aliases.append(
          RecordedAlias(owner: "\(owner)", zone: "\(zone)", view: view, new: "\(target)"))
      }
    }
    return aliases
  }
}
