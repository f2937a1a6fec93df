import DCOSSimulator
import Glibc
import Synchronization
import SystemPackage
import TestSupport
import Testing

@Suite("The long-running agent", .serialized, .timeLimit(.minutes(5)))
struct DaemonTests {
  @Test("tells systemd, follows a replaced master, and ends when told to") func follows()
    async throws
  {
    try await withAgent { host, agent in
      try await agent.isReady()
      #expect(try await host.answer("web.marathon.cluster.contoso.com").last == "10.0.0.80")
      try await host.cluster.replaceMaster("127.0.20.13", by: "127.0.20.14")
      // A pass may just be asking the old master, and wait for it to the end of its patience.
      try await eventually("the agent follows; \(agent.log)", within: .seconds(60)) {
        try host.text("named.conf.local").contains("127.0.20.14")
      }
      try await eventually("the change is told; \(agent.log)") {
        agent.log.contains(
          "change 2: cluster prod: forwarders +127.0.20.14 -127.0.20.13 (masters agree); changed ")
      }
      #expect(try await agent.process.stop() == 0, "\(agent.log)")
      try await agent.hears("STOPPING=1") { $0 == "STOPPING=1" }
    }
  }

  @Test("is not ready before a pass has come to a result, and says why") func notReady()
    async throws
  {
    try await withAgent { host in
      // A named that cannot be told, since it does not know the key, is no result.
      let key = try host.text("rndc.key")
      try host.named.folder.write(
        "wrong.key", key.replacing("secret \"", with: "secret \"AAAA"))
      try await host.configure(
        bind: """
          rndc: { server: 127.0.0.1, port: \(host.named.controlPort), key-file: wrong.key }
          """)
    } _: { host, agent in
      try await agent.hears("why it does not start") {
        $0.contains("STATUS=starting: pass: failed")
      }
      #expect(!agent.heard.contains { $0.contains("READY=1") })
      #expect(agent.heard.contains { $0.hasPrefix("EXTEND_TIMEOUT_USEC=") })
      try await host.configure()
      agent.process.send(signal: SIGHUP)
      try await agent.isReady()
    }
  }

  @Test("is ready when a safeguard holds something: that is a result") func readyWhenHeld()
    async throws
  {
    try await withAgent { host in
      try await host.configure(alias: "name: contoso.com")
    } _: { _, agent in
      try await agent.hears("READY=1") { $0.contains("READY=1") && $0.contains("held") }
    }
  }

  @Test("takes on a new configuration on SIGHUP, and refuses a wrong one") func reloads()
    async throws
  {
    try await withAgent { host, agent in
      try await agent.isReady()
      try await host.configure(alias: "name: other.contoso.com")
      agent.process.send(signal: SIGHUP)
      try await agent.hears("RELOADING") { $0.hasPrefix("RELOADING=1\nMONOTONIC_USEC=") }
      try await agent.hears("READY again") { $0.contains("READY=1") }
      try await eventually("the new alias; \(agent.log)") {
        try await host.answer("web.marathon.other.contoso.com").last == "10.0.0.80"
      }
      try await eventually("the alias that it replaces is out; \(agent.log)") {
        try !host.text("db.contoso.com").contains("cluster.contoso.com")
      }
      let before = try host.text("db.contoso.com")

      try host.named.folder.write("zonebridge.yaml", "clusters: []\nalias: []\n")
      agent.process.send(signal: SIGHUP)
      try await agent.hears("that it is refused") {
        $0.contains("READY=1") && $0.contains("the new configuration is refused")
          && $0.contains("zonebridge.yaml:2")
      }
      try await agent.hears("that it is so") {
        $0.hasPrefix("STATUS=in sync; the new configuration is refused")
      }
      #expect(agent.log.contains("<3>error: the new configuration is refused"), "\(agent.log)")
      #expect(try host.text("db.contoso.com") == before)
      #expect(agent.process.isRunning)
    }
  }

  @Test("many reloads → the connections of the configurations before are closed, none is left open")
  func closesWhatItNoLongerAsks() async throws {
    try await withAgent { host, agent in
      try await agent.isReady()
      let port = await host.cluster.httpPort
      for _ in 1...6 {
        agent.process.send(signal: SIGHUP)
        try await agent.hears("READY again") { $0.contains("READY=1") }
        // Each configuration's passes open a connection to each master.
        for _ in 1...2 { try await agent.hears("of a pass") { $0.hasPrefix("STATUS=in sync") } }
      }
      try await eventually("a connection a master is open, and no more") {
        let sockets = try await run(
          "ss", arguments: ["-Htnp", "state", "established", "dport", "=", ":\(port)"])
        let own = sockets.standardOutput.split(separator: "\n")
          .count { $0.contains("pid=\(agent.process.pid),") }
        return (1...Host.masters.count).contains(own)
      }
    }
  }

