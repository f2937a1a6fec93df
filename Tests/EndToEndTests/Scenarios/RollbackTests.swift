import DCOSSimulator
import SystemPackage
import TestSupport
import Testing

@Suite("History and rollback", .serialized, .timeLimit(.minutes(10)))
struct RollbackTests {
  private static let name = "web.marathon.cluster.contoso.com"

  @Test("the last change → reverted and held, until an operator accepts it")
  func lastChange() async throws {
    try await withHost { host in
      let (local, zone) = (try host.text("named.conf.local"), try host.text("db.contoso.com"))
      #expect(try await host.zonebridge("--once").status == 0)
      let preview = try await host.zonebridge("rollback", "--dry-run")
      #expect(preview.status == 2, "\(preview.standardError)")
      #expect(preview.standardOutput.contains("-; BEGIN zonebridge cluster.contoso.com"))
      #expect(preview.standardOutput.contains("# rndc reload contoso.com"))

      let result = try await host.zonebridge("rollback")
      #expect(result.status == 0, "\(result.standardError)")
      #expect(result.standardOutput.contains("-; BEGIN zonebridge cluster.contoso.com"))
      #expect(result.standardOutput.hasSuffix("seen served\n"))
      #expect(try host.text("named.conf.local") == local)
      #expect(
        try host.text("db.contoso.com") == zone.replacing("41 ; serial", with: "43 ; serial"))
      #expect(try await host.named.dig("cluster.contoso.com", "DNAME").contains("NXDOMAIN"))
      #expect(try await host.answer("www.contoso.com") == ["192.0.2.80"])
      let status = try await host.zonebridge("status").standardOutput
      #expect(status.contains("serial 43 in"), "\(status)")
      #expect(status.contains("serial 43 served"), "\(status)")
      #expect(status.contains("alias cluster.contoso.com: not written"), "\(status)")
      #expect(!status.contains("forward zone: served"), "\(status)")
      #expect(!status.contains(": block "), "\(status)")

      let (files, commands) = (try host.files(), host.changingCommands())
      let held = try await host.zonebridge("--once")
      #expect(held.status == 3)
      #expect(
        held.standardError.contains("cluster prod: held: its change was reverted at"),
        "\(held.standardError)")
      #expect(held.standardError.contains("by zonebridge rollback"))
      #expect(try host.files() == files)
      #expect(host.changingCommands() == commands)

