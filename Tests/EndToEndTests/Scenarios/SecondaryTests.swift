import SystemPackage
import TestSupport
import Testing

/// A primary with a secondary: what a change is for that has another serial.
@Suite("secondaries", .serialized, .timeLimit(.minutes(10)))
struct SecondaryTests {
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
