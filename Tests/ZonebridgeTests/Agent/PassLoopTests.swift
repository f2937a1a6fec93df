import FileChange
import Glibc
import Logging
import Reconcile
import ReconcileModel
import SystemPackage
import Systemd
import TestSupport
import Testing

@testable import zonebridge

private let extension150 = "EXTEND_TIMEOUT_USEC=150000000"

@Suite("The agent's loop, on a clock of the test's", .timeLimit(.minutes(2)))
struct PassLoopTests {
  // MARK: The watchdog

  @Test("an hour between passes and WatchdogSec=10s → systemd hears each 5 s that the agent lives")
  func fedBetweenPasses() async throws {
    try await withTriedAgent(watchdog: .seconds(10)) { agent in
      try await agent.waits()
      #expect(agent.heardSince.last == "READY=1\nSTATUS=in sync")
      _ = agent.toldSince
      for _ in 1...30 {
        #expect(try await agent.waits() == .seconds(5))
        #expect(agent.heardSince == [])
        agent.clock.advance(by: .seconds(5))
        try await agent.waits()
        #expect(agent.heardSince == ["WATCHDOG=1"])
        #expect(agent.loop.agent.status.agent?.isHung == false)
      }
      #expect(agent.passes == ["applied": 1])
      #expect(agent.toldSince.isEmpty)
    }
  }

  @Test(
    "a WatchdogSec of many minutes, or none → a sign each minute all the same",
    arguments: [Duration.seconds(600), nil])
  func breath(watchdog: Duration?) async throws {
    try await withTriedAgent(watchdog: watchdog) { agent in
      for _ in 1...12 {
        let pause = try await agent.waits()
        #expect(pause == .seconds(60))
        #expect(agent.loop.agent.status.agent?.isHung == false)
        agent.clock.advance(by: .seconds(60))
      }
      #expect(agent.passes == ["applied": 1])
    }
  }

  @Test("each step of a pass that has ended → systemd hears that the agent lives, once a step")
  func fedBySteps() async throws {
    try await withTriedAgent(watchdog: .seconds(10)) { agent in
      try await agent.waits()
      _ = agent.heardSince
      try await agent.ask(for: .pass)
      // The first is of the waiting that ended; the others are observe, inspect, plan and check.
      #expect(agent.heardSince == Array(repeating: "WATCHDOG=1", count: 5) + ["STATUS=in sync"])
    }
  }

  @Test("a step that hangs → systemd hears nothing more, and the agent is shown as hung")
  func notFedWhileItHangs() async throws {
    try await withTemporaryFolder { folder in
      try folder.writeSite()
      let gate = try Gate(closedIn: folder)
      let agent = try TriedAgent(in: folder, watchdog: .seconds(10), isGated: true)
      try await agent.run {
        let writer = try await gate.reached()
        #expect(agent.heardSince.first == extension150)
        agent.clock.advance(by: .seconds(10))
        #expect(agent.loop.agent.status.agent?.isHung == false)
        agent.clock.advance(by: .milliseconds(1))
        #expect(agent.loop.agent.status.agent?.isHung == true)
        agent.clock.advance(by: .seconds(3_600))
        #expect(agent.heardSince == [])
        try gate.open(writer)
        try await agent.waits()
        let heard = agent.heardSince
        #expect(heard.contains("WATCHDOG=1"))
        #expect(heard.last == "READY=1\nSTATUS=in sync")
        #expect(agent.loop.agent.status.agent?.isHung == false)
      }
    }
  }

  @Test("a pass that waits for the lock → no sign of life; after 30 s it has failed, and goes on")
  func waitsForTheLock() async throws {
    try await withTemporaryFolder { folder in
      try folder.writeSite()
      let agent = try TriedAgent(in: folder, watchdog: .seconds(10))
      let lock = try await HeldLock(in: folder.path.appending("state"))
      let before = try folder.read("named.conf")
      try await agent.run {
        for _ in 1...599 {
          #expect(try await agent.waits() == .milliseconds(50))
          agent.clock.advance(by: .milliseconds(50))
        }
        #expect(try await agent.waits() == .milliseconds(50))
        #expect(agent.heardSince == [extension150])
        agent.clock.advance(by: .milliseconds(50))
        #expect(try await agent.waits() == .seconds(5))
        let heard = agent.heardSince
        #expect(heard.count == 1)
        #expect(heard[0].hasPrefix("STATUS=starting: pass: failed: another pass "))
        #expect(agent.toldSince.map(\.kind) == [.started, .failed])
        #expect(try folder.read("named.conf") == before)
        // Who has the lock writes the record.
        #expect(try !folder.names(in: "state").contains("status.json"))
        lock.release()
        try await agent.ask(for: .pass)
        #expect(agent.toldSince.map(\.kind) == [.changed, .resolved])
        #expect(agent.heardSince.last == "READY=1\nSTATUS=in sync")
      }
    }
  }

