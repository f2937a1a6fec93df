import DNSNames
import FoundationEssentials
package import Named
import SystemPackage

/// A change that was made, with what it replaced: enough to revert it, without the configuration that it was made from.
package struct HistoryEntry: Codable, Sendable {
  /// Rising by one; the file is named after it.
  package var number: Int
  /// When, in seconds since 1970.
  package var time: Int64
  /// What was changed.
  package var subjects: [Subject]
  package var bind: RecordedSettings
  package var files: [RecordedFile]
  package var updates: [RecordedUpdate]
  /// Where aliases led, and where they have led since.
  package var aliases: [RecordedAlias]
  /// The domains of the clusters whose forwarding was changed, of which named may have something cached.
  package var domains: [String]

  package init(
    number: Int, time: Int64, subjects: [Subject], bind: RecordedSettings, files: [RecordedFile],
    updates: [RecordedUpdate], aliases: [RecordedAlias], domains: [String]
  ) {
    self.number = number
    self.time = time
    self.subjects = subjects
    self.bind = bind
    self.files = files
    self.updates = updates
    self.aliases = aliases
    self.domains = domains
  }
}

extension HistoryEntry {
  private enum CodingKeys: CodingKey {
    case number, time, subjects, bind, files, updates, aliases, domains
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      number: try container.decode(Int.self, forKey: .number),
      time: try container.decode(Int64.self, forKey: .time),
      subjects: try container.decode([String].self, forKey: .subjects).compactMap(Subject.init),
      bind: try container.decode(RecordedSettings.self, forKey: .bind),
      files: try container.decode([RecordedFile].self, forKey: .files),
      updates: try container.decode([RecordedUpdate].self, forKey: .updates),
      aliases: try container.decode([RecordedAlias].self, forKey: .aliases),
      domains: try container.decode([String].self, forKey: .domains))
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(number, forKey: .number)
    try container.encode(time, forKey: .time)
    try container.encode(subjects.map(\.description), forKey: .subjects)
    try container.encode(bind, forKey: .bind)
    try container.encode(files, forKey: .files)
    try container.encode(updates, forKey: .updates)
    try container.encode(aliases, forKey: .aliases)
    try container.encode(domains, forKey: .domains)
  }
}

extension HistoryEntry {
  /// What was changed, in words.
  package var title: String {
    let names = subjects.isEmpty ? files.map(\.path) : subjects.map(\.description)
    return names.joined(separator: ", ")
  }

  /// The settings of named with which the change was made; nil if the entry has none.
  package var desired: DesiredState? {
    bind.settings.map { DesiredState(bind: $0, clusters: [], aliases: []) }
  }
}

