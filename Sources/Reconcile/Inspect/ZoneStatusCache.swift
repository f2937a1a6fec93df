import BINDText
import DNSNames
import FileChange
import Glibc
import Named
import ReconcileModel
import Synchronization

/// What named said of zones in earlier passes, for as long as it would say the same: rndc takes longer to start than
/// all questions over DNS.
///
/// It would say the same while it is the named that it was, has not read its configuration again, serves the serial
/// that it did, and no file of the zone has changed. Nobody can tell that of a dynamic zone, which may be frozen, of a
/// zone in a view, since another view may answer this host, nor of one whose files are ahead of what named has loaded.
package final class ZoneStatusCache: Sendable {
  private struct Entry {
    let status: ZoneStatus
    let named: NamedStatus
    let files: [FileState]
  }

  private let entries = Mutex<[ZoneInView: Entry]>([:])
  private let now: @Sendable () -> Int64

  /// Begins with nothing.
  ///
  /// - Parameter now: tells the time in seconds since 1970.
  package init(now: @escaping @Sendable () -> Int64 = { Int64(time(nil)) }) {
    self.now = now
  }

  /// Whether something is remembered of a zone, whatever it is worth by now.
  func isNoted(_ zone: ZoneInView) -> Bool {
    entries.withLock { $0[zone] != nil }
  }

  /// What named would say of a zone if it still serves the serial that is in it.
  ///
  /// - Parameters:
  ///   - zone: With its files as they are now.
  ///   - named: What named says of itself now.
  /// - Returns: What it said; nil where something may have changed.
  func status(of zone: Zone, by named: NamedStatus) -> ZoneStatus? {
    guard let entry = entries.withLock({ $0[zone.inView] }), entry.named == named,
      entry.files == zone.fileStates
    else { return nil }
    return entry.status
  }

  /// Remembers what named says of zones, and nothing of any other.
  ///
  /// - Parameters:
  ///   - zones: With their files and with what named says of them.
  ///   - named: What it said of itself before.
  func note(_ zones: [Zone], by named: NamedStatus) {
    var noted: [ZoneInView: Entry] = [:]
    // named tells the time of its configuration in whole seconds, so that it may have read another one within them.
    if let configured = named.lastConfigured?.secondsSinceEpoch, now() - configured > 2 {
      for zone in zones {
        guard let status = zone.status, !zone.isDynamic, zone.view == nil,
          let files = zone.fileStates, zone.isLoaded(by: status)
        else { continue }
        noted[zone.inView] = Entry(status: status, named: named, files: files)
      }
    }
    entries.withLock { $0 = noted }
  }
}

extension Zone {
  /// The files of its text as they are; nil where it cannot be read.
  fileprivate var fileStates: [FileState]? {
    guard case .success(let text)? = text else { return nil }
    return text.files.map(\.snapshot.state)
  }

  /// Whether its files hold nothing that named has not loaded: what it is told to load then changes nothing of what it
  /// says.
  fileprivate func isLoaded(by status: ZoneStatus) -> Bool {
    guard case .success(let text)? = text, let loaded = status.lastLoaded?.secondsSinceEpoch,
      let serial = text.soa?.record.serial
    else { return false }
    return serial == status.serial
      && text.files.allSatisfy { $0.snapshot.identity.modified.seconds <= loaded }
  }
}
