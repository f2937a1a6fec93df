import CSystemd
import Glibc

/// The service manager that started this process, if there is one and it expects notifications.
///
/// systemd gives a service of `Type=notify` a socket in `NOTIFY_SOCKET`; without it nothing is sent, so the same
/// program runs in a terminal and under cron.
package struct ServiceManager: Sendable {
  /// The service manager of this process.
  package static let current = ServiceManager(
    // The return value only says whether a manager listens; if none does, there is nobody else to notify.
    notify: { _ = unsafe sd_notify(0, $0) },
    watchdogInterval: {
      var microseconds: UInt64 = 0
      guard unsafe sd_watchdog_enabled(0, &microseconds) > 0 else { return nil }
      return .microseconds(Int64(clamping: microseconds))
    })

  private let notify: @Sendable (String) -> Void
  private let interval: @Sendable () -> Duration?

  /// A manager that is notified by other means than the socket.
  ///
  /// - Parameters:
  ///   - notify: Receives each message in the format of sd_notify(3).
  ///   - watchdogInterval: See ``watchdogInterval``.
  package init(
    notify: @escaping @Sendable (String) -> Void,
    watchdogInterval: @escaping @Sendable () -> Duration?
  ) {
    self.notify = notify
    interval = watchdogInterval
  }

  /// Reports that the service has started, or has finished reloading.
  ///
  /// `systemctl start` returns, and units ordered after this one may start.
  package func ready(status: String? = nil) {
    notify("READY=1" + (status.map { "\nSTATUS=" + Self.oneLine($0) } ?? ""))
  }

  /// Reports that the service is reloading its configuration, until it calls ``ready(status:)``.
  package func reloading() {
    // The time lets systemd tell this reload from an earlier one. sd_notify(3) requires it for Type=notify-reload
    // (systemd 253); older versions ignore it.
    notify("RELOADING=1\nMONOTONIC_USEC=\(Self.monotonicMicroseconds)")
  }

  /// Sets the status that `systemctl status` shows for the service.
  package func status(_ text: String) {
    notify("STATUS=" + Self.oneLine(text))
  }

  /// Reports that the service is about to end.
  package func stopping() {
    notify("STOPPING=1")
  }

  /// Asks the manager for more time to start, reload or stop than it would allow by default, counted from now.
  package func extendTimeout(by time: Duration) {
    notify("EXTEND_TIMEOUT_USEC=\(Int64(time / .microseconds(1)))")
  }

  /// Reports that some work is done.
  ///
  /// The manager kills and restarts a service that does not report this within ``watchdogInterval``.
  package func alive() {
    notify("WATCHDOG=1")
  }

  /// How often the manager expects a sign of life (`WatchdogSec=`); nil if it expects none.
  package var watchdogInterval: Duration? { interval() }

  /// The sockets on which the manager listens for this service (sd_listen_fds(3)).
  ///
  /// They come from the units whose `FileDescriptorName=` is the given name.
  ///
  /// They stay open until the process ends.
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

  /// Replaces line ends, which would begin another assignment.
  private static func oneLine(_ text: String) -> String {
    text.split(whereSeparator: \.isNewline).joined(separator: " ")
  }
}
