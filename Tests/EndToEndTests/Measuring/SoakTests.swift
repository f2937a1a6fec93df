import DCOSSimulator
import DNSNames
import Named
import SystemPackage
import TestSupport
import Testing

/// Many passes of an agent that is killed again and again, while its cluster changes and fails.
///
/// `ZONEBRIDGE_SOAK` tells how many passes; deploy/soak makes a thousand.
@Suite("A soak", .serialized, .timeLimit(.minutes(1440)))
struct SoakTests {
  private static let passes = ProcessEnvironment["ZONEBRIDGE_SOAK"].flatMap { Int($0) } ?? 12
  private static let ids = [SampleID.published, SampleID.other]
  private static let failures: [Failure] = [
    .unreachable, .http(502), .http(404), .emptyList, .truncatedJSON, .noExhibitor, .notAnID,
    .dnsSilent, .cutShort,
  ]

  @Test("killed at random, everything is right in the end, and neighbours always answer")
  func soak() async throws {
    try await withHost { host in
      try await host.configure(cluster: ["follow-id: true"])
      let neighbour = Task { try await Self.watchNeighbour(of: host) }
      var kills = 0
      var events = 0
      var generator = SeededGenerator(seed: 5)
      var agent = try host.start()
      for _ in 1...Self.passes {
        if generator.oneIn(2) {
          try await event(host, &generator)
          events += 1
        }
        // Beside the agent, as from cron.
        let once = try host.start("--once", "--wait", "5")
        if generator.oneIn(3) {
          try await Task.sleep(for: .milliseconds(Int.random(in: 1...300, using: &generator)))
          try await once.kill()
          kills += 1
        }
        try await once.waitForExit(within: .seconds(120))
        guard generator.oneIn(6) else { continue }
        #expect(agent.isRunning, "\(agent.output)")
        try await agent.kill()
        kills += 1
        agent = try host.start()
      }
      for master in await host.cluster.masters { try await host.cluster.heal(master) }
      try await agent.kill()
      try await expectRight(host)
      let growth = try await expectLevel(host, passes: min(Self.passes / 4, 120))
      neighbour.cancel()
      let (asked, failed) = try await neighbour.value
      #expect(failed == 0 && asked > 0, "\(failed) of \(asked) questions for a neighbour failed")
      try expectNothingLeft(host)
      print(
        """
        soak: \(Self.passes) passes beside the agent's own, \(events) events, \(kills) kills, \(asked) questions for a \
        neighbour, \(failed) failed; \(growth)
        """)
    }
  }

  private func event(_ host: Host, _ generator: inout SeededGenerator) async throws {
    let cluster = host.cluster
    let masters = await cluster.masters
    switch Int.random(in: 0..<10, using: &generator) {
    case 0, 1:
      let (old, new) =
        masters.contains("127.0.20.13")
        ? ("127.0.20.13", "127.0.20.14") : ("127.0.20.14", "127.0.20.13")
      try await cluster.replaceMaster(old, by: new)
    case 2: await cluster.setID(Self.ids[Int.random(in: 0...1, using: &generator)])
    case 3...6:
      let master = masters[Int.random(in: masters.indices, using: &generator)]
      let failure = Self.failures[Int.random(in: Self.failures.indices, using: &generator)]
      try await cluster.fail(master, failure)
    default:
      for master in masters { try await cluster.heal(master) }
    }
  }

  /// Asks for a record beside the alias all the time.
  private static func watchNeighbour(of host: Host) async throws -> (asked: Int, failed: Int) {
    let client = DNSClient(
      server: try Endpoint("127.0.0.1:\(host.named.queryPort)"), timeout: .seconds(2))
    var (asked, failed) = (0, 0)
    while !Task.isCancelled {
      asked += 1
      let answer = try? await client.ask(DomainName("www.contoso.com"), .a)
      if answer?.rdata(of: .a) != ["192.0.2.80"] { failed += 1 }
      try? await Task.sleep(for: .milliseconds(10))
    }
    return (asked, failed)
  }

  private func expectRight(_ host: Host) async throws {
    let result = try await host.zonebridge("--once", "--accept", "prod")
    #expect(result.status == 0, "\(result.standardError)")
    #expect(try await host.answer("web.marathon.cluster.contoso.com").last == "10.0.0.80")
    let local = try host.text("named.conf.local")
    let (id, masters) = (await host.cluster.id, await host.cluster.masters)
    #expect(local.contains("\(id).dcos.directory") && masters.allSatisfy(local.contains))
    #expect(try host.text("db.contoso.com").contains(id))
    #expect(try await host.zonebridge("diff").status == 0)
  }

  /// An agent that has nothing to do uses no more memory and descriptors with each pass.
  ///
  /// - Returns: the figures, in words.
  private func expectLevel(_ host: Host, passes count: Int) async throws -> String {
    let agent = try host.start()
    try await eventually("a pass of the agent") {
      let said = try await host.zonebridge("status", "--json").standardOutput
      return said.contains("\"source\" : \"agent\"") && said.contains("\"pass\"")
    }
    // One each second.
    try await Task.sleep(for: .seconds(count))
    let before = try await usage(of: agent)
    try await Task.sleep(for: .seconds(count))
    let after = try await usage(of: agent)
    #expect(after.descriptors <= before.descriptors + 2, "\(before) \(after)")
    #expect(after.resident <= before.resident + (2 << 20), "\(before) \(after)")
    #expect(try await agent.stop() == 0)
    return "after \(count) quiet passes \(before), after \(2 * count) \(after)"
  }

  /// What an agent uses between two passes: in the middle of one it has the pipes of the programs that it runs.
  private func usage(of agent: BackgroundProcess) async throws -> Usage {
    var least = try Usage(of: agent.pid)
    for _ in 1...20 {
      try await Task.sleep(for: .milliseconds(50))
      let usage = try Usage(of: agent.pid)
      if usage.descriptors < least.descriptors { least = usage }
    }
    return least
  }

  private func expectNothingLeft(_ host: Host) throws {
    let folder = host.named.folder
    let names = try folder.names(in: ".").filter { $0.hasPrefix(".") || $0.contains("zonebridge-") }
    #expect(names.isEmpty, "\(names)")
    let state = try folder.names(in: "state").filter {
      !["clusters", "history", "lock", "names", "status.json", "zones"].contains($0)
    }
    #expect(state.isEmpty, "\(state)")
    let history = try folder.names(in: "state/history")
    #expect(history.count <= 20 && history.allSatisfy { $0.hasSuffix(".json") }, "\(history)")
    // Nobody still works with the folder but named.
    let left = try listFolder("/proc").filter { Int($0) != nil }.filter { process in
      let words = (try? readFile(FilePath("/proc/\(process)/cmdline"))) ?? []
      let command = String(decoding: words, as: UTF8.self).replacing("\0", with: " ")
      return command.contains(folder.path.string) && !command.contains("named -g")
        && !command.contains("/named ") && !command.contains("read -r line")
    }
    #expect(left.isEmpty, "\(left)")
  }
}
