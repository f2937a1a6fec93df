import DCOSSimulator
import Glibc
import TestSupport
import Testing

/// What the log says of masters and passes, of an agent that runs.
@Suite("The log of an agent", .serialized, .timeLimit(.minutes(5))) struct AgentLogTests {
  @Test(
    "a master fails and answers again → a line each with how many answer; status says it in its first line"
  )
  func masters() async throws {
    try await withHost { host in
      let agent = try host.start("run", "--log-format", "json")
      try await eventually("in sync; \(agent.output)") {
        try await host.zonebridge("status").status == 0
      }
      try await host.cluster.fail("127.0.20.13", .http(503))
      try await eventually("it is told; \(agent.output)") {
        agent.output.contains("\"event\":\"master-down\"")
      }
      let status = try await host.zonebridge("status")
      #expect(status.status == 0)
      #expect(
        status.standardOutput.hasPrefix("in sync, 1 of 3 masters down"), "\(status.standardOutput)")
      try await host.cluster.heal("127.0.20.13")
      try await eventually("its end is told; \(agent.output)") {
        agent.output.contains("\"event\":\"master-up\"")
      }
      let lines = agent.output.split(separator: "\n").filter { $0.contains("\"event\":\"master-") }
      #expect(lines.count == 2, "\(lines)")
      #expect(
        lines.allSatisfy { $0.contains("127.0.20.13") && $0.contains("\"cluster\":[\"prod\"]") })
      #expect(lines.first?.contains("2 of 3 masters answer") == true)
      #expect(try await agent.stop() == 0, "\(agent.output)")
    }
  }

  @Test("named is down and a change is due → one line that it failed, however many passes come")
  func failsOnce() async throws {
    try await withHost { host in
      let agent = try host.start("run", "--log-format", "json")
      try await eventually("in sync; \(agent.output)") {
        try await host.zonebridge("status").status == 0
      }
      try await host.named.stop()
      try await host.configure(alias: "name: cluster.contoso.com\n    ttl: 61")
      agent.send(signal: SIGHUP)
      try await eventually("some passes have failed; \(agent.output)") {
        let status = try await host.zonebridge("status", "--json").standardOutput
        let failed = status.firstMatch(of: /"failed" : ([0-9]+)/).flatMap { Int($0.output.1) }
        return (failed ?? 0) >= 4
      }
      let lines = agent.output.split(separator: "\n").filter { $0.contains("\"event\":\"failed\"") }
      #expect(lines.count == 1 && lines[0].contains("named: failed: "), "\(agent.output)")
      #expect(try await agent.stop() == 0, "\(agent.output)")
    }
  }

  @Test("run --verbose → each step of the pass and the pass, with their times and the pass's ID")
  func verbose() async throws {
    try await withHost { host in
      let quiet = try await host.zonebridge("run", "--once", "--log-format", "json")
      #expect(quiet.status == 0 && !quiet.standardError.contains("\"message\":\"step "))
      let pass = try await host.zonebridge("run", "--once", "-v", "--log-format", "json")
      #expect(pass.status == 0)
      let lines = pass.standardError.split(separator: "\n")
      for step in ["observe", "inspect", "plan", "check"] {
        #expect(lines.contains { $0.contains("\"message\":\"step \(step), ") }, "\(step): \(lines)")
      }
      #expect(lines.last?.contains("\"message\":\"the pass, ") == true, "\(lines)")
      let ids = Set(lines.compactMap { $0.firstMatch(of: /"pass_id":"([0-9a-f]{16})"/)?.output.1 })
      #expect(ids.count == 1)
      #expect(lines.allSatisfy { $0.contains("\"pass_id\"") && $0.contains("\"duration_usec\"") })
      let preview = try await host.zonebridge("--once", "--dry-run", "--verbose")
      #expect(preview.status == 0 && preview.standardError.contains("step plan, "))
    }
  }
}
