import DCOSSimulator
import Foundation
import SystemPackage
import TestSupport
import Testing

@Suite("check, with each link broken in turn", .serialized, .timeLimit(.minutes(10)))
struct CheckTests {
  @Test("all is well → 0, every section ok, and nothing is changed") func allWell() async throws {
    try await withSoundHost { host in
      let files = try host.files()
      let state = try host.named.folder.names(in: "state")
      let commands = host.changingCommands()
      let (status, report) = try await host.check()
      #expect(status == 0)
      #expect(report.result == "ok")
      #expect(report.complaints == [])
      for section in [
        "configuration", "permissions", "blocks", "checkers", "named", "recursion", "clusters",
        "forwarding", "aliases", "zones", "secondaries", "pass",
      ] {
        #expect(report.links(section).contains { $0.state == "ok" }, "\(section)")
      }
      #expect(try report.link("aliases", "address").finding.contains("as a master does"))
      let text = try await host.zonebridge("check")
      #expect(text.status == 0)
      #expect(text.standardOutput.contains("  ok       secondaries") == false)
      #expect(text.standardOutput.contains(/\n\d+ ok, \d+ skipped\n$/))
      #expect(!text.standardOutput.contains("\u{1b}["), "no colour in a pipe")
      let quiet = try await host.zonebridge("check", "--quiet")
      #expect(quiet.status == 0 && quiet.standardOutput == "")
      let part = try await host.zonebridge("check", "--cluster", "prod")
      #expect(part.status == 0 && part.standardOutput.contains("\nAliases\n  ok "))
      #expect(!part.standardOutput.contains("Permissions"))
      for (option, name, known) in [
        ("--cluster", "prodd", "Did you mean prod? It has: prod"),
        ("--alias", "nowhere.example", "It has: cluster.contoso.com"),
      ] {
        let unknown = try await host.zonebridge("check", option, name)
        #expect(unknown.status == 64 && unknown.standardError.contains(known), "\(unknown)")
      }
      let coloured = try await host.zonebridge("check", "--color", "always")
      #expect(coloured.standardOutput.contains("\u{1b}[32mok"))
      #expect(try host.files() == files)
      #expect(try host.named.folder.names(in: "state") == state)
      #expect(
        host.changingCommands().filter { !$0.contains("secroots") && !$0.contains("validation") }
          == commands)
    }
  }

  @Test(
    "before the first pass → 3, what is not there yet is pending, with the command that writes it")
  func nothingYet() async throws {
    try await withHost(zone: Host.ownZone) { host in
      let (status, report) = try await host.check()
      #expect(status == 3)
      let alias = try report.link("aliases", "DNAME")
      #expect(alias.state == "warning")
      #expect(alias.cure.contains("zonebridge run --once"))
      #expect(report.state("aliases", "address") == "skipped")
      #expect(report.state("forwarding", "forward zone") == "warning")
      #expect(report.state("forwarding", "127.0.20.11") == "ok")
      #expect(report.state("pass", "pass") == "warning")
      #expect(report.state("permissions", "/state") == "ok")
      let quiet = try await host.zonebridge("check", "-q", "--alias", "cluster.contoso.com")
      #expect(quiet.status == 3)
      #expect(
        quiet.standardOutput.contains(
          "\nAliases\n  pending  cluster.contoso.com DNAME: no zone has a DNAME for it"), "\(quiet)"
      )
      #expect(!quiet.standardOutput.contains("  ok ") && !quiet.standardOutput.contains("broken"))
      #expect(throws: Errno.noSuchFileOrDirectory) { try host.state.stat() }
    }
  }

  @Test("a wrong configuration → 78, and as JSON one broken link") func wrongConfiguration()
    async throws
  {
    try await withSoundHost { host in
      try host.named.folder.write("zonebridge.yaml", "clusters: 5\n")
      let result = try await host.zonebridge("check", "--json")
      #expect(result.status == 78)
      #expect(result.standardError.contains("zonebridge.yaml:1: clusters: "))
      let report = try Checked(result.standardOutput)
      #expect(report.result == "broken")
      #expect(report.links[0].section == "configuration")
    }
  }

  @Test("another key than the control channel's → broken; only what needs it is skipped")
  func wrongKey() async throws {
    try await withSoundHost { host in
      let conf = try host.named.folder.write(
        "other.conf",
        """
        key "zonebridge-test" { algorithm hmac-sha256; secret "bm90IHRoZSByaWdodCBvbmU="; };
        options {
          default-key "zonebridge-test"; default-server 127.0.0.1;
          default-port \(host.named.controlPort);
        };

        """)
      try await host.configure(rndc: conf)
      let (status, report) = try await host.check()
      #expect(status == 1)
      let rndc = try report.link("named", "rndc")
      #expect(rndc.state == "broken")
      #expect(rndc.cure.contains("key"))
      #expect(report.state("zones", "contoso.com") == "skipped")
      #expect(report.state("recursion", "validation") == "skipped")
      #expect(report.state("aliases", "DNAME") == "ok", "what does not rest on it is looked at")
    }
  }

  @Test("the control channel of another named → broken, with the file that one reads")
  func otherNamed() async throws {
    try await withSoundHost { host in
      try await withNamed { other in
        try await host.configure(rndc: other.rndcConf)
        let (status, report) = try await host.check()
        #expect(status == 1)
        let link = try report.link("named", "named.conf")
        #expect(link.state == "broken")
        #expect(link.finding.contains(other.namedConf.string))
        #expect(link.cure.contains("bind.rndc"))
        #expect(report.state("zones", "contoso.com") == "skipped")
      }
    }
  }

  @Test("named is down → two broken links, and what depends on them is skipped") func namedDown()
    async throws
  {
    try await withSoundHost { host in
      try await host.named.stop()
      let (status, report) = try await host.check()
      #expect(status == 1)
      #expect(report.state("named", "rndc") == "broken")
      #expect(report.state("named", "127.0.0.1:") == "broken")
      #expect(report.complaints.count == 2, "what rests on them is not told: \(report.complaints)")
      #expect(report.state("forwarding", "forward zone") == "skipped")
      #expect(report.state("aliases", "DNAME") == "skipped")
      #expect(report.state("pass", "pass") == "skipped")
      let masters = report.links("clusters", "http")
      #expect(masters.count == 9 && masters.allSatisfy { $0.state == "ok" }, "\(masters)")
    }
  }

  @Test("a master is down → a warning; all are → the cluster is broken") func mastersDown()
    async throws
  {
    try await withSoundHost { host in
      try await host.cluster.fail("127.0.20.12", .unreachable)
      let (status, report) = try await host.check()
      #expect(status == 3, "\(report.complaints)")
      let master = try report.link("clusters", "127.0.20.12")
      #expect(master.state == "warning")
      #expect(master.cure.contains("is the master up"))
      #expect(
        report.links("clusters", "127.0.20.12").map(\.state) == ["warning", "skipped"])
      #expect(report.state("clusters", "cluster prod") == "ok")
      #expect(report.state("forwarding", "127.0.20.12") == "warning")
      #expect(report.state("forwarding", "forward zone") == "ok")
      for other in ["127.0.20.11", "127.0.20.13"] {
        try await host.cluster.fail(other, .unreachable)
      }
      let (worse, all) = try await host.check()
      #expect(worse == 1)
      #expect(all.state("clusters", "cluster prod") == "broken")
      #expect(all.state("forwarding", "forward zone") == "skipped")
    }
  }

  @Test("a master that does not answer DNS") func silent() async throws {
    try await withSoundHost { host in
      try await host.cluster.fail("127.0.20.13", .dnsSilent)
      let (status, report) = try await host.check()
      #expect(status == 3, "\(report.complaints)")
      #expect(report.complaints.count == 1, "\(report.complaints)")
      let link = try report.link("forwarding", "127.0.20.13")
      #expect(link.state == "warning")
      #expect(link.cure.contains("dcos-net"))
    }
  }

  @Test("TLS: a certificate that ends soon, and one of nobody known") func tls() async throws {
    try await withHost(zone: Host.ownZone, authority: try await CertificateAuthority()) { host in
      let path = host.named.folder.path.appending("ca.crt")
      let pem = try #require(host.cluster.certificateAuthorityPEM)
      try host.named.folder.write("ca.crt", pem)
      try await host.configure(cluster: ["ca-certificate: \(path)"], scheme: "https")
      #expect(try await host.zonebridge("--once").status == 0)
      let (_, soon) = try await host.check()
      let link = try soon.link("clusters", "https://127.0.20.11")
      #expect(link.state == "warning")
      // It was made for seven days, in this second or in one before.
      #expect(link.finding.contains(/expires in [67] days/))

      try await host.configure(scheme: "https")
      let (status, report) = try await host.check()
      #expect(status == 1)
      let master = try report.link("clusters", "https://127.0.20.11")
      #expect(master.state == "broken")
      #expect(master.finding.contains("authority") && !master.cure.isEmpty)

      try host.named.folder.write("empty.crt", "no certificate\n")
      try await host.configure(cluster: ["ca-certificate: empty.crt"], scheme: "https")
      let (_, unread) = try await host.check()
      #expect(unread.state("clusters", "cluster prod") == "broken")
      #expect(unread.state("clusters", "masters") == "skipped")
    }
  }

  @Test("a cluster that wants a login") func login() async throws {
    try await withSoundHost { host in
      await host.cluster.requireToken("sesame")
      let (status, report) = try await host.check()
      #expect(status == 1)
      let link = try report.link("clusters", "prod: login")
      #expect(link.state == "broken")
      #expect(link.cure.contains("token-file"))
    }
  }
}
