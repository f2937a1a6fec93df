package import BINDText
package import DCOS
package import DNSNames
package import SystemPackage

/// One thing that a plan does, as a value: what is written for it, and what depends on what.
///
/// Changes are made independently, and filtered in one place; only those that are left become files, serials and
/// commands.
package struct Change: Sendable {
  package var subject: Subject
  /// What should be written for the subject, line by line; empty if it is removed.
  ///
  /// Its digest tells one attempt from another.
  package var body: [String]
  /// Why, in a few words.
  package var reason: String
  /// Whether nothing was there for the subject before.
  package var isNew = false
  package var edits: [FileEdit] = []
  /// The files that it makes.
  package var newFiles: [NewFile] = []
  /// What it changes in a dynamic zone.
  package var update: AliasUpdate?
  /// The zone whose text, or whose records, it changes.
  package var zone: ZoneInView?
  /// What it depends on, before and after.
  package var needs: Set<Requirement> = []
  /// Whether it leads an alias where it did not lead before: its target has to answer first.
  package var leadsAnew = false
  /// What it provides.
  package var gives: Set<Requirement> = []
  /// What it removes.
  package var takes: Set<Requirement> = []
  /// What named has to serve afterwards.
  package var expectations: [Expectation] = []
  /// What named may serve before, and the change takes away.
  package var servedBefore: [Expectation] = []

  package init(_ subject: Subject, _ body: [String], _ reason: String) {
    self.subject = subject
    self.body = body
    self.reason = reason
  }
}

/// What a change may need of another.
package enum Requirement: Hashable, Sendable {
  /// The forward zone of a cluster's names, in a view.
  case forwardZone(ClusterID, view: String?)
  /// The statement and the file of a zone that zonebridge makes.
  case madeZone(DomainName)
}

/// A part of a change: an edit of one place in one file.
package struct FileEdit: Sendable {
  package enum Action: Sendable {
    case edit(TextEdit)
    /// Blocks of a file are removed together, because adjacent ones are one edit.
    case removal(ManagedBlock)
    /// The whole file is removed.
    case takeAway
  }

  package var kind: PlannedFile.Kind
  /// The present contents.
  package var text: any ManagedText
  package var action: Action

  package init(_ text: any ManagedText, as kind: PlannedFile.Kind, _ action: Action) {
    self.text = text
    self.kind = kind
    self.action = action
  }
}

/// A file that a change makes.
package struct NewFile: Sendable {
  package var path: FilePath
  package var kind: PlannedFile.Kind
  package var contents: [UInt8]

  package init(_ path: FilePath, as kind: PlannedFile.Kind, _ contents: [UInt8]) {
    self.path = path
    self.kind = kind
    self.contents = contents
  }
}

/// The serial that a zone's SOA record gets.
package struct SerialEdit: Sendable {
  package var zone: ZoneInView
  /// One for each occurrence of the SOA record.
  package var edits: [FileEdit]
  package var serial: SerialNumber

  package init(_ zone: ZoneInView, _ edits: [FileEdit], _ serial: SerialNumber) {
    self.zone = zone
    self.edits = edits
    self.serial = serial
  }

  /// The same with another serial.
  package func changed(to serial: SerialNumber) -> SerialEdit {
    let digits = Array("\(serial)".utf8)
    let changed = edits.map { edit in
      guard case .edit(let text) = edit.action else { return edit }
      let action = FileEdit.Action.edit(TextEdit(range: text.range, replacement: digits))
      return FileEdit(edit.text, as: edit.kind, action)
    }
    return SerialEdit(zone, changed, serial)
  }
}
