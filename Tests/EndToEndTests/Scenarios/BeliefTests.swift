import DCOSSimulator
import SystemPackage
import TestSupport
import Testing

@Suite("What a cluster says, and when it is believed", .serialized, .timeLimit(.minutes(10)))
struct BeliefTests {
  private static let name = "web.marathon.cluster.contoso.com"
  private static let otherID = SampleID.other

  private func pass(
    _ host: Host, _ arguments: String..., status: Int32 = 0,
    sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> ProgramResult {
    let result = try await host.zonebridge(["--once"] + arguments)
    #expect(result.status == status, "\(result.standardError)", sourceLocation: sourceLocation)
    return result
  }

  @Test("a cluster is found whose configured masters have all been replaced") func allReplaced()
    async throws
  {
    try await withHost { host in
      _ = try await pass(host)
      for (old, new) in zip(Host.masters, ["127.0.20.21", "127.0.20.22", "127.0.20.23"]) {
        try await host.cluster.replaceMaster(old, by: new)
        _ = try await pass(host)
      }
      let local = try host.text("named.conf.local")
      #expect(local.contains("127.0.20.21 port") && !Host.masters.contains(where: local.contains))
      #expect(try await host.answer(Self.name).last == "10.0.0.80")
      #expect(try await host.zonebridge("--once").standardOutput.isEmpty)
    }
  }

  @Test("a list that lost most of its masters is held, with the memory and without")
  func mostGone() async throws {
    try await withHost { host in
      _ = try await pass(host)
      let local = try host.text("named.conf.local")
      try await host.cluster.replaceMaster("127.0.20.12", by: "127.0.20.22")
      try await host.cluster.replaceMaster("127.0.20.13", by: "127.0.20.23")
      for isForgotten in [false, true] {
        if isForgotten {
          _ = try await run("rm", arguments: [host.state.appending("clusters").string])
        }
        // Of those configured only one is left, which makes no majority at first sight.
        let held = try await pass(host, status: isForgotten ? 1 : 3)
        #expect(
          held.standardError.contains(
            isForgotten
              ? "no majority of the masters"
              : "more than half of the known masters would be dropped at once"),
          "\(held.standardError)")
        #expect(try host.text("named.conf.local") == local)
      }
      try await host.configure(masters: ["127.0.20.11", "127.0.20.22", "127.0.20.23"])
      let held = try await pass(host, status: 3)
      #expect(held.standardError.contains("they were 127.0.20.11, 127.0.20.12, 127.0.20.13"))
      _ = try await pass(host, "--accept", "prod")
      #expect(try host.text("named.conf.local").contains("127.0.20.23 port"))
      #expect(try await host.answer(Self.name).last == "10.0.0.80")
    }
  }

  @Test("a list that lasts is believed after its time") func settled() async throws {
    try await withHost { host in
      _ = try await pass(host)
      try await host.cluster.replaceMaster("127.0.20.12", by: "127.0.20.22")
      try await host.cluster.replaceMaster("127.0.20.13", by: "127.0.20.23")
      try await host.configure(cluster: ["settle-time: 0s"])
      _ = try await pass(host, status: 3)
      _ = try await pass(host, status: 3)
      _ = try await pass(host)
      #expect(try host.text("named.conf.local").contains("127.0.20.23 port"))
    }
  }

  @Test("another ID is followed after three passes, if it is to be") func followed() async throws {
    try await withHost { host in
      try await host.configure(cluster: ["follow-id: true"])
      _ = try await pass(host)
      await host.cluster.setID(Self.otherID)
      // Held, and failed: the masters know nothing of the old ID, so that no client gets an answer.
      _ = try await pass(host, status: 1)
      try await host.cluster.fail("127.0.20.12", .http(502))
      _ = try await pass(host, status: 1)
      try await host.cluster.heal("127.0.20.12")
      for _ in 1...2 { _ = try await pass(host, status: 1) }
      _ = try await pass(host)
      #expect(try host.text("db.contoso.com").contains(Self.otherID))
      #expect(try await host.answer(Self.name).last == "10.0.0.80")
    }
  }

  @Test("a master that answers no DNS stays in the list, as long as another does")
  func silentMaster() async throws {
    try await withHost { host in
      for master in Host.masters.prefix(2) { try await host.cluster.fail(master, .dnsSilent) }
      let preview = try await host.zonebridge("diff")
      #expect(preview.status == 2)
      #expect(
        preview.standardError.contains("cluster prod: some of its masters do not answer DNS"),
        "\(preview.standardError)")
      _ = try await pass(host)
      #expect(try host.text("named.conf.local").contains("127.0.20.11 port"))
      #expect(try await host.answer(Self.name).last == "10.0.0.80")
    }
  }

  @Test("a silent cluster says since when it is") func stands() async throws {
    try await withHost { host in
      _ = try await pass(host)
      for master in Host.masters { try await host.cluster.fail(master, .unreachable) }
      let result = try await pass(host, status: 1)
      #expect(result.standardError.contains("what they agreed on at 20"), "\(result.standardError)")
    }
  }
}
