package import BINDText

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
    case .date: SerialNumber(CivilDate(secondsSince1970: now).serialBase)
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

/// A day of the Gregorian calendar, in UTC.
struct CivilDate: Equatable {
  var year: Int64
  var month: Int64
  var day: Int64

  /// After Howard Hinnant, "chrono-compatible low-level date algorithms", `civil_from_days`.
  init(secondsSince1970 seconds: Int64) {
    let days = (seconds >= 0 ? seconds : seconds - 86_399) / 86_400 + 719_468
    let era = (days >= 0 ? days : days - 146_096) / 146_097
    let dayOfEra = days - era * 146_097
    let yearOfEra =
      (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  }

  /// `YYYYMMDD00`.
  var serialBase: UInt32 {
    UInt32(truncatingIfNeeded: ((year * 100 + month) * 100 + day) * 100)
  }
}
