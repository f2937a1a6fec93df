import CSystemd

/// The service manager that started this process, if one did and wants to hear from it.
///
/// systemd hands a service of `Type=notify` a socket in `NOTIFY_SOCKET`; without one nothing is
/// said to anybody, so that the same program runs in a terminal and under cron.
package struct ServiceManager: Sendable {
  /// The one that this process has.
  package static let current = ServiceManager()

  private init() {}

  /// The service has done its first work: `systemctl start` returns, and what is ordered after it
  /// may start.
  package func ready(status: String? = nil) {
    notify("READY=1" + (status.map { "\nSTATUS=" + Self.oneLine($0) } ?? ""))
  }

  /// What `systemctl status` shows of the service.
  package func status(_ text: String) {
    notify("STATUS=" + Self.oneLine(text))
  }

  /// The service is about to end.
  package func stopping() {
    notify("STOPPING=1")
  }

  private func notify(_ state: String) {
    // What it returns tells only whether a manager listens, and there is nobody else to tell.
    _ = unsafe sd_notify(0, state)
  }

  /// A line end would begin another assignment.
  private static func oneLine(_ text: String) -> String {
    text.split(whereSeparator: \.isNewline).joined(separator: " ")
  }
}
