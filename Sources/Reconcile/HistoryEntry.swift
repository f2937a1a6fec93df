import BINDText
import FileChange
import FoundationEssentials
import Named
import SystemPackage

/// A change that was made, with what it replaced: enough to put it back, without the configuration that
/// it was made from.
package struct HistoryEntry: Codable, Sendable {
  /// Rising by one; the file is named after it.
  package var number: Int
  /// When, in seconds since 1970.
  package var time: Int64
  /// What was changed: `cluster prod`, `alias foo.contoso.com`.
  package var subjects: [String]
  var bind: RecordedSettings
  var files: [RecordedFile]
  var updates: [RecordedUpdate]
  /// Where aliases led, and lead since.
  var aliases: [RecordedAlias]
  /// The domains of the clusters whose forwarding was changed, of which named may have something cached.
  var domains: [String]
}

extension HistoryEntry {
  /// What was changed, in words.
  package var title: String {
    let names = subjects.isEmpty ? files.map(\.path) : subjects
    return names.joined(separator: ", ")
  }

  /// What the change was made for, as far as named is concerned; nil if it does not tell.
  package var desired: DesiredState? {
    bind.settings.map { DesiredState(bind: $0, clusters: [], aliases: []) }
  }
}

/// Bytes of a file: as text where they are UTF-8, for whoever reads the history.
struct RecordedText: Codable, Hashable, Sendable {
  var bytes: [UInt8]

  init(_ bytes: some Sequence<UInt8>) {
    self.bytes = Array(bytes)
  }

  private enum CodingKeys: String, CodingKey {
    case text, base64
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    if let text = try container.decodeIfPresent(String.self, forKey: .text) {
      bytes = Array(text.utf8)
    } else {
      bytes = Array(try container.decode(Data.self, forKey: .base64))
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    if let text = String(validating: bytes, as: UTF8.self) {
      try container.encode(text, forKey: .text)
    } else {
      try container.encode(Data(bytes), forKey: .base64)
    }
  }
}

/// A file of a change.
struct RecordedFile: Codable, Sendable {
  enum Action: String, Codable {
    case changed, made, removed
  }

  var path: String
  var action: Action
  /// The zone whose file it is; nil for a configuration file.
  var zone: String?
  var view: String?
  var edits: [RecordedEdit] = []
  /// All of a file that was made or removed.
  var contents: RecordedText?
  /// Whose a removed file was.
  var owner: UInt32?
  var group: UInt32?
  var mode: UInt32?
  /// What the change left, to tell it from what somebody has edited since.
  var left: RecordedState?
}

/// An edit of a file.
struct RecordedEdit: Codable, Sendable {
  /// Where it begins in the file as it was, and as it is since.
  var offsetBefore: Int
  var offsetAfter: Int
  var old: RecordedText
  var new: RecordedText
  /// What stands before and behind it.
  var lead: RecordedText
  var trail: RecordedText
  /// Whether it is the zone's serial, which is never put back but goes on.
  var isSerial = false
}

/// Which file it is, and in which state.
struct RecordedState: Codable, Hashable, Sendable {
  var device: UInt64
  var inode: UInt64
  var size: Int64
  var seconds: Int64
  var nanoseconds: Int64

  init(_ identity: FileIdentity) {
    device = identity.device
    inode = identity.inode
    size = identity.size
    seconds = identity.modified.seconds
    nanoseconds = identity.modified.nanoseconds
  }
}

/// An alias of a change.
struct RecordedAlias: Codable, Hashable, Sendable {
  var owner: String
  var zone: String
  var view: String?
  /// Nil if it was not there.
  var old: String?
  /// Nil if it is there no more.
  var new: String?
}

/// The change of an alias in a dynamic zone.
struct RecordedUpdate: Codable, Sendable {
  var zone: String
  var view: String?
  var owner: String
  var key: String
  var old: RecordedTarget?
  var new: RecordedTarget?
}

/// A DNAME's target with the TTL.
struct RecordedTarget: Codable, Sendable {
  var target: String
  var ttl: UInt32
}

/// Where named's files are and how it is told, as the configuration had it.
struct RecordedSettings: Codable, Sendable {
  var namedConf: String
  var zonesIn: String
  var views: [String]?
  var query: String
  var root: String
  /// Nil with `reload: none`.
  var control: RecordedControl?

  init(_ bind: BINDSettings) {
    namedConf = bind.namedConf.string
    zonesIn = bind.zonesIn.string
    views = bind.views
    query = bind.query.description
    root = bind.root.path.string
    if case .rndc(let settings) = bind.reload { control = RecordedControl(settings) }
  }

  var settings: BINDSettings? {
    guard let query = try? Endpoint(query) else { return nil }
    return BINDSettings(
      namedConf: FilePath(namedConf), zonesIn: FilePath(zonesIn), views: views, query: query,
      reload: control.map { .rndc($0.settings) } ?? .none, root: ServerRoot(FilePath(root)))
  }
}

struct RecordedControl: Codable, Sendable {
  var config: String?
  var server: String?
  var port: UInt16?
  var keyFile: String?

  init(_ settings: RemoteControlSettings) {
    config = settings.config?.string
    server = settings.server
    port = settings.port
    keyFile = settings.keyFile?.string
  }

  var settings: RemoteControlSettings {
    RemoteControlSettings(
      config: config.map { FilePath($0) }, server: server, port: port,
      keyFile: keyFile.map { FilePath($0) })
  }
}

// MARK: From a plan

extension HistoryEntry {
  /// Takes down what a plan changes.
  init(_ proposal: Proposal, number: Int) {
    let (plan, install) = (proposal.plan, proposal.install)
    self.init(
      number: number, time: proposal.now,
      subjects: plan.attempts.keys.map(\.description).sorted(),
      bind: RecordedSettings(install.bind),
      files: plan.files.map { RecordedFile($0, install) },
      updates: plan.updates.flatMap(RecordedUpdate.all),
      aliases: plan.changedAliases,
      domains: plan.commands.compactMap {
        if case .flushTree(let domain) = $0 { domain } else { nil }
      })
  }
}

extension RecordedFile {
  fileprivate init(_ file: PlannedFile, _ install: Install) {
    path = (file.before?.path ?? file.path).string
    action = file.before == nil ? .made : file.contents == nil ? .removed : .changed
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
        install.zones.compactMap { try? $0.text?.get() }.compactMap(\.soa)
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
    for edit in edits.inOrder {
      let range = edit.range
      recorded.append(
        RecordedEdit(
          offsetBefore: range.lowerBound, offsetAfter: range.lowerBound + shift,
          old: RecordedText(bytes[range]), new: RecordedText(edit.replacement),
          lead: RecordedText(bytes[..<range.lowerBound].suffix(context)),
          trail: RecordedText(bytes[range.upperBound...].prefix(context)),
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
    var aliases: [RecordedAlias] = []
    for case .alias(let owner, let target, let zone, let view) in standing {
      aliases.append(
        RecordedAlias(owner: "\(owner)", zone: "\(zone)", view: view, old: "\(target)"))
    }
    for case .alias(let owner, let target, let zone, let view) in pending
    where attempts[.alias(owner.withoutTrailingDot)] != nil {
      let index = aliases.firstIndex { $0.owner == "\(owner)" && $0.view == view }
      if let index {
        aliases[index].new = "\(target)"
      } else {
        aliases.append(
          RecordedAlias(owner: "\(owner)", zone: "\(zone)", view: view, new: "\(target)"))
      }
    }
    return aliases
  }
}
