import DCOSSimulator
import SystemPackage
import TestSupport
import Testing

/// Edits that an operator has saved and not loaded yet.
@Suite("An operator's own edits", .serialized, .timeLimit(.minutes(10)))
struct ForeignEditTests {
  private func edit(_ host: Host) throws {
    let zone = try host.text("db.contoso.com")
    try host.named.write(
      "db.contoso.com",
      zone.replacing("41 ; serial", with: "50 ; serial")
        .replacing("42 ; serial", with: "50 ; serial") + "ftp.contoso.com. IN A 192.0.2.21\n")
  }

  @Test("an edit that named has not loaded → left alone where what is ours is served")
  func leftAlone()
    async throws
  {
    try await withHost { host in
      #expect(try await host.zonebridge("--once").status == 0)
      try await Task.sleep(for: .seconds(1.1))
      try edit(host)
      let (files, commands) = (try host.files(), host.changingCommands())
      let result = try await host.zonebridge("--once")
      #expect(result.status == 0 && result.standardError.isEmpty, "\(result.standardError)")
      #expect(try host.files() == files)
      #expect(host.changingCommands() == commands)
      #expect(try await host.named.dig("+short", "contoso.com", "SOA").contains(" 42 "))
      let preview = try await host.zonebridge("diff")
      #expect(preview.status == 0)
      #expect(
        preview.standardError.contains(
          "zone contoso.com: \(host.named.folder.path)/db.contoso.com was changed at"))
    }
  }

  @Test("an edit still fresh where ours has to change → held; at rest, both are loaded")
  func waitedFor()
    async throws
  {
    try await withHost { host in
      try await Task.sleep(for: .seconds(1.1))
      try edit(host)
      let zone = try host.text("db.contoso.com")
      let held = try await host.zonebridge("--once")
      #expect(held.status == 3)
      #expect(
        held.standardError.contains("somebody may be in the middle of it"),
        "\(held.standardError)")
      #expect(try host.text("db.contoso.com") == zone)
      #expect(try await host.answer("ftp.contoso.com").isEmpty)

      try await host.rest("db.contoso.com")
      let result = try await host.zonebridge("--once")
      #expect(result.status == 0, "\(result.standardError)")
      #expect(
        result.standardError.contains("named has not loaded that edit: this change loads it"),
        "\(result.standardError)")
      #expect(try await host.named.dig("+short", "contoso.com", "SOA").contains(" 51 "))
      #expect(try await host.answer("ftp.contoso.com") == ["192.0.2.21"])
      #expect(try await host.answer("web.marathon.cluster.contoso.com").last == "10.0.0.80")
    }
  }

  @Test("inside the markers → shown as a diff, once, and put right; the pass ends with 0")
  func insideTheMarkers() async throws {
    try await withTemporaryFolder { folder in
      let site = try StaticSite(folder)
      #expect(try await site.pass().status == 0)
      let right = try folder.text("bind/db.com")
      let line = try #require(right.split(separator: "\n").first { $0.contains(" DNAME ") })
      try folder.write("bind/db.com", right.replacing(line, with: "\(line) ; mine"))
      let result = try await site.pass()
      #expect(result.status == 0, "\(result.standardError)")
      let told = result.standardError
      #expect(told.contains("the managed block a.contoso.com was edited by hand"), "\(told)")
      #expect(told.contains("-\(line) ; mine\n") && told.contains("+\(line)\n"), "\(told)")
      #expect(!told.contains("db.net"))
      #expect(try !folder.text("bind/db.com").contains("mine"))
      #expect(try await site.pass().standardError == "")
    }
  }

  @Test("what an earlier pass left unloaded → no edit of anybody's, and loaded") func ours()
    async throws
  {
    try await withHost { host in
      // The pass dies between the swap and what named is told.
      try await host.configure(bind: "reload: none")
      #expect(try await host.zonebridge("--once").status == 0)
      try await host.configure(rest: "  - { name: two.contoso.com, cluster: prod }")
      let result = try await host.zonebridge("--once")
      #expect(result.status == 0, "\(result.standardError)")
      #expect(!result.standardError.contains("was changed at"), "\(result.standardError)")
      #expect(try await host.answer("web.marathon.two.contoso.com").last == "10.0.0.80")
    }
  }

  @Test("an edit of named.conf not loaded → logged, and loaded along with ours")
  func configuration()
    async throws
  {
    try await withHost { host in
      try await Task.sleep(for: .seconds(1.1))
      try host.named.write("named.conf.local", "# theirs\n" + (try host.text("named.conf.local")))
      let result = try await host.zonebridge("--once")
      #expect(result.status == 0, "\(result.standardError)")
      #expect(result.standardError.contains("named.conf.local was changed at"))
      #expect(result.standardError.contains("this change loads that edit too"))
    }
  }
}
