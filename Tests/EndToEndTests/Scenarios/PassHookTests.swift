import DCOSSimulator
import SystemPackage
import TestSupport
import Testing

/// The operator's commands, run by real passes.
@Suite("Hooks of passes", .serialized, .timeLimit(.minutes(3)))
struct PassHookTests {
  /// Writes a configuration with hooks that write down what they are run for.
  private func configure(_ host: Host) async throws {
    let program = try host.named.folder.write(
      "hook", "printf '%s %s\\n' \"$1\" \"$(cat)\" >>\(host.named.folder.path)/hooked\n")
    try await host.configure(
      rest:
        "hooks: { change: [/bin/sh, \(program), change], problem: [/bin/sh, \(program), problem] }")
  }

  private func calls(_ host: Host) throws -> [String] {
    guard try host.named.folder.names().contains("hooked") else { return [] }
    return try host.text("hooked").split(separator: "\n").map(String.init)
  }

  @Test("--once → a change, a problem that begins and one that ends are each told once")
  func once() async throws {
    try await withHost { host in
      try await configure(host)
      #expect(try await host.zonebridge("--once").status == 0)
      let first = try calls(host)
      #expect(first.count == 1, "\(first)")
      #expect(
        first.first?.hasPrefix("change {") == true
          && first.first?.contains("\"change_id\":1") == true)
      #expect(try await host.zonebridge("--once").status == 0)
      #expect(try calls(host).count == 1, "nothing happened")

      for master in Host.masters { try await host.cluster.fail(master, .http(503)) }
      for _ in 1...2 { #expect(try await host.zonebridge("--once").status == 1) }
      let begun = try calls(host)
      #expect(begun.count == 2, "\(begun)")
      #expect(begun.last?.hasPrefix("problem {") == true)
      #expect(begun.last?.contains("\"event\":\"failed\"") == true)

      for master in Host.masters { try await host.cluster.heal(master) }
      #expect(try await host.zonebridge("--once").status == 0)
      #expect(try calls(host).last?.contains("\"event\":\"resolved\"") == true)
    }
  }

  @Test("the agent → its hooks are run, and one that fails is a warning and no more")
  func agent() async throws {
    try await withHost { host in
      try await configure(host)
      let agent = try host.start()
      try await eventually("the change is told; \(agent.output)") { try calls(host).count == 1 }
      try host.named.folder.write("hook", "echo full >&2\nexit 5\n")
      try await host.cluster.replaceMaster("127.0.20.13", by: "127.0.20.14")
      try await eventually("the failure is told; \(agent.output)") {
        agent.output.contains(
          "hooks.change: /bin/sh ended with status 5: full")
      }
      #expect(try await agent.stop() == 0)
      #expect(try host.text("named.conf.local").contains("127.0.20.14"))
    }
  }
}