/// Bytes of a file: as text if they are UTF-8, for readers of the history.
package struct RecordedText: Codable, Hashable, Sendable {
  package var bytes: [UInt8]

  package init(_ bytes: some Sequence<UInt8>) {
    self.bytes = Array(bytes)
  }

  private enum CodingKeys: String, CodingKey {
    case text, base64
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    if let text = try container.decodeIfPresent(String.self, forKey: .text) {
      bytes = Array(text.utf8)
    } else {
      bytes = Array(try container.decode(Data.self, forKey: .base64))
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    if let text = String(validating: bytes, as: UTF8.self) {
      try container.encode(text, forKey: .text)
    } else {
      try container.encode(Data(bytes), forKey: .base64)
    }
  }
}

/// A file of a change.
package struct RecordedFile: Codable, Sendable {
  package enum Action: String, Codable {
    case changed, made, removed
  }

  package var path: String
  package var action: Action
  /// The zone whose file it is; nil for a configuration file.
  package var zone: String?
  package var view: String?
  package var edits: [RecordedEdit] = []
  /// All of a file that was made or removed.
  package var contents: RecordedText?
  /// Whose a removed file was.
  package var owner: UInt32?
  package var group: UInt32?
  package var mode: UInt32?
  /// What the change left, to tell it from what somebody has edited since.
  package var left: FileMark?

  package init(path: String, action: Action) {
    self.path = path
    self.action = action
  }
}

/// An edit of a file.
package struct RecordedEdit: Codable, Sendable {
  /// Where it begins in the file as it was, and as it is since.
  package var offsetBefore: Int
  package var offsetAfter: Int
  package var old: RecordedText
  package var new: RecordedText
  /// The text before and after it.
  package var lead: RecordedText
  package var trail: RecordedText
  /// Whether it is the zone's serial, which is never reverted but goes forward.
  package var isSerial = false

  package init(
    offsetBefore: Int, offsetAfter: Int, old: RecordedText, new: RecordedText, lead: RecordedText,
    trail: RecordedText, isSerial: Bool = false
  ) {
    self.offsetBefore = offsetBefore
    self.offsetAfter = offsetAfter
    self.old = old
    self.new = new
    self.lead = lead
    self.trail = trail
    self.isSerial = isSerial
  }
}

/// An alias of a change.
package struct RecordedAlias: Codable, Hashable, Sendable {
  package var owner: String
  package var zone: String
  package var view: String?
  /// Nil if it was not there.
  package var old: String?
  /// Nil if it is no longer there.
  package var new: String?

  package init(
    owner: String, zone: String, view: String? = nil, old: String? = nil, new: String? = nil
  ) {
    self.owner = owner
    self.zone = zone
    self.view = view
    self.old = old
    self.new = new
  }
}

/// The change of an alias in a dynamic zone.
package struct RecordedUpdate: Codable, Sendable {
  package var zone: String
  package var view: String?
  package var owner: String
  package var key: String
  package var old: RecordedTarget?
  package var new: RecordedTarget?

  package init(
    zone: String, view: String? = nil, owner: String, key: String, old: RecordedTarget? = nil,
    new: RecordedTarget? = nil
  ) {
    self.zone = zone
    self.view = view
    self.owner = owner
    self.key = key
    self.old = old
    self.new = new
  }
}

/// A DNAME's target with the TTL.
package struct RecordedTarget: Codable, Sendable {
  package var target: String
  package var ttl: UInt32

  package init(
    target: String, ttl: UInt32
  ) {
    self.target = target
    self.ttl = ttl
  }
}

/// Where named's files are and how to reach it, as the configuration had it.
package struct RecordedSettings: Codable, Sendable {
  package var namedConf: String
  package var zonesIn: String
  package var views: [String]?
  package var query: String
  package var root: String
  /// Nil with `reload: none`.
  package var control: RecordedControl?

  package init(_ bind: BINDSettings) {
    namedConf = bind.namedConf.string
    zonesIn = bind.zonesIn.string
    views = bind.views
    query = bind.query.description
    root = bind.root.path.string
    if case .rndc(let settings) = bind.reload { control = RecordedControl(settings) }
  }

  package var settings: BINDSettings? {
    guard let query = try? Endpoint(query) else { return nil }
    return BINDSettings(
      namedConf: FilePath(namedConf), zonesIn: FilePath(zonesIn), views: views, query: query,
      reload: control.map { .rndc($0.settings) } ?? .none, root: ServerRoot(FilePath(root)))
  }
}

package struct RecordedControl: Codable, Sendable {
  package var config: String?
  package var server: String?
  package var port: UInt16?
  package var keyFile: String?

  package init(_ settings: RemoteControlSettings) {
    config = settings.config?.string
    server = settings.server
    port = settings.port
    keyFile = settings.keyFile?.string
  }

  package var settings: RemoteControlSettings {
    RemoteControlSettings(
      config: config.map { FilePath($0) }, server: server, port: port,
      keyFile: keyFile.map { FilePath($0) })
  }
}

extension RecordedEdit {
  /// Whether what was written stands at a place in a text.
  package func stands(in bytes: [UInt8], at offset: Int) -> Bool {
    guard offset >= 0, offset <= bytes.count else { return false }
    let (new, trail) = (new.bytes, trail.bytes)
    return bytes[offset...].starts(with: new)
      && (bytes.dropFirst(offset + new.count).starts(with: trail) || !isSerial && !new.isEmpty)
  }
}
