import DCOSSimulator
import TestSupport
import Testing

/// A zone that named signs itself: the file is the unsigned source.
@Suite("inline-signing", .serialized, .timeLimit(.minutes(10)))
struct SignedZoneTests {
  @Test("the source is edited, the signed serial is what is waited for") func signed() async throws
  {
    let setup = NamedSetup(
      local: """
        zone "contoso.com" {
          type primary; file "db.contoso.com"; dnssec-policy default; inline-signing yes;
        };

        """,
      files: ["db.contoso.com": Host.zone])
    try await withHost(setup) { host in
      try await eventually("the zone is signed") {
        try await host.named.dig("+dnssec", "contoso.com", "SOA").contains("RRSIG")
      }
      let result = try await host.zonebridge("--once")
      #expect(result.status == 0, "\(result.standardError)")
      // Newer than the signed serial, which named has raised by itself.
      let line = try host.text("db.contoso.com").split(separator: "\n")
        .first { $0.contains("; serial") }
      let serial = try #require(line?.split(separator: " ").first.flatMap { UInt32($0) })
      #expect(serial > 42)
      #expect(try await host.answer("web.marathon.cluster.contoso.com").last == "10.0.0.80")
      let alias = try await host.named.dig("+dnssec", "cluster.contoso.com", "DNAME")
      #expect(alias.contains("RRSIG"))
      let status = try await host.named.rndc("zonestatus", "contoso.com").standardOutput
      #expect(status.contains("\nserial: \(serial)\n"))
      #expect(status.contains("signed serial:"))
      let commands = host.changingCommands()
      let files = try host.files()
      #expect(try await host.zonebridge("--once").status == 0)
      #expect(host.changingCommands() == commands)
      #expect(try host.files() == files)
    }
  }

  @Test("a name comes below an alias in the unsigned source → told with its line, loaded or not")
  func laterNames() async throws {
    let setup = NamedSetup(
      local: """
        zone "contoso.com" {
          type primary; file "db.contoso.com"; dnssec-policy default; inline-signing yes;
        };

        """,
      files: ["db.contoso.com": Host.zone])
    try await withHost(setup) { host in
      #expect(try await host.zonebridge("--once").status == 0)
      let zone = try host.text("db.contoso.com")
      let lines = zone.split(separator: "\n", omittingEmptySubsequences: false)
      let line = lines.count
      let serial = try #require(
        lines.first { $0.contains("; serial") }?.split(separator: " ").first.flatMap { UInt32($0) })
      // named takes nothing of an unsigned source whose serial is the same.
      try host.named.write(
        "db.contoso.com",
        zone.replacing("\(serial) ; serial", with: "\(serial + 1) ; serial")
          + "_acme-challenge.cluster 60 IN TXT \"token\"\n")
      for isLoaded in [false, true] {
        if isLoaded {
          try await host.named.rndc("reload", "contoso.com")
          try await eventually("named has loaded it") {
            try await host.named.rndc("zonestatus", "contoso.com").standardOutput
              .contains("\nserial: \(serial + 1)\n")
          }
        }
        let result = try await host.zonebridge("--once")
        #expect(result.status == 0, "\(result.standardError)")
        #expect(result.standardError.contains("its DNAME hides 1 name"))
        #expect(
          result.standardError.contains("_acme-challenge.cluster.contoso.com"),
          "\(result.standardError)")
        #expect(result.standardError.contains("db.contoso.com:\(line)"), "\(result.standardError)")
      }
      let removal = try await host.zonebridge("remove", "--all")
      #expect(removal.status == 0, "\(removal.standardError)")
      #expect(try host.text("db.contoso.com").hasSuffix("\"token\"\n"))
    }
  }
}
