import DCOSSimulator
import TestSupport
import Testing

/// A named that validates, and cannot prove that `dcos.directory` is unsigned.
@Suite("DNSSEC validation", .serialized, .timeLimit(.minutes(10)))
struct ExemptionTests {
  /// The root's key is another than the one that is trusted, and no root server is to be had.
  private static let setup = NamedSetup(
    statements: """
      trust-anchors {
        . static-ds 12345 8 2 "0000000000000000000000000000000000000000000000000000000000000000";
      };
      zone "." { type hint; file "root.hints"; };

      """,
    local: "zone \"contoso.com\" { type primary; file \"db.contoso.com\"; };\n",
    files: [
      "db.contoso.com": Host.zone,
      "root.hints": ". 3600 NS nowhere.\nnowhere. 3600 A 127.0.0.1\n",
    ],
    validation: "yes")

  @Test("without the exception the names are SERVFAIL, with it they are answered")
  func exception() async throws {
    try await withHost(Self.setup) { host in
      let rndc = "rndc: { config: \(host.named.rndcConf) }"
      try await host.configure(bind: "\(rndc)\n  dnssec-exempt: false")
      let without = try await host.zonebridge("--once")
      #expect(without.status == 1)
      #expect(without.standardError.contains("SERVFAIL"))
      #expect(without.standardError.contains("validate-except"))
      try await host.configure(bind: rndc)
      let with = try await host.zonebridge("--once")
      #expect(with.status == 0, "\(with.standardError)")
      #expect(try await host.answer("web.marathon.cluster.contoso.com").last == "10.0.0.80")
      #expect(try host.text("named.conf").contains("validate-except {"))
    }
  }
}
