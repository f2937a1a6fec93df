import DCOSSimulator
import TestSupport
import Testing

@Suite("What an operator has to decide", .serialized, .timeLimit(.minutes(10)))
struct SafeguardTests {
  @Test("a DNAME at the apex over www → held with the name; hides-names → applied")
  func hiddenNames()
    async throws
  {
    try await withHost { host in
      try await host.configure(alias: "name: contoso.com")
      let zone = try host.text("db.contoso.com")
      let result = try await host.zonebridge("--once")
      #expect(result.status == 3)
      #expect(result.standardError.contains("www.contoso.com"))
      #expect(try host.text("db.contoso.com") == zone)
      #expect(try await host.zonebridge("diff").standardError.contains("www.contoso.com"))
      try await host.configure(alias: "name: contoso.com\n    allow: [hides-names]")
      let waived = try await host.zonebridge("--once")
      #expect(waived.status == 0, "\(waived.standardError)")
      #expect(try await host.answer("web.marathon.contoso.com").last == "10.0.0.80")
    }
  }

  @Test(
    "a name that comes below an alias which stands → told with its line, by status and metrics too")
  func laterNames() async throws {
    try await withHost { host in
      #expect(try await host.zonebridge("--once").status == 0)
      let zone = try host.text("db.contoso.com")
      try host.named.write(
        "db.contoso.com", zone + "_acme-challenge.cluster 60 IN TXT \"token\"\n")
      let line = zone.split(separator: "\n", omittingEmptySubsequences: false).count
      let result = try await host.zonebridge("--once")
      #expect(result.status == 0, "\(result.standardError)")
      #expect(result.standardError.contains("its DNAME hides 1 name"))
      #expect(result.standardError.contains("db.contoso.com:\(line)"), "\(result.standardError)")
      let status = try await host.zonebridge("status")
      #expect(status.standardOutput.contains("_acme-challenge.cluster.contoso.com"))
      let json = try await host.zonebridge("status", "--json").standardOutput
      #expect(json.contains("\"hiddenNames\": 1") || json.contains("\"hiddenNames\" : 1"))
    }
  }

  @Test("another cluster ID → held with the command, and applied with --accept") func changedID()
    async throws
  {
    try await withHost { host in
      #expect(try await host.zonebridge("--once").status == 0)
      let files = try host.files()
      let new = SampleID.third
      await host.cluster.setID(new)
      let held = try await host.zonebridge("--once")
      // The masters know nothing of the old ID, so that no client gets an answer meanwhile.
      #expect(held.status == 1)
      #expect(held.standardError.contains("--accept prod"))
      #expect(try host.files() == files)
      let accepted = try await host.zonebridge("run", "--once", "--accept", "prod")
      #expect(accepted.status == 0, "\(accepted.standardError)")
      #expect(try host.text("named.conf.local").contains(new))
      #expect(try await host.answer("web.marathon.cluster.contoso.com").last == "10.0.0.80")
    }
  }

  @Test("a hand edit inside a block → shown as a diff and overwritten") func handEdit() async throws
  {
    try await withHost { host in
      #expect(try await host.zonebridge("--once").status == 0)
      let local = try host.text("named.conf.local")
      try host.named.write(
        "named.conf.local", local.replacing("forward only;", with: "forward first;"))
      let result = try await host.zonebridge("--once")
      #expect(result.status == 0, "\(result.standardError)")
      #expect(result.standardError.contains("edited by hand"))
      #expect(result.standardError.contains("-\tforward first;"))
      #expect(result.standardError.contains("+\tforward only;"))
      #expect(try host.text("named.conf.local") == local)
    }
  }

  @Test("a CNAME at the alias's own name → held, and the zone is not touched") func rival()
    async throws
  {
    try await withHost(zone: Host.zone + "cluster IN CNAME www\n") { host in
      let result = try await host.zonebridge("--once")
      #expect(result.status == 3)
      #expect(result.standardError.contains("CNAME"))
      #expect(try !host.text("db.contoso.com").contains("DNAME"))
    }
  }
}
