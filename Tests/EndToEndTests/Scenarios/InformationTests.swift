import DCOSSimulator
import Foundation
import Glibc
import SystemPackage
import TestSupport
import Testing

@Suite("What is to be learned of the agent", .serialized, .timeLimit(.minutes(5)))
struct InformationTests {
  @Test("status asks the agent that runs, and reads what it left when it does not") func status()
    async throws
  {
    try await withHost { host in
      #expect(try await host.zonebridge("status").status == 1)
      let agent = try host.start()
      try await eventually("the agent answers; \(agent.output)") {
        let result = try await host.zonebridge("status")
        return result.status == 0 && result.standardOutput.contains("agent: pid \(agent.pid)")
      }
      #expect(try host.folder("state").contains("agent.socket"))
      for master in Host.masters { try await host.cluster.fail(master, .http(503)) }
      try await eventually("it tells what the masters say; \(agent.output)") {
        let result = try await host.zonebridge("status", "--json")
        return result.status == 1 && result.standardOutput.contains("503")
      }
      #expect(try await agent.stop() == 0, "\(agent.output)")
      #expect(try !host.folder("state").contains("agent.socket"))
      let left = try await host.zonebridge("status")
      #expect(left.status == 1)
      #expect(left.standardOutput.contains("no agent is running"))
    }
  }

  @Test("answers over HTTP where the configuration says so, and elsewhere once it says so")
  func overHTTP() async throws {
    let ports = try (freePort(), freePort())
    try await withHost { host in
      try await host.configure(rest: "metrics: { listen: \"127.0.0.1:\(ports.0)\" }")
      let agent = try host.start()
      try await eventually("it is in sync; \(agent.output)") {
        try await get("readyz", ports.0) == "200 ok\n"
      }
      #expect(try await get("healthz", ports.0) == "200 ok\n")
      let metrics = try await get("metrics", ports.0)
      #expect(metrics.contains("\nzonebridge_in_sync 1\n"), "\(metrics)")
      #expect(metrics.contains("\nzonebridge_changes_total 1\n"), "\(metrics)")
      #expect(try await get("status", ports.0).contains("\"pid\" : \(agent.pid)"))

      for master in Host.masters { try await host.cluster.fail(master, .http(503)) }
      try await eventually("it is in sync no more; \(agent.output)") {
        try await get("readyz", ports.0).hasPrefix("503 ")
      }
      #expect(try await get("healthz", ports.0) == "200 ok\n")

      try await host.configure(rest: "metrics: { listen: \"127.0.0.1:\(ports.1)\" }")
      agent.send(signal: SIGHUP)
      try await eventually("it answers at the other place; \(agent.output)") {
        try await get("healthz", ports.1) == "200 ok\n"
      }
      #expect(try await get("healthz", ports.0) == "")
      #expect(try await agent.stop() == 0, "\(agent.output)")
    }
  }

  @Test("a --once beside the agent → the agent's counters and record have both")
  func onceBesideTheAgent() async throws {
    try await withHost { host in
      try host.named.folder.write(
        "zonebridge.yaml",
        try host.text("zonebridge.yaml").replacing("interval: 1s", with: "interval: 1h"))
      let agent = try host.start()
      try await eventually("a pass; \(agent.output)") {
        try await host.zonebridge("status").status == 0
      }
      // What the agent has counted since it last wrote.
      for count in 1...2 {
        agent.send(signal: SIGUSR1)
        try await eventually("a pass; \(agent.output)") {
          try await host.status().passes == ["applied": 1, "in-sync": count]
        }
      }
      try await host.cluster.replaceMaster("127.0.20.13", by: "127.0.20.14")
      #expect(try await host.zonebridge("run", "--once").status == 0)
      agent.send(signal: SIGUSR1)
      try await eventually("both are counted; \(agent.output)") {
        try await host.status().passes == ["applied": 2, "in-sync": 3]
      }
      let status = try await host.status()
      #expect(status.source == "agent" && status.changes == 2 && status.lastChange == 2)
      // It is none of the agent's changes.
      #expect(!agent.output.contains("change 2: "))
      #expect(try await agent.stop() == 0, "\(agent.output)")
      let left = try await host.status()
      #expect(left.source == "state")
      #expect(left.passes == status.passes && left.lastChange == 2)
    }
  }

  @Test("answers on a socket that systemd hands over") func socketActivation() async throws {
    let port = try freePort()
    try await withHost { host in
      let agent = try BackgroundProcess(
        "/usr/bin/systemd-socket-activate",
        arguments: [
          "--listen=127.0.0.1:\(port)", "--fdname=metrics", "--now", try Host.program().string,
          "--config", host.configuration.string, "run",
        ].filter { $0 != "--now" },
        log: host.named.folder.path.appending("agent.log"))
      // The first question has it started.
      try await eventually("it answers; \(agent.output)") {
        try await get("readyz", port) == "200 ok\n"
      }
      #expect(try await agent.stop() == 0, "\(agent.output)")
    }
  }

  @Test("leaves the metrics for node_exporter, in a single pass too") func textfile() async throws {
    try await withHost { host in
      try await host.configure(rest: "metrics: { textfile: zonebridge.prom }")
      #expect(try await host.zonebridge("run", "--once").status == 0)
      let first = try host.text("zonebridge.prom")
      #expect(first.contains("\nzonebridge_passes_total{result=\"applied\"} 1\n"), "\(first)")
      #expect(!first.contains("\nprocess_"))
      #expect(
        try host.named.folder.path.appending("zonebridge.prom").stat().permissions == [
          .ownerReadWrite, .groupRead, .otherRead,
        ])
      #expect(try await host.zonebridge("run", "--once").status == 0)
      #expect(
        try host.text("zonebridge.prom").contains(
          "\nzonebridge_passes_total{result=\"in-sync\"} 1\n"))

      // Without a place for it the pass is what it is, and says what is missing.
      try await host.configure(rest: "metrics: { textfile: nowhere/zonebridge.prom }")
      let result = try await host.zonebridge("run", "--once")
      #expect(result.status == 0)
      #expect(result.standardError.contains("cannot write metrics.textfile"))
    }
  }
}

extension Host {
  /// What `status --json` says of the passes.
  fileprivate func status() async throws -> (
    source: String?, passes: [String: Int]?, changes: Int?, lastChange: Int?
  ) {
    let text = try await zonebridge("status", "--json").standardOutput
    let document = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
    let record = document?["record"] as? [String: Any]
    let counters = record?["counters"] as? [String: Any]
    return (
      document?["source"] as? String, counters?["passes"] as? [String: Int],
      counters?["changes"] as? Int, (record?["lastChange"] as? [String: Any])?["number"] as? Int
    )
  }

  fileprivate func folder(_ name: String) throws -> [String] { try named.folder.names(in: name) }
}

/// The status and the body; empty where nobody listens.
private func get(_ page: String, _ port: UInt16) async throws -> String {
  let result = try await run(
    "/usr/bin/curl",
    arguments: [
      "--silent", "--max-time", "5", "--write-out", "%{stderr}%{http_code}",
      "http://127.0.0.1:\(port)/\(page)",
    ])
  return result.status == 0 ? "\(result.standardError) \(result.standardOutput)" : ""
}
