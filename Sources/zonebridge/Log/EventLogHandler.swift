import FoundationEssentials
import Glibc
import Logging
import SystemPackage
import Systemd

/// Writes what is logged to standard error, or with its fields to journald.
struct EventLogHandler: LogHandler {
  let format: LogFormat
  var metadata: Logger.Metadata = [:]
  var logLevel = Logger.Level.info

  init(format: LogFormat) {
    self.format = format
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let fields = metadata.merging(event.metadata ?? [:]) { $1 }
    let message = event.message.description
    switch format {
    case .journal:
      if !SystemJournal.send(Self.journalFields(message, event.level, fields)) {
        write(Self.lines(message, event.level, prefix: "<\(event.level.priority)>"))
      }
    case .text: write(Self.lines(message, event.level, prefix: "zonebridge: "))
    case .prefix: write(Self.lines(message, event.level, prefix: "<\(event.level.priority)>"))
    case .json: write(Self.json(message, event.level, fields, at: Date()))
    }
  }

  private func write(_ text: String) {
    // Nobody is left to tell when standard error is closed.
    _ = try? FileDescriptor.standardError.writeAll(Array(text.utf8))
  }
}

// MARK: - Formats

extension EventLogHandler {
  /// The message, with its level as a word if it needs attention.
  ///
  /// The lines after the first one are indented alike, so a diff stays one.
  static func lines(_ message: String, _ level: Logger.Level, prefix: String) -> String {
    let word = level >= .error ? "error: " : level == .warning ? "warning: " : ""
    return (word + message.printable).split(separator: "\n").enumerated().map { index, line in
      index == 0 ? "\(prefix)\(line)\n" : "\(prefix)  \(line)\n"
    }.joined()
  }

  static func journalFields(
    _ message: String, _ level: Logger.Level, _ metadata: Logger.Metadata
  ) -> [(name: String, value: String)] {
    let own = [
      (name: "MESSAGE", value: message.printable), (name: "PRIORITY", value: "\(level.priority)"),
      (name: "SYSLOG_IDENTIFIER", value: "zonebridge"),
    ]
    return own
      + metadata.sorted { $0.key < $1.key }.flatMap { key, value in
        value.texts.map { (name: key, value: $0.printable) }
      }
  }

  /// A line that is one JSON object; the fields have their names in small letters.
  static func json(
    _ message: String, _ level: Logger.Level, _ metadata: Logger.Metadata, at time: Date
  ) -> String {
    var members: [String: JSONValue] = [
      "time": .text(time.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))),
      "level": .text(level.rawValue), "message": .text(message),
    ]
    for (key, value) in metadata {
      if case .array = value {
        members[key.lowercased()] = .list(value.texts)
      } else if Event.Field(rawValue: key)?.isNumber == true, let number = Int64("\(value)") {
        members[key.lowercased()] = .number(number)
      } else {
        members[key.lowercased()] = .text("\(value)")
      }
    }
    // Strings and lists of them: JSON can express all of it.
    return (try? JSONText.line(members)).map { $0 + "\n" } ?? ""
  }

  private enum JSONValue: Encodable {
    case text(String)
    case number(Int64)
    case list([String])

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch self {
      case .text(let text): try container.encode(text)
      case .number(let number): try container.encode(number)
      case .list(let texts): try container.encode(texts)
      }
    }
  }
}

extension Logger.MetadataValue {
  fileprivate var texts: [String] {
    if case .array(let values) = self { values.map(\.description) } else { [description] }
  }
}

extension Logger.Level {
  /// The priority that syslog(3) has for it.
  fileprivate var priority: Int {
    switch self {
    case .critical: 2
    case .error: 3
    case .warning: 4
    case .notice: 5
    case .info: 6
    case .debug, .trace: 7
    }
  }
}
