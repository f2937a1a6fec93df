import DCOSSimulator
import TestSupport
import Testing

/// `adopt` and `remove`, the ways in and out.
@Suite("Taking over and taking out", .serialized, .timeLimit(.minutes(10)))
struct TakeoverTests {
  /// What was printed, without what stands around the patch.
  private func patch(_ result: ProgramResult) -> [Substring] {
    result.standardOutput.split(separator: "\n").filter { !$0.hasPrefix("# ") }
  }

  @Test("what was written by hand is held, shown, and taken over") func adopt() async throws {
    try await withHost { host in
      let id = await host.cluster.id
      let port = await host.cluster.dnsPort
      let local = try host.text("named.conf.local")
      try host.named.write(
        "named.conf.local",
        local + """
          zone "\(id).dcos.directory" {
            type forward; // after the documentation
            forwarders port \(port) { \(Host.masters.joined(separator: "; ")); };
          };

          """)
      try host.named.write(
        "db.contoso.com",
        Host.zone.replacing("41 ;", with: "42 ;")
          + "cluster IN DNAME mesos.\(id).dcos.directory. ; by hand\n")
      try await host.named.rndc("reload")
      let held = try await host.zonebridge("--once")
      #expect(held.status == 3)
      #expect(held.standardError.contains("named.conf.local:2: zone"))
      #expect(held.standardError.contains("db.contoso.com:7: it has a DNAME"))
      #expect(held.standardError.contains("zonebridge adopt prod"))

      let files = try host.files()
      let preview = try await host.zonebridge("adopt", "--dry-run")
      #expect(preview.status == 2, "\(preview.standardError)")
      #expect(preview.standardOutput.contains("+// BEGIN zonebridge prod"))
      #expect(try host.files() == files)
      let adopted = try await host.zonebridge("adopt", "prod")
      #expect(adopted.status == 0, "\(adopted.standardError)")
      #expect(patch(adopted).starts(with: patch(preview)))
      #expect(try host.text("named.conf.local").contains("\n// after the documentation\n// BEGIN"))
      #expect(try host.text("db.contoso.com").contains("\n; by hand\n"))
      #expect(try await host.answer("web.marathon.cluster.contoso.com").last == "10.0.0.80")
      let commands = host.changingCommands()
      #expect(try await host.zonebridge("--once").status == 0)
      #expect(host.changingCommands() == commands)
      let nothing = try await host.zonebridge("adopt")
      #expect(nothing.status == 0)
      #expect(nothing.standardOutput.hasSuffix("nothing to change\n"))
    }
  }

  @Test("everything is taken out, with the cluster gone, and the files are what they were")
  func remove() async throws {
    try await withHost { host in
      let conf = try host.text("named.conf")
      let local = try host.text("named.conf.local")
      #expect(try await host.zonebridge("--once").status == 0)
      for master in Host.masters { try await host.cluster.fail(master, .unreachable) }
      let files = try host.files()
      let preview = try await host.zonebridge("remove", "--all", "--dry-run")
      #expect(preview.status == 2, "\(preview.standardError)")
      #expect(try host.files() == files)
      let removed = try await host.zonebridge("remove", "--all")
      #expect(removed.status == 0, "\(removed.standardError)")
      #expect(patch(removed).starts(with: patch(preview)))
      #expect(removed.standardError.contains("cluster prod is still in"))
      #expect(try host.text("named.conf") == conf)
      #expect(try host.text("named.conf.local") == local)
      #expect(try host.text("db.contoso.com") == Host.zone.replacing("41 ;", with: "43 ;"))
      #expect(try await host.answer("web.marathon.cluster.contoso.com") == [])
      #expect(try await host.answer("www.contoso.com") == ["192.0.2.80"])
    }
  }

  @Test("a name that nothing has → 64 with the names that there are, and no byte changed")
  func unknownNames() async throws {
    try await withHost { host in
      #expect(try await host.zonebridge("--once").status == 0)
      let files = try host.files()
      #expect(try await host.zonebridge("adopt", "lab").status == 64)
      for arguments in [
        ["lab"], ["--dry-run", "lab"], ["--cluster", "lab"], ["--cluster", "cluster.contoso.com"],
        ["--alias", "prod"], ["prod", "lab.contoso.com"],
      ] {
        let refused = try await host.zonebridge(["remove"] + arguments)
        #expect(refused.status == 64, "\(arguments): \(refused.standardError)")
        #expect(
          refused.standardError.contains("of this name. Known are: prod, cluster.contoso.com\n"),
          "\(refused.standardError)")
        #expect(try host.files() == files)
      }
      #expect(try await host.zonebridge("remove", "--alias", "a..b").status == 64)

      // What only the managed blocks have is known by them, however it is written.
      try await host.configure(alias: "name: other.contoso.com")
      let refused = try await host.zonebridge("remove", "lab")
      #expect(
        refused.standardError.contains(
          "Known are: prod, other.contoso.com, cluster.contoso.com\n"), "\(refused.standardError)")
      let removed = try await host.zonebridge("remove", "Cluster.CONTOSO.com.")
      #expect(removed.status == 0, "\(removed.standardError)")
      #expect(try !host.text("db.contoso.com").contains("DNAME"))
      #expect(try await host.zonebridge("remove", "cluster.contoso.com").status == 64)
    }
  }
}
