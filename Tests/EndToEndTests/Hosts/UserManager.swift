import Glibc
import SystemPackage
import TestSupport

/// A systemd of its own, with a journald beside it, in a mount namespace that hides those of the host.
struct UserManager {
  private let folder: TemporaryFolder
  private let process: BackgroundProcess

  /// Whether one can be started here.
  static var isAvailable: Bool { geteuid() == 0 }

  /// systemd is the process itself, so that it ends with it; journald ends with the namespace's last process,
  /// to which the shell between them sees.
  private static let script = """
    set -e
    mount -t tmpfs tmpfs /run/systemd
    mkdir -p /run/systemd/system /run/systemd/journal /run/log
    mount -t tmpfs tmpfs /run/log
    mkdir /run/log/journal
    setpriv --pdeathsig TERM /lib/systemd/systemd-journald 2>/dev/null &
    exec /lib/systemd/systemd --user
    """

  init() async throws {
    folder = try TemporaryFolder()
    process = try BackgroundProcess(
      "/usr/bin/unshare",
      arguments: ["--mount", "--propagation", "private", "/bin/bash", "-c", Self.script],
      environment: ["XDG_RUNTIME_DIR": folder.path.string],
      log: folder.path.appending("systemd.log"))
    try await eventually("systemd runs: \(process.output)") {
      try await systemctl("is-system-running").standardOutput.hasPrefix("running")
    }
  }

  func stop() async throws {
    try await process.stop()
  }

  /// Has a service in its care.
  func install(_ unit: String, _ text: String) async throws {
    try folder.write("systemd/user/\(unit)", text)
    _ = try await systemctl("daemon-reload")
  }

  func systemctl(_ arguments: String...) async throws -> ProgramResult {
    try await enter(["systemctl", "--user"] + arguments)
  }

  /// A property of a unit.
  func property(_ name: String, of unit: String) async throws -> String {
    try await systemctl("show", "--value", "--property", name, unit).standardOutput
      .split(separator: "\n").joined(separator: "\n")
  }

  /// What the journal has, as journalctl shows it.
  func journal(_ arguments: String...) async throws -> String {
    try await enter(["journalctl", "--no-pager"] + arguments).standardOutput
  }

  private func enter(_ command: [String]) async throws -> ProgramResult {
    try await run(
      "/usr/bin/nsenter",
      arguments: ["--target", "\(process.pid)", "--mount", "--"] + command,
      environment: ["XDG_RUNTIME_DIR": folder.path.string])
  }
}
