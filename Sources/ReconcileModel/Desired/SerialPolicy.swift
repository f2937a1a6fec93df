package import DNSNames

/// How the serial of a zone's SOA record moves on.
///
/// Whatever the convention, the next serial is newer (RFC 1982 section 3.2) than the file's and
/// than the one that named serves: a serial that steps back stops the secondaries.
package enum SerialPolicy: String, Sendable, CaseIterable {
  /// One more than before.
  case increment
  /// `YYYYMMDDnn` in UTC; past nn = 99 it runs ahead of the calendar.
  case date
  /// Seconds since 1970.
  case unixtime

  /// The serial to write.
  ///
  /// - Parameters:
  ///   - file: the serial in the zone file.
  ///   - served: the serials that named serves, the signed one as well.
  ///   - now: the time in seconds since 1970.
  /// - Returns: the serial after the convention where that is newer than all of them, else
  ///   the newest plus one.
  package func next(after file: SerialNumber, served: [SerialNumber], now: Int64) -> SerialNumber {
    // Of two that lie exactly 2^31 apart neither is newer; then the one counts that secondaries have.
    let newest = served.reduce(file) { $0.isNewer(than: $1) ? $0 : $1 }
    guard let start = start(at: now), start.isNewer(than: newest) else {
      return newest.incremented()
    }
    return start
  }

  /// The first serial that the convention has for a moment; nil where it has none of its own.
  package func start(at now: Int64) -> SerialNumber? {
    switch self {
    case .increment: nil
    case .date: CivilDate(secondsSince1970: now).firstSerial
    case .unixtime: SerialNumber(UInt32(truncatingIfNeeded: now))
    }
  }

  /// Whether a serial lies beyond all that the convention has for a moment, because another one was
  /// used before, or more than a hundred changes were made in a day.
  package func isAhead(_ serial: SerialNumber, at now: Int64) -> Bool {
    guard let start = start(at: now) else { return false }
    let last = self == .date ? SerialNumber(start.rawValue &+ 99) : start
    return serial.isNewer(than: last)
  }
}
