import DCOSSimulator
import TestSupport
import Testing

/// A named with views, of which only some get the cluster.
@Suite("Views", .serialized, .timeLimit(.minutes(10)))
struct ViewTests {
  /// Which of the two answers this host is up to `match-clients`.
  private static func setup(recursion: String = "yes") -> NamedSetup {
    NamedSetup(
      local: """
        view "internal" {
            match-clients { 127.0.0.0/8; };
            recursion \(recursion);
            zone "contoso.com" { type primary; file "db.contoso.com"; };
        };
        view "external" {
            match-clients { any; };
            recursion no;
            zone "contoso.com" { type primary; file "db.external"; };
        };

        """,
      files: ["db.contoso.com": Host.zone, "db.external": Host.zone])
  }

  private func configure(_ host: Host, views: String) async throws {
    try await host.configure(bind: "rndc: { config: \(host.named.rndcConf) }\n  views: [\(views)]")
  }

  @Test("the chosen view gets zone and alias, and is reloaded alone") func chosen() async throws {
    try await withHost(Self.setup()) { host in
      try await configure(host, views: "internal")
      let result = try await host.zonebridge("--once")
      #expect(result.status == 0, "\(result.standardError)")
      #expect(result.standardOutput.contains("seen served"))
      #expect(try await host.answer("web.marathon.cluster.contoso.com").last == "10.0.0.80")
      #expect(try host.text("db.external") == Host.zone)
      let commands = host.changingCommands()
      #expect(commands.contains { $0.contains("'reload contoso.com IN internal'") }, "\(commands)")
      #expect(!commands.contains { $0.contains("external") })
      let again = try await host.zonebridge("--once")
      #expect(again.status == 0)
      #expect(host.changingCommands() == commands)
    }
  }

  @Test(
    "a view that does not answer this host is checked by its serial, and nothing more is claimed")
  func unseen() async throws {
    try await withHost(Self.setup(recursion: "no")) { host in
      try await configure(host, views: "external")
      let result = try await host.zonebridge("--once")
      #expect(result.status == 0, "\(result.standardError)")
      #expect(!result.standardOutput.contains("seen served"))
      let status = try await host.named.rndc("zonestatus", "contoso.com", "IN", "external")
      #expect(status.standardOutput.contains("serial: 42"))
      #expect(try host.text("db.contoso.com") == Host.zone)
      // named tells the time of its configuration in whole seconds: what was written in the same one
      // may be newer, and is read once more.
      try await eventually("a pass has nothing to tell named") {
        let commands = host.changingCommands()
        let again = try await host.zonebridge("--once")
        #expect(again.status == 0)
        return host.changingCommands() == commands
      }
    }
  }

  @Test("a view whose file named has not loaded is reloaded again") func debt() async throws {
    try await withHost(Self.setup(recursion: "no")) { host in
      try await configure(host, views: "external")
      let before = try host.text("db.external")
      #expect(try await host.zonebridge("--once").status == 0)
      let after = try host.text("db.external")
      try host.named.write("db.external", before.replacing("41 ;", with: "43 ;"))
      try await host.named.rndc("reload", "contoso.com", "IN", "external")
      try await eventually("the other serial is loaded") {
        try await host.named.rndc("zonestatus", "contoso.com", "IN", "external").standardOutput
          .contains("serial: 43")
      }
      try host.named.write("db.external", after.replacing("42 ;", with: "44 ;"))
      #expect(try await host.zonebridge("--once").status == 0)
      let status = try await host.named.rndc("zonestatus", "contoso.com", "IN", "external")
      #expect(status.standardOutput.contains("serial: 44"))
    }
  }
}