  // MARK: Starting

  @Test("a first pass of many steps → systemd is asked for more time before it and at each step")
  func extendsTheStart() async throws {
    try await withTriedAgent { agent in
      try await agent.waits()
      let step = ["WATCHDOG=1", extension150]
      // observe, inspect, plan, check, swap.
      let steps = Array(repeating: step, count: 5).flatMap(\.self)
      #expect(agent.heardSince == [extension150] + steps + ["READY=1\nSTATUS=in sync"])
      // Nobody waits for it any more.
      try await agent.ask(for: .pass)
      #expect(!agent.heardSince.contains(extension150))
    }
  }

  @Test("SIGHUP before any pass has come to a result → RELOADING, and no READY until one has")
  func reloadBeforeReady() async throws {
    try await withTriedAgent { folder in
      try folder.writeNamedConf(rest: "nonsense {")
    } _: { agent in
      try await agent.waits()
      let first = agent.heardSince
      #expect(first.last?.hasPrefix("STATUS=starting: pass: failed: ") == true)
      #expect(!first.contains { $0.contains("READY=1") })
      try await agent.ask(for: .reload)
      let second = agent.heardSince
      #expect(second.count { $0.hasPrefix("RELOADING=1\nMONOTONIC_USEC=") } == 1)
      #expect(!second.contains { $0.contains("READY=1") })
      #expect(second.last?.hasPrefix("STATUS=starting: pass: failed: ") == true)
      #expect(second.contains(extension150))

      try agent.folder.writeNamedConf()
      try await agent.ask(for: .pass)
      let third = agent.heardSince
      #expect(third.filter { $0.contains("READY=1") } == ["READY=1\nSTATUS=in sync"])
      #expect(third.last == "READY=1\nSTATUS=in sync")
      #expect(agent.passes == ["failed": 2, "applied": 1])
    }
  }

  // MARK: Reloading

