package import DNSNames

/// What `rndc status` says.
package struct NamedStatus: Equatable, Sendable {
  /// Such as `BIND 9.18.49-1~deb12u3-Debian (Extended Support Version) <id:>`.
  package let version: String?
  /// The file that named began to read.
  package let configurationFile: String?
  /// When named started, and when it last took a configuration; in whole seconds.
  package let booted: ServerTime?
  package let lastConfigured: ServerTime?
  /// Whether named is done with starting.
  package let isUp: Bool

  package init(parsing text: String) {
    let fields = fields(of: text)
    version = fields["version"]
    configurationFile = fields["configuration file"]
    booted = fields["boot time"].flatMap(ServerTime.init(parsing:))
    lastConfigured = fields["last configured"].flatMap(ServerTime.init(parsing:))
    isUp = text.split(separator: "\n").contains("server is up and running")
  }
}

/// What `rndc zonestatus` says.
package struct ZoneStatus: Equatable, Sendable {
  /// As named puts it, such as `primary` or `secondary`.
  package let type: String?
  /// The zone's file first, then those that it includes, as named was given them.
  package let files: [String]
  /// The serial of what was loaded; of the unsigned zone under inline signing.
  package let serial: SerialNumber?
  /// Under inline signing, the serial that is served.
  package let signedSerial: SerialNumber?
  /// Whether the zone takes DNS UPDATE, so that its file is named's own.
  package let isDynamic: Bool
  /// Whether updates are suspended by `rndc freeze`.
  package let isFrozen: Bool
  /// When the file was last read.
  package let lastLoaded: ServerTime?
  /// Whether named was given the zone while it ran, with `rndc addzone` or by a catalog zone.
  package let isReconfigurable: Bool

  /// Whether named has the zone from a primary.
  package var isSecondary: Bool { type == "secondary" || type == "slave" }

  /// The serial that a question for the SOA is answered with.
  package var servedSerial: SerialNumber? { signedSerial ?? serial }

  package init(parsing text: String) {
    let fields = fields(of: text)
    type = fields["type"]
    files = fields["files"].map(list) ?? []
    serial = fields["serial"].flatMap { SerialNumber(decimal: $0) }
    signedSerial = fields["signed serial"].flatMap { SerialNumber(decimal: $0) }
    isDynamic = fields["dynamic"] == "yes"
    isFrozen = fields["frozen"] == "yes"
    lastLoaded = fields["last loaded"].flatMap(ServerTime.init(parsing:))
    isReconfigurable = fields["reconfigurable via modzone"] == "yes"
  }
}

/// A point in time as named prints it, `Tue, 24 Nov 2026 08:29:15 GMT`.
package struct ServerTime: Hashable, Sendable, Comparable, CustomStringConvertible {
  package let description: String
  package let secondsSinceEpoch: Int64

  /// Nil for anything but a time in this form.
  package init?(parsing text: String) {
    let months = [
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    let words = text.split(separator: " ")
    guard words.count == 6, words[5] == "GMT", let day = Int64(words[1]),
      let month = months.firstIndex(of: String(words[2])), let year = Int64(words[3])
    else { return nil }
    let time = words[4].split(separator: ":").compactMap { Int64($0) }
    guard time.count == 3 else { return nil }
    // Days since the epoch by counting years from March, so that a leap day is the last one.
    let monthFromMarch = (Int64(month) + 10) % 12
    let shiftedYear = month < 2 ? year - 1 : year
    let days =
      365 * shiftedYear + shiftedYear / 4 - shiftedYear / 100 + shiftedYear / 400
      + (153 * monthFromMarch + 2) / 5 + day - 1 - 719_468
    description = text
    secondsSinceEpoch = ((days * 24 + time[0]) * 60 + time[1]) * 60 + time[2]
  }

  package static func < (left: ServerTime, right: ServerTime) -> Bool {
    left.secondsSinceEpoch < right.secondsSinceEpoch
  }
}

/// The `key: value` lines of a report; the first of a key counts.
private func fields(of text: String) -> [String: String] {
  var fields: [String: String] = [:]
  for line in text.split(separator: "\n") {
    guard let colon = line.firstRange(of: ": ") else { continue }
    let key = String(line[..<colon.lowerBound])
    if fields[key] == nil { fields[key] = String(line[colon.upperBound...]) }
  }
  return fields
}

/// The items of a list that is separated by comma and space.
private func list(_ text: String) -> [String] {
  var items: [String] = []
  var rest = text[...]
  while let separator = rest.firstRange(of: ", ") {
    items.append(String(rest[..<separator.lowerBound]))
    rest = rest[separator.upperBound...]
  }
  return items + [String(rest)]
}
