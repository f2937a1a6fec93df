import CSystemd
import Glibc

/// The service manager that started this process, if one did and wants to hear from it.
///
/// systemd hands a service of `Type=notify` a socket in `NOTIFY_SOCKET`; without one nothing is
/// said to anybody, so that the same program runs in a terminal and under cron.
package struct ServiceManager: Sendable {
  /// The one that this process has.
  package static let current = ServiceManager(
    // What it returns tells only whether a manager listens, and there is nobody else to tell.
    notify: { _ = unsafe sd_notify(0, $0) },
    watchdogInterval: {
      var microseconds: UInt64 = 0
      guard unsafe sd_watchdog_enabled(0, &microseconds) > 0 else { return nil }
      return .microseconds(Int64(clamping: microseconds))
    })

  private let notify: @Sendable (String) -> Void
  private let interval: @Sendable () -> Duration?

  /// A manager that hears of the service by other means than the socket.
  ///
  /// - Parameters:
  ///   - notify: Gets what would be sent, as sd_notify(3) has it.
  ///   - watchdogInterval: As ``watchdogInterval``.
  package init(
    notify: @escaping @Sendable (String) -> Void,
    watchdogInterval: @escaping @Sendable () -> Duration?
  ) {
    self.notify = notify
    interval = watchdogInterval
  }

  /// The service has done its first work, or is done with reloading: `systemctl start` returns, and what is
  /// ordered after it may start.
  package func ready(status: String? = nil) {
    notify("READY=1" + (status.map { "\nSTATUS=" + Self.oneLine($0) } ?? ""))
  }

  /// The service reads its configuration again, until it is ``ready(status:)``.
  package func reloading() {
    // The time lets systemd tell this reload from one before it; sd_notify(3) wants it for Type=notify-reload
    // (systemd 253), and older ones ignore it.
    notify("RELOADING=1\nMONOTONIC_USEC=\(Self.monotonicMicroseconds)")
  }

  /// What `systemctl status` shows of the service.
  package func status(_ text: String) {
    notify("STATUS=" + Self.oneLine(text))
  }

  /// The service is about to end.
  package func stopping() {
    notify("STOPPING=1")
  }

  /// Starting, reloading or stopping takes longer than the manager would wait by itself: it is to wait for
  /// this time from now on.
  package func extendTimeout(by time: Duration) {
    notify("EXTEND_TIMEOUT_USEC=\(Int64(time / .microseconds(1)))")
  }

  /// Some work has come to its end.
  ///
  /// A service from which this is not heard within ``watchdogInterval`` is killed and restarted.
  package func alive() {
    notify("WATCHDOG=1")
  }

  /// Within what time the manager wants to hear that the service lives (`WatchdogSec=`); nil if it does not.
  package var watchdogInterval: Duration? { interval() }

  /// The sockets that the manager listens on for this service (sd_listen_fds(3)), of the units whose
  /// `FileDescriptorName=` is the name.
  ///
  /// They stay open to the end of the process.
  package func sockets(named name: String) -> [CInt] {
    var names: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
    let count = unsafe sd_listen_fds_with_names(0, &names)
    guard count > 0, let names = unsafe names else { return [] }
    defer {
      for index in 0..<Int(count) { unsafe free(names[index]) }
      unsafe free(names)
    }
    return (0..<count).compactMap { index in
      let isMeant = unsafe names[Int(index)].map { unsafe String(cString: $0) } == name
      return isMeant ? SD_LISTEN_FDS_START + index : nil
    }
  }

  private static var monotonicMicroseconds: Int64 {
    var now = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &now)
    return Int64(now.tv_sec) * 1_000_000 + Int64(now.tv_nsec) / 1_000
  }

  /// A line end would begin another assignment.
  private static func oneLine(_ text: String) -> String {
    text.split(whereSeparator: \.isNewline).joined(separator: " ")
  }
}
