import SystemPackage
import TestSupport
import Testing

/// A primary with a secondary: what a change is for that has another serial.
@Suite("secondaries", .serialized, .timeLimit(.minutes(10)))
struct SecondaryTests {
  @Test(
    "an older zone file is restored, and the secondary is ahead → check says so, and the next change goes above it"
  )
  func ahead() async throws {
    try await withHost(
      NamedSetup(
        local: """
          zone "contoso.com" {
            type primary; file "db.contoso.com"; allow-transfer { 127.0.0.1; }; also-notify { 127.0.0.1 port PORT; };
          };

          """.replacing("PORT", with: "1"), files: ["db.contoso.com": Host.zone])
    ) { host in
      let setup = NamedSetup(
        local: """
          zone "contoso.com" {
            type secondary; file "db.contoso.com"; primaries { 127.0.0.1 port \(host.named.queryPort); };
            allow-notify { 127.0.0.1; };
          };

          """)
      try await withNamed(setup) { other in
        func serial(_ named: RunningNamed) async throws -> String {
          try await named.dig("+short", "contoso.com", "SOA").split(separator: " ").dropFirst(2)
            .first
            .map(String.init) ?? ""
        }
        let conf = try host.text("named.conf.local")
        try host.named.write(
          "named.conf.local", conf.replacing("port 1;", with: "port \(other.queryPort);"))
        try await host.named.restart()
        #expect(try await host.zonebridge("--once").status == 0)
        try await eventually("the secondary has the alias") { try await serial(other) == "42" }
        let level = try await host.check().report.link("secondaries", "127.0.0.1")
        #expect(level.state == "ok" && level.finding == "has serial 42")

        // Somebody publishes a serial, and restores the file of before.
        let backup = try host.text("db.contoso.com")
        try host.named.write(
          "db.contoso.com", backup.replacing("42 ; serial", with: "100 ; serial"))
        try await host.named.rndc("reload", "contoso.com")
        try await eventually("the secondary has it") { try await serial(other) == "100" }
        try host.named.write("db.contoso.com", backup)
        try await host.named.restart()
        #expect(try await serial(host.named) == "42")
        let (status, report) = try await host.check()
        let ahead = try report.link("secondaries", "127.0.0.1")
        #expect(status == 1 && ahead.state == "broken", "\(report.complaints)")
        #expect(ahead.finding.contains("has serial 100, newer than 42"))
        #expect(ahead.cure.contains("rndc retransfer contoso.com"))
        #expect(try host.text("db.contoso.com") == backup, "check changes no file of BIND's")

        try await host.configure(alias: "name: cluster.contoso.com\n    ttl: 30")
        let raised = try await host.zonebridge("--once")
        #expect(raised.status == 0, "\(raised.standardError)")
        #expect(try await serial(host.named) == "101")
        try await eventually("the secondary follows") { try await serial(other) == "101" }
        #expect(try await host.check().report.state("secondaries", "127.0.0.1") == "ok")
      }
    }
  }

  @Test(
    "a change reaches the secondary by NOTIFY and IXFR", arguments: ["", "update-policy local;"])
  func transfer(clause: String) async throws {
    let secondary = NamedSetup(
      local: """
        zone "contoso.com" {
          type secondary; file "db.contoso.com"; primaries { 127.0.0.1 port PRIMARY; };
          allow-notify { 127.0.0.1; };
        };

        """)
    let primary = NamedSetup(
      options: "ixfr-from-differences yes; max-ixfr-ratio unlimited; notify-delay 0;",
      local: """
        zone "contoso.com" {
          type primary; file "db.contoso.com"; \(clause) allow-transfer { 127.0.0.1; };
        };

        """,
      // The refresh timer of an hour would not bring it in time.
      files: ["db.contoso.com": Host.zone])
    try await withHost(primary) { host in
      var setup = secondary
      setup.local = setup.local.replacing("PRIMARY", with: "\(host.named.queryPort)")
      try await withNamed(setup) { other in
        try await eventually("the secondary has the zone") {
          try await other.dig("+short", "www.contoso.com", "A") == "192.0.2.80\n"
        }
        let conf = try host.text("named.conf.local")
        try host.named.write(
          "named.conf.local",
          conf.replacing(
            "allow-transfer {",
            with:
              "also-notify { 127.0.0.1 port \(other.queryPort); }; notify explicit; allow-transfer {"
          ))
        try await host.named.restart()

        let result = try await host.zonebridge("--once")
        #expect(result.status == 0, "\(result.standardError)")
        let serial = try await host.named.dig("+short", "contoso.com", "SOA")
        try await eventually("the secondary has the change; its log:\n\(other.log)") {
          try await other.dig("+short", "contoso.com", "SOA") == serial
        }
        let alias = try await other.dig("+short", "cluster.contoso.com", "DNAME")
        #expect(alias.hasSuffix(".dcos.directory.\n"))
        #expect(try await other.dig("+short", "www.contoso.com", "A") == "192.0.2.80\n")
        #expect(other.log.contains("received notify for zone 'contoso.com'"))
        #expect(host.named.log.contains("transfer of 'contoso.com/IN': IXFR started"))
      }
    }
  }
}