      let accepted = try await host.zonebridge("--once", "--accept", "prod")
      #expect(accepted.status == 0, "\(accepted.standardError)")
      #expect(try await host.answer(Self.name).last == "10.0.0.80")
      #expect(try await host.zonebridge("--once").status == 0)
    }
  }

  @Test("rollbacks that hold everything → remove takes all out, without --accept")
  func removeAfterwards() async throws {
    try await withHost { host in
      let (local, zone) = (try host.text("named.conf.local"), try host.text("db.contoso.com"))
      #expect(try await host.zonebridge("--once").status == 0)
      #expect(try await host.zonebridge("rollback").status == 0)
      #expect(try await host.zonebridge("rollback").status == 0)
      #expect(try host.text("db.contoso.com").contains("DNAME"))
      let result = try await host.zonebridge("remove", "--all")
      #expect(result.status == 0, "\(result.standardError)")
      #expect(!result.standardError.contains("held"))
      #expect(try host.text("named.conf.local") == local)
      #expect(
        try host.text("db.contoso.com") == zone.replacing("41 ; serial", with: "45 ; serial"))
    }
  }

  @Test("a configuration that cannot be read → reverted all the same, and others' edits stay")
  func unreadableConfiguration() async throws {
    try await withHost { host in
      #expect(try await host.zonebridge("--once").status == 0)
      let zone = try host.text("db.contoso.com")
      try host.named.write(
        "db.contoso.com", zone.replacing("www IN A", with: "ftp IN A 192.0.2.21\nwww IN A"))
      try host.named.write(
        "named.conf.local", "# ours\n" + (try host.text("named.conf.local")) + "# ours too\n")
      try host.named.folder.write(
        "zonebridge.yaml", "state-directory: \"\(host.state)\" # there\nclusters: [[[ {\n")
      #expect(try await host.zonebridge("--once").status == 78)
      let result = try await host.zonebridge("rollback")
      #expect(result.status == 0, "\(result.standardError)")
      #expect(result.standardError.contains("zonebridge.yaml:"))
      let local = try host.text("named.conf.local")
      #expect(local.hasPrefix("# ours\nzone \"contoso.com\""))
      #expect(local.hasSuffix("};\n# ours too\n") && !local.contains("zonebridge prod"))
      let after = try host.text("db.contoso.com")
      #expect(after.contains("ftp IN A 192.0.2.21") && !after.contains("DNAME"))
      #expect(try await host.answer("ftp.contoso.com") == ["192.0.2.21"])
    }
  }

  @Test("several changes → all reverted as one, and that is reverted in turn") func several()
    async throws
  {
    try await withHost { host in
      #expect(try await host.zonebridge("rollback").status == 1)
      #expect(try await host.zonebridge("--once").status == 0)
      try await host.cluster.replaceMaster("127.0.20.13", by: "127.0.20.14")
      #expect(try await host.zonebridge("--once").status == 0)
      let second = (try host.text("named.conf.local"), try host.text("db.contoso.com"))
      let list = try await host.zonebridge("rollback", "--list")
      #expect(list.status == 0 && list.standardOutput.split(separator: "\n").count == 2)
      #expect(list.standardOutput.contains("alias cluster.contoso.com, cluster prod"))
      #expect(list.standardOutput.hasPrefix("2\t"), "the ID comes first")
      #expect(try await host.zonebridge("rollback", "--last", "3").status == 1)
      #expect(try await host.zonebridge("rollback", "0").status == 64)

      #expect(try await host.zonebridge("rollback", "--last", "2").status == 0)
      #expect(try !host.text("named.conf.local").contains("zonebridge"))
      #expect(try !host.text("db.contoso.com").contains("DNAME"))
      // What the last change was is the putting back.
      let back = try await host.zonebridge("rollback")
      #expect(back.status == 0, "\(back.standardError)")
      #expect(try host.text("named.conf.local") == second.0)
      #expect(
        try host.text("db.contoso.com")
          == second.1.replacing("42 ; serial", with: "44 ; serial"))
      #expect(try await host.answer(Self.name).last == "10.0.0.80")
    }
  }

  @Test(
    "the ID of an older change → it alone is reverted; one that nothing has → 64 with those kept")
  func byID() async throws {
    try await withHost { host in
      #expect(try await host.zonebridge("--once").status == 0)
      let zone = try host.text("db.contoso.com")
      try await host.cluster.replaceMaster("127.0.20.13", by: "127.0.20.14")
      #expect(try await host.zonebridge("--once").status == 0)
      let local = try host.text("named.conf.local")
      try await host.configure(alias: "name: cluster.contoso.com\n    ttl: 30")
      #expect(try await host.zonebridge("--once").status == 0)

      let files = try host.files()
      let unknown = try await host.zonebridge("rollback", "4")
      #expect(unknown.status == 64)
      #expect(
        unknown.standardError.contains(
          "rollback 4: no change with this ID is kept. Known are: 3, 2, 1"))
      #expect(try host.files() == files)

      let second = try await host.zonebridge("rollback", "2")
      #expect(second.status == 0, "\(second.standardError)")
      #expect(try host.text("named.conf.local").contains("127.0.20.13"))
      #expect(try !host.text("named.conf.local").contains("127.0.20.14"))
      #expect(try host.text("db.contoso.com").contains("cluster.contoso.com. 30 IN DNAME"))

      // What a later change has written over cannot be reverted by itself.
      let first = try await host.zonebridge("rollback", "1")
      #expect(first.status == 1)
      #expect(first.standardError.contains("somebody has edited what change 1 had written"))
      #expect(try host.text("db.contoso.com") != zone && host.text("named.conf.local") != local)
    }
  }

  @Test("a zone that was made → removed, made again, and left alone once somebody added to it")
  func madeZone() async throws {
    try await withHost { host in
      let file = host.named.folder.path.appending("db.dcos.example")
      try await host.configure(
        alias: "name: dcos.example",
        rest: """
          zones:
            dcos.example:
              create: { file: \(file), primary: ns.example.net., contact: hm.example.net. }
          """)
      #expect(try await host.zonebridge("--once").status == 0)
      let text = try host.text("db.dcos.example")
      let result = try await host.zonebridge("rollback")
      #expect(result.status == 0, "\(result.standardError)")
      #expect(throws: Errno.noSuchFileOrDirectory) { try file.stat() }
      #expect(try await host.zonebridge("rollback").status == 0)
      #expect(try host.text("db.dcos.example") == text)
      #expect(try await host.answer("web.marathon.dcos.example").last == "10.0.0.80")
      try host.named.write("db.dcos.example", text + "more IN TXT theirs\n")
      let refused = try await host.zonebridge("rollback")
      #expect(refused.status == 1)
      #expect(refused.standardError.contains("somebody has added to it"))
    }
  }

  @Test("an alias in a dynamic zone → reverted by DNS UPDATE, held, and put in again")
  func dynamicZone() async throws {
    let setup = NamedSetup(
      local: """
        zone "contoso.com" { type primary; file "db.contoso.com"; update-policy local; };

        """,
      files: ["db.contoso.com": Host.zone])
    try await withHost(setup) { host in
      #expect(try await host.zonebridge("--once").status == 0)
      #expect(try await host.answer(Self.name).last == "10.0.0.80")
      let result = try await host.zonebridge("rollback")
      #expect(result.status == 0, "\(result.standardError)")
      #expect(try await host.named.dig("cluster.contoso.com", "DNAME").contains("NXDOMAIN"))
      #expect(try await host.zonebridge("--once").status == 3)
      #expect(try await host.zonebridge("rollback").status == 0)
      #expect(try await host.answer(Self.name).last == "10.0.0.80")
      #expect(try await host.zonebridge("--once").status == 0)
    }
  }

  @Test("somebody has changed what we wrote → 1, and no file touched") func changed() async throws {
    try await withHost { host in
      #expect(try await host.zonebridge("--once").status == 0)
      let local = try host.text("named.conf.local")
      try host.named.write("named.conf.local", local.replacing("forward only;", with: ""))
      let files = try host.files()
      let result = try await host.zonebridge("rollback")
      #expect(result.status == 1)
      #expect(
        result.standardError.contains(
          "named.conf.local: somebody has edited what change 1 had written"),
        "\(result.standardError)")
      #expect(try host.files() == files)
    }
  }
}