  @Test("SIGHUP → RELOADING with its time, READY, and what follows is by the new configuration")
  func reload() async throws {
    try await withTriedAgent { agent in
      try await agent.waits()
      _ = (agent.heardSince, agent.toldSince)
      let before = monotonicMicroseconds()
      try agent.folder.writeConfiguration(interval: "10s", alias: "b.contoso.com")
      try await agent.ask(for: .reload)
      let heard = agent.heardSince
      // The first is of the waiting.
      try #require(heard.count > 3 && heard[0] == "WATCHDOG=1")
      let prefix = "RELOADING=1\nMONOTONIC_USEC="
      let time = try #require(
        heard[1].hasPrefix(prefix) ? Int64(heard[1].dropFirst(prefix.count)) : nil)
      #expect((before...monotonicMicroseconds()).contains(time))
      #expect(heard[2] == "READY=1\nSTATUS=a pass begins")
      #expect(heard.last == "STATUS=in sync")
      #expect(heard.count { $0.contains("READY=1") } == 1)
      #expect(agent.toldSince.map(\.kind) == [.configurationLoaded, .changed])
      #expect(try agent.folder.text("db.com").contains("b.contoso.com."))
      let pause = try await agent.waits()
      #expect(pause >= .seconds(9) && pause <= .seconds(11))
      #expect(agent.loop.agent.status.agent?.interval == 10)
    }
  }

  @Test("SIGHUP with a wrong configuration → told once, READY all the same, the old one runs on")
  func refused() async throws {
    try await withTriedAgent { agent in
      try await agent.waits()
      _ = (agent.heardSince, agent.toldSince)
      let zone = try agent.folder.read("db.com")
      try agent.folder.write("zonebridge.yaml", "clusters: []\nintervall: 1s\n")
      try await agent.ask(for: .reload)
      let heard = agent.heardSince
      let place = "\(agent.folder.path)/zonebridge.yaml:2: intervall"
      let text = "the new configuration is refused: \(place)"
      #expect(heard[1].hasPrefix("RELOADING=1\n"))
      #expect(heard[2].hasPrefix("READY=1\nSTATUS=a pass begins; \(text)"), "\(heard)")
      #expect(heard.last?.hasPrefix("STATUS=in sync; \(text)") == true)
      let told = agent.toldSince
      #expect(told.map(\.kind) == [.configurationRefused])
      #expect(told.map(\.level) == [.error])
      #expect(told.first?.fields[.file] == ["\(agent.folder.path)/zonebridge.yaml"])
      #expect(try agent.folder.read("db.com") == zone)
      #expect(try await agent.waits() == .seconds(60))
      // It is not told again by each pass.
      try await agent.ask(for: .pass)
      #expect(agent.toldSince.isEmpty)

      try agent.folder.writeConfiguration()
      try await agent.ask(for: .reload)
      #expect(agent.heardSince.contains("READY=1\nSTATUS=a pass begins"))
      #expect(agent.loop.agent.status.agent?.configuration.refusal == nil)
    }
  }

  @Test("SIGHUP with a file that is missing → refused with line and key, the old one runs on")
  func refusedForFile() async throws {
    try await withTriedAgent { agent in
      try await agent.waits()
      _ = agent.toldSince
      try agent.folder.writeConfiguration(rest: "zones: { contoso.com: { update-key: nowhere } }")
      try await agent.ask(for: .reload)
      let told = agent.toldSince
      #expect(told.map(\.kind) == [.configurationRefused])
      #expect(
        told.first?.message.contains(
          "zonebridge.yaml:8: zones.contoso.com.update-key: \(agent.folder.path)/nowhere does not")
          == true,
        "\(told)")
      #expect(agent.passes.values.reduce(0, +) >= 2)
    }
  }

  @Test("SIGHUP with another metrics.listen → answers there, and no more at the old place")
  func listeningPlace() async throws {
    let ports = try (freePort(), freePort())
    func listens(_ port: UInt16) -> Bool {
      (try? RawClient.answer("GET /healthz", port: Int(port)).status) == "200"
    }
    try await withTriedAgent(rest: "metrics: { listen: \"127.0.0.1:\(ports.0)\" }") { agent in
      try await agent.waits()
      #expect(listens(ports.0) && !listens(ports.1))
      try agent.folder.writeConfiguration(
        rest: "metrics: { listen: \"127.0.0.1:\(ports.1)\" }")
      try await agent.ask(for: .reload)
      #expect(!listens(ports.0) && listens(ports.1))
      try agent.folder.writeConfiguration()
      try await agent.ask(for: .reload)
      #expect(!listens(ports.0) && !listens(ports.1))
    }
  }

  // MARK: The interval

  @Test("an interval → pauses spread over ±10 % of it, and none beyond")
  func spread() {
    let pauses = (0..<4_000).map { _ in PassLoop.spread(.seconds(100)) }
    #expect(pauses.allSatisfy { $0 >= .seconds(90) && $0 <= .seconds(110) })
    #expect(pauses.contains { $0 < .seconds(91) } && pauses.contains { $0 > .seconds(109) })
  }

  @Test("30 min between passes → the next one begins after 27 to 33 min, and none before")
  func nextPass() async throws {
    try await withTriedAgent(interval: "30m") { agent in
      try await agent.waits()
      var waited = Duration.zero
      while agent.passes == ["applied": 1], waited < .seconds(4_000) {
        let pause = try await agent.waits()
        agent.clock.advance(by: pause)
        waited += pause
        try await agent.waits()
      }
      #expect(agent.passes == ["applied": 1, "in-sync": 1])
      #expect(waited >= .seconds(1_620) && waited <= .seconds(1_980))
    }
  }

  @Test("SIGUSR1 an hour before the next pass → a pass now, and nothing is logged of it")
  func passNow() async throws {
    try await withTriedAgent { agent in
      try await agent.waits()
      _ = agent.toldSince
      let now = agent.clock.now
      try await agent.ask(for: .pass)
      #expect(agent.passes == ["applied": 1, "in-sync": 1])
      #expect(agent.clock.now == now)
      #expect(agent.toldSince.isEmpty)
    }
  }

  // MARK: What is told

  @Test("a failure that lasts four passes → told once, resolved once, and no other line is logged")
  func lasting() async throws {
    try await withTriedAgent { folder in
      try folder.writeNamedConf(rest: "nonsense {")
    } _: { agent in
      for _ in 1...3 { try await agent.ask(for: .pass) }
      #expect(agent.passes == ["failed": 4])
      #expect(agent.toldSince.map(\.kind) == [.started, .failed])
      try agent.folder.writeNamedConf()
      try await agent.ask(for: .pass)
      #expect(agent.toldSince.map(\.kind) == [.changed, .resolved])
      for _ in 1...3 { try await agent.ask(for: .pass) }
      #expect(agent.toldSince.isEmpty)
    }
  }

  @Test(
    "somebody edits inside a block → the edit is logged as a diff, once, and the block restored")
  func handEdit() async throws {
    try await withTriedAgent { agent in
      try await agent.waits()
      _ = agent.toldSince
      let right = try agent.folder.text("db.com")
      let line = try #require(right.split(separator: "\n").first { $0.contains(" DNAME ") })
      try agent.folder.write("db.com", right.replacing(line, with: "\(line) ; mine"))
      try await agent.ask(for: .pass)
      let told = agent.toldSince
      #expect(told.map(\.kind) == [.handEdit, .changed])
      #expect(told.first?.level == .warning)
      let diff = told.first?.message ?? ""
      #expect(
        diff.contains("db.com:4: the managed block a.contoso.com was edited by hand"), "\(diff)")
      #expect(told.first?.fields[.file] == ["\(agent.folder.path)/db.com"])
      // In the log a diff stays one: all that follows is set in alike.
      let lines = EventLogHandler.lines(diff, .warning, prefix: "").split(separator: "\n")
      #expect(lines.contains("  -\(line) ; mine") && lines.contains("  +\(line)"), "\(lines)")
      #expect(lines.dropFirst().allSatisfy { $0.hasPrefix("  ") })
      #expect(diff.contains("\n-\(line) ; mine\n") && diff.contains("\n+\(line)\n"), "\(diff)")
      #expect(try agent.folder.text("db.com") == right.replacing(" 42 ", with: " 43 "))
      try await agent.ask(for: .pass)
      #expect(agent.toldSince.isEmpty)
    }
  }

  @Test("what a pass logs → has the pass's ID, which no other pass has")
  func passID() async throws {
    try await withTriedAgent(rest: "metrics: { textfile: nowhere/z.prom }") { agent in
      try await agent.waits()
      let first = agent.toldSince
      #expect(first.map(\.kind) == [.started, .changed, .failed])
      #expect(first[0].fields[.pass] == nil)
      let pass = try #require(first[1].fields[.pass])
      #expect(pass.count == 1 && pass[0].wholeMatch(of: /[0-9a-f]{16}/) != nil)
      #expect(first[2].fields[.pass] == pass)
      #expect(first[1].metadata["PASS_ID"] == "\(pass[0])")
      try agent.folder.writeConfiguration(alias: "b.contoso.com")
      try await agent.ask(for: .reload)
      let next = agent.toldSince.compactMap { $0.fields[.pass] }
      #expect(!next.isEmpty && Set(next).count == 1 && !next.contains(pass))
    }
  }

  @Test("no folder for metrics.textfile → told once; what the pass has applied stands")
  func textfile() async throws {
    try await withTriedAgent(rest: "metrics: { textfile: nowhere/z.prom }") { agent in
      try await agent.ask(for: .pass)
      let told = agent.toldSince
      #expect(told.map(\.kind) == [.started, .changed, .failed])
      let message = told.last?.message ?? ""
      #expect(message.hasPrefix("metrics: failed: cannot write metrics.textfile "))
      #expect(agent.passes == ["applied": 1, "in-sync": 1])
      #expect(agent.heardSince.last?.hasPrefix("STATUS=metrics: failed: ") == true)
      #expect(try agent.folder.text("db.com").contains("DNAME"))
    }
  }

  @Test("metrics.textfile → written by each pass that came to a result, with what the agent knows")
  func textfileIsWritten() async throws {
    try await withTriedAgent(rest: "metrics: { textfile: z.prom }") { agent in
      try await agent.ask(for: .pass)
      let text = try agent.folder.text("z.prom")
      #expect(text.contains("\nzonebridge_passes_total{result=\"applied\"} 1\n"))
      #expect(text.contains("\nzonebridge_passes_total{result=\"in-sync\"} 1\n"))
      #expect(text.contains("\nzonebridge_interval_seconds 3600\n"))
      #expect(text.contains("\nzonebridge_in_sync 1\n"))
      #expect(!text.contains("\nprocess_"))
    }
  }

  @Test("a record that cannot be written → told once; the change is made all the same")
  func unwritableRecord() async throws {
    try await withTriedAgent { folder in
      try folder.write("state/status.json/in-the-way", "")
    } _: { agent in
      try await agent.ask(for: .pass)
      let told = agent.toldSince
      #expect(told.map(\.kind) == [.started, .changed, .failed])
      #expect(told.last?.message.hasPrefix("state directory: failed: ") == true)
      #expect(try agent.folder.text("db.com").contains("DNAME"))
      #expect(agent.passes == ["applied": 1, "in-sync": 1])
    }
  }

  // MARK: The end

  @Test("a stop → STOPPING at once, the passes that were not written yet are written, no failure")
  func stop() async throws {
    try await withTemporaryFolder { folder in
      try folder.writeSite()
      let agent = try TriedAgent(in: folder)
      try await agent.run {
        for _ in 1...3 { try await agent.ask(for: .pass) }
        // The times and counters of passes that saw nothing new are not worth a write each.
        #expect(agent.written?.counters.passes == ["applied": 1, "in-sync": 1])
        _ = (agent.heardSince, agent.toldSince)
      }
      let heard = agent.heardSince.filter { $0 != "WATCHDOG=1" }
      #expect(heard == ["STOPPING=1", "STATUS=stopping"])
      #expect(agent.toldSince.map(\.kind) == [.stopped])
      #expect(agent.written?.counters.passes == ["applied": 1, "in-sync": 3])
      #expect(agent.written == agent.loop.agent.status.record)
      #expect(agent.clock.nextWaking == nil)
    }
  }

  @Test(
    "a stop in the middle of a first pass → no failure is logged or recorded, no file is touched")
  func stopInAPass() async throws {
    try await withTemporaryFolder { folder in
      try folder.writeSite()
      let before = try (folder.read("named.conf"), folder.read("db.com"))
      let gate = try Gate(closedIn: folder)
      let agent = try TriedAgent(in: folder, isGated: true)
      try await agent.run {
        // What holds it is the checker, which is ended with it.
        let writer = try await gate.reached()
        defer { close(writer) }
        _ = agent.heardSince
        await agent.stop()
        try await eventually("it stops") { agent.heardSince.contains("STOPPING=1") }
      }
      #expect(agent.toldSince.map(\.kind) == [.started, .stopped])
      #expect(agent.loop.agent.status.record == nil)
      #expect(agent.written == nil)
      #expect(!agent.heardSince.contains { $0.contains("READY=1") || $0.contains("failed") })
      #expect(try folder.read("named.conf") == before.0)
      #expect(try folder.read("db.com") == before.1)
      #expect(try folder.names(in: "state") == ["lock"])
    }
  }

  @Test("a stop while a later pass is under way → it counts as none, and what was seen stands")
  func stopInALaterPass() async throws {
    try await withTemporaryFolder { folder in
      try folder.writeSite()
      let agent = try TriedAgent(in: folder, isGated: true)
      try await agent.run {
        try await agent.waits()
        let gate = try Gate(closedIn: folder)
        // The managed block is gone, so that the pass has something to judge.
        try folder.writeNamedConf()
        await agent.requests.add(.pass)
        // What holds it is the checker, which is ended with it.
        let writer = try await gate.reached()
        defer { close(writer) }
        _ = (agent.heardSince, agent.toldSince)
        await agent.stop()
        try await eventually("it stops") { agent.heardSince.contains("STOPPING=1") }
      }
      #expect(agent.toldSince.map(\.kind) == [.stopped])
      #expect(agent.written?.counters.passes == ["applied": 1])
      #expect(agent.written?.pass.failure == nil)
    }
  }

  @Test("a stop while another pass holds the lock → the waiting ends, and is no failure")
  func stopAtTheLock() async throws {
    try await withTemporaryFolder { folder in
      try folder.writeSite()
      let agent = try TriedAgent(in: folder)
      let lock = try await HeldLock(in: folder.path.appending("state"))
      try await agent.run { try await agent.waits() }
      #expect(agent.toldSince.map(\.kind) == [.started, .stopped])
      #expect(agent.heardSince == [extension150, "STOPPING=1", "STATUS=stopping"])
      #expect(agent.written == nil)
      lock.release()
    }
  }

  private func monotonicMicroseconds() -> Int64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000
  }
}