  @Test("makes a pass at once on SIGUSR1") func passNow() async throws {
    try await withAgent { host in
      try host.named.folder.write(
        "zonebridge.yaml",
        try host.text("zonebridge.yaml").replacing("interval: 1s", with: "interval: 1h"))
    } _: { host, agent in
      try await agent.isReady()
      // What the configuration says meanwhile is not asked for.
      try host.named.folder.write("zonebridge.yaml", "clusters: []\n")
      let commands = host.changingCommands()
      agent.process.send(signal: SIGUSR1)
      // The next pass of its own is an hour away.
      try await agent.hears("of a pass") { $0 == "STATUS=in sync" }
      #expect(!agent.heard.contains { $0.contains("RELOADING") })
      #expect(host.changingCommands() == commands)
      #expect(!agent.log.contains("read again"))
    }
  }

  @Test("lives by its steps: what hangs is not heard") func watchdog() async throws {
    try await withAgent(environment: ["WATCHDOG_USEC": "2000000"]) { host, agent in
      try await agent.isReady()
      try await agent.hears("WATCHDOG") { $0 == "WATCHDOG=1" }
      // rndc gets no answer, and waits for one for 30 s.
      host.named.send(signal: SIGSTOP)
      defer { host.named.send(signal: SIGCONT) }
      // The pass under way may come as far as the step that asks named.
      try await Task.sleep(for: .seconds(3))
      #expect(try await agent.hearsNext(within: .seconds(4)) == [])
    }
  }

  @Test("stops before the swap without a trace") func stopsBeforeTheSwap() async throws {
    try await withAgent { host in
      for master in Host.masters { try await host.cluster.fail(master, .hangs) }
    } _: { host, agent in
      let before = try host.files()
      try await Task.sleep(for: .seconds(1))
      #expect(try await agent.process.stop(within: .seconds(8)) == 0, "\(agent.log)")
      #expect(try host.files() == before)
      try await agent.hears("STOPPING=1") { $0 == "STOPPING=1" }
    }
  }

  @Test("tells named of a swap that was made when it is stopped") func stopsBehindTheSwap()
    async throws
  {
    try await withAgent { host, agent in
      try await agent.isReady()
      let commands = host.changingCommands().count {
        $0.contains("reconfig") || $0.contains("flushtree")
      }
      try await host.cluster.replaceMaster("127.0.20.13", by: "127.0.20.14")
      // Once the file is replaced, named is slow to be told.
      let deadline = ContinuousClock.now + .seconds(60)
      while ContinuousClock.now < deadline,
        try !host.text("named.conf.local").contains("127.0.20.14")
      {
        await Task.yield()
      }
      host.named.send(signal: SIGSTOP)
      agent.process.send(signal: SIGTERM)
      try await Task.sleep(for: .seconds(1))
      host.named.send(signal: SIGCONT)
      #expect(try await agent.process.waitForExit() == 0, "\(agent.log)")
      let told = host.changingCommands().count {
        $0.contains("reconfig") || $0.contains("flushtree")
      }
      #expect(told == 2 * commands, "\(host.named.log)")
    }
  }

  @Test("writes JSON if that is wanted, and a state that lasts once") func writesJSON()
    async throws
  {
    try await withAgent(arguments: ["--log-format", "json"]) { host in
      try await host.configure(alias: "name: contoso.com")
    } _: { _, agent in
      try await agent.hears("READY=1") { $0.contains("READY=1") }
      for _ in 1...3 { try await agent.hears("of a pass") { $0.hasPrefix("STATUS=") } }
      let held = agent.log.split(separator: "\n").filter { $0.contains("\"event\":\"held\"") }
      try #require(held.count == 1, "\(agent.log)")
      #expect(held[0].contains("\"alias\":[\"contoso.com\"]"))
      #expect(held[0].contains("\"cluster\":[\"prod\"]"))
      #expect(held[0].contains("\"level\":\"warning\""))
    }
  }
}
