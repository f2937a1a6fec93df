import DCOSSimulator
import Glibc
import SystemPackage
import TestSupport
import Testing

/// The service unit under a real systemd, the log in a real journal.
@Suite(
  "Under systemd", .serialized,
  .enabled(if: UserManager.isAvailable, "only root can hide the host's systemd"),
  .timeLimit(.minutes(5)))
struct SystemdTests {
  @Test("starts, is reloaded, says what it does, and stops in the middle of a pass")
  func lives() async throws {
    try await withService { host, systemd in
      #expect(try await systemd.systemctl("start", "zonebridge").status == 0)
      // The start ends with READY=1: all is done by then.
      #expect(try await host.answer("web.marathon.cluster.contoso.com").last == "10.0.0.80")
      #expect(try await systemd.property("StatusText", of: "zonebridge") == "in sync")
      let change = try await systemd.journal(
        "EVENT=changed", "CLUSTER=prod", "ALIAS=cluster.contoso.com", "ZONE=contoso.com",
        "CHANGE_ID=1", "--output=cat")
      #expect(change.hasPrefix("change 1: ") && change.contains("seen served; took "), "\(change)")

      try await host.configure(alias: "name: other.contoso.com")
      #expect(try await systemd.systemctl("reload", "zonebridge").status == 0)
      try await eventually("the new alias is served") {
        try await host.answer("web.marathon.other.contoso.com").last == "10.0.0.80"
      }
      try await eventually("the reload is over") {
        try await systemd.property("ActiveState", of: "zonebridge") == "active"
      }

      let right = try host.text("zonebridge.yaml")
      try host.named.folder.write("zonebridge.yaml", "clusters: none\n")
      #expect(try await systemd.systemctl("reload", "zonebridge").status != 0)
      try await eventually("the wrong configuration is refused") {
        let status = try await systemd.property("StatusText", of: "zonebridge")
        return status.contains("the new configuration is refused: ")
          && status.contains("zonebridge.yaml:1")
      }
      #expect(try await systemd.property("ActiveState", of: "zonebridge") == "active")
      #expect(
        try await systemd.journal("EVENT=configuration-refused", "--priority=err", "--output=cat")
          .contains("zonebridge.yaml:1"))
      try host.named.folder.write("zonebridge.yaml", right)

      for master in Host.masters { try await host.cluster.fail(master, .hangs) }
      // A pass begins each second, and waits for masters that do not answer.
      try await Task.sleep(for: .seconds(2))
      let began = ContinuousClock.now
      #expect(try await systemd.systemctl("stop", "zonebridge").status == 0)
      #expect(ContinuousClock.now - began < .seconds(30))
      #expect(try await systemd.property("Result", of: "zonebridge") == "success")
      #expect(try await systemd.journal("EVENT=stopped", "--output=cat") == "stopped\n")
    }
  }

  @Test("is restarted when a pass hangs") func watchdog() async throws {
    // Not after any failure, as the unit is delivered, so that it is seen to be the watchdog.
    try await withService("Restart=on-watchdog") { host, systemd in
      #expect(try await systemd.systemctl("start", "zonebridge").status == 0)
      #expect(try await systemd.property("NRestarts", of: "zonebridge") == "0")
      // rndc waits for its answer far longer than the watchdog does.
      host.named.send(signal: SIGSTOP)
      defer { host.named.send(signal: SIGCONT) }
      try await eventually("it is started anew", within: .seconds(60)) {
        try await systemd.property("NRestarts", of: "zonebridge") != "0"
      }
      host.named.send(signal: SIGCONT)
      try await eventually("it works again", within: .seconds(60)) {
        try await systemd.property("StatusText", of: "zonebridge") == "in sync"
      }
    }
  }

  @Test("does not go on with a wrong configuration") func wrongConfiguration() async throws {
    try await withService { host, systemd in
      try host.named.folder.write("zonebridge.yaml", "clusters: none\n")
      #expect(try await systemd.systemctl("start", "zonebridge").status != 0)
      #expect(try await systemd.property("ExecMainStatus", of: "zonebridge") == "78")
      #expect(try await systemd.property("NRestarts", of: "zonebridge") == "0")
    }
  }
}

private func withService(
  _ setting: String = "", _ body: (Host, UserManager) async throws -> Void
) async throws {
  try await withHost { host in
    let systemd = try await UserManager()
    try await systemd.install("zonebridge.service", try unit(for: host) + setting + "\n")
    do {
      try await body(host, systemd)
    } catch {
      Issue.record("\(error); the journal: \(try await systemd.journal())")
    }
    try await systemd.stop()
  }
}

/// What the unit that is delivered says of the service's life; it is confined by what only the system's
/// manager can do.
private func unit(for host: Host) throws -> String {
  let file = FilePath(#filePath).removingLastComponent().removingLastComponent()
    .removingLastComponent().removingLastComponent().appending("deploy/systemd/zonebridge.service")
  let program = "\(try Host.program()) --config \(host.configuration)"
  let keys = [
    "Type", "NotifyAccess", "ExecReload", "KillMode", "Restart", "RestartPreventExitStatus",
    "TimeoutStopSec",
  ]
  let lines = String(decoding: try readFile(file), as: UTF8.self).split(separator: "\n")
    .filter { line in keys.contains { line.hasPrefix("\($0)=") } }
  try #require(Set(lines.map { $0.prefix { $0 != "=" } }).count == keys.count)
  return """
    [Service]
    \(lines.joined(separator: "\n").replacing("/usr/sbin/zonebridge", with: program))
    ExecStart=\(program) run
    RestartSec=1s
    WatchdogSec=6s

    """
}
