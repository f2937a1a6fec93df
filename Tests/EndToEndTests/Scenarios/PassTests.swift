import DCOSSimulator
import SystemPackage
import TestSupport
import Testing

@Suite("A pass, from the masters to an answer out of named", .serialized, .timeLimit(.minutes(10)))
struct PassTests {
  @Test("a name in an existing zone") func nameInZone() async throws {
    try await withHost { host in
      let before = try host.text("db.contoso.com")
      let result = try await host.zonebridge("run", "--once")
      #expect(result.status == 0, "\(result.standardError)")
      #expect(result.standardOutput.hasSuffix("seen served\n"))
      #expect(try await host.answer("web.marathon.cluster.contoso.com").last == "10.0.0.80")
      #expect(try await host.answer("www.contoso.com") == ["192.0.2.80"])
      let zone = try host.text("db.contoso.com")
      #expect(zone.hasPrefix(before.replacing("41 ; serial", with: "42 ; serial") + "; BEGIN"))
      #expect(try await host.named.dig("+short", "contoso.com", "SOA").contains(" 42 "))
    }
  }

  @Test("the apex of an existing zone, its serial wrapping") func apex() async throws {
    try await withHost(zone: Host.bareZone) { host in
      try await host.configure(alias: "name: contoso.com")
      let result = try await host.zonebridge("--once")
      #expect(result.status == 0, "\(result.standardError)")
      #expect(try await host.answer("web.marathon.contoso.com").last == "10.0.0.80")
      #expect(try await host.named.dig("+short", "contoso.com", "MX").contains("mail.example.net."))
      #expect(try await host.named.dig("+short", "contoso.com", "SOA").contains(" 1 3600 "))
    }
  }

  @Test("a zone that zonebridge makes") func madeZone() async throws {
    try await withHost { host in
      let file = host.named.folder.path.appending("db.dcos.example")
      try await host.configure(
        alias: "name: dcos.example",
        rest: """
          zones:
            dcos.example:
              create: { file: \(file), primary: ns.example.net., contact: hm.example.net. }
          """)
      let result = try await host.zonebridge("--once")
      #expect(result.status == 0, "\(result.standardError)")
      #expect(try await host.answer("web.marathon.dcos.example").last == "10.0.0.80")
      let second = try await host.zonebridge("--once")
      #expect(second.status == 0 && second.standardOutput.isEmpty)

      // The alias goes, and with it the zone that was made for it, statement and file.
      try await host.configure()
      let gone = try await host.zonebridge("--once")
      #expect(gone.status == 0, "\(gone.standardError)")
      #expect(
        try await host.named.rndc("zonestatus", "dcos.example").standardError.contains(
          "no matching zone"))
      #expect(throws: Errno.noSuchFileOrDirectory) { try file.stat() }
      #expect(try !host.text("named.conf.local").contains("dcos.example"))
    }
  }

  @Test("a zone of several files, the serial in one that is included") func included() async throws
  {
    let setup = NamedSetup(
      local: "zone \"contoso.com\" { type primary; file \"db.contoso.com\"; };\n",
      files: [
        "db.contoso.com": "$TTL 3600\n$INCLUDE head\n$ORIGIN www.contoso.com.\n$INCLUDE hosts @\n",
        "head": "@ IN SOA ns.example.net. h.contoso.com. ( 0 ; none yet\n 3600 900 1209600 60 )\n"
          + "@ IN NS ns.example.net.\n",
        "hosts": "@ A 192.0.2.80\n  TXT theirs",
      ])
    try await withHost(setup) { host in
      let (main, hosts) = (try host.text("db.contoso.com"), try host.text("hosts"))
      let result = try await host.zonebridge("--once")
      #expect(result.status == 0, "\(result.standardError)")
      #expect(try await host.answer("web.marathon.cluster.contoso.com").last == "10.0.0.80")
      #expect(try await host.answer("www.contoso.com") == ["192.0.2.80"])
      #expect(try host.text("head").contains("( 1 ; none yet"))
      #expect(try host.text("hosts") == hosts)
      #expect(try host.text("db.contoso.com").hasPrefix(main))
      #expect(try await host.zonebridge("diff").status == 0)
      // The names of a file that is included further down are hidden too.
      try await host.configure(alias: "name: contoso.com")
      let held = try await host.zonebridge("diff")
      #expect(held.status == 3)
      #expect(held.standardError.contains("would hide 1 name of the zone: www.contoso.com"))
    }
  }

  @Test("the second pass changes nothing and tells named nothing") func secondPass() async throws {
    try await withHost { host in
      #expect(try await host.zonebridge("--once").status == 0)
      let files = try host.files()
      let commands = host.changingCommands()
      #expect(!commands.isEmpty)
      #expect(try await host.zonebridge("--once").status == 0)
      #expect(try host.files() == files)
      #expect(host.changingCommands() == commands)
    }
  }

  @Test("a replaced master is followed") func replacedMaster() async throws {
    try await withHost { host in
      #expect(try await host.zonebridge("--once").status == 0)
      try await host.cluster.replaceMaster("127.0.20.13", by: "127.0.20.14")
      #expect(try await host.zonebridge("--once").status == 0)
      let local = try host.text("named.conf.local")
      #expect(local.contains("127.0.20.14 port") && !local.contains("127.0.20.13"))
      #expect(try await host.answer("web.marathon.cluster.contoso.com").last == "10.0.0.80")
    }
  }

  @Test("taken out of the configuration, it is taken out of the files") func takenOut() async throws
  {
    try await withHost { host in
      let before = try (host.text("named.conf.local"), host.text("db.contoso.com"))
      #expect(try await host.zonebridge("--once").status == 0)
      let text = try host.text("zonebridge.yaml")
      let start = try #require(text.firstRange(of: "clusters:")).lowerBound
      try host.named.folder.write("zonebridge.yaml", text[..<start] + "clusters: []\n")
      let held = try await host.zonebridge("--once")
      #expect(held.status == 3 && held.standardError.contains("--accept prod"))
      #expect(try await host.answer("web.marathon.cluster.contoso.com").last == "10.0.0.80")
      let result = try await host.zonebridge("run", "--once", "--accept", "prod")
      #expect(result.status == 0, "\(result.standardError)")
      #expect(try host.text("named.conf.local") == before.0)
      #expect(
        try host.text("db.contoso.com")
          == before.1.replacing("41 ; serial", with: "43 ; serial"))
      #expect(try await host.named.dig("cluster.contoso.com", "DNAME").contains("NXDOMAIN"))
    }
  }

  @Test("what named has not loaded is loaded by the next pass") func debt() async throws {
    try await withHost { host in
      let old = try (host.text("named.conf.local"), host.text("db.contoso.com"))
      #expect(try await host.zonebridge("--once").status == 0)
      let new = try (host.text("named.conf.local"), host.text("db.contoso.com"))
      // named is started on the files of before, which then are there again.
      try await host.named.stop()
      try host.named.write("named.conf.local", old.0)
      try host.named.write("db.contoso.com", old.1)
      try await host.named.start()
      try host.named.write("named.conf.local", new.0)
      try host.named.write("db.contoso.com", new.1)
      try await host.configure()
      let preview = try await host.zonebridge("diff")
      #expect(preview.status == 2)
      #expect(preview.standardOutput.contains("# rndc reload contoso.com"))
      let result = try await host.zonebridge("--once")
      #expect(result.status == 0, "\(result.standardError)")
      #expect(try await host.answer("web.marathon.cluster.contoso.com").last == "10.0.0.80")
    }
  }

  @Test("over HTTPS with the cluster's CA, and not with another's") func https() async throws {
    let authority = try await CertificateAuthority()
    try await withHost(authority: authority) { host in
      let path = host.named.folder.path.appending("ca.crt")
      let authorityPEM = host.cluster.certificateAuthorityPEM
      let pem = try #require(authorityPEM)
      try host.named.folder.write(
        "ca.crt", pem)
      try await host.configure(cluster: ["ca-certificate: \(path)"], scheme: "https")
      let result = try await host.zonebridge("--once")
      #expect(result.status == 0, "\(result.standardError)")
      try await host.configure(scheme: "https")
      let files = try host.files()
      let refused = try await host.zonebridge("--once")
      #expect(refused.status == 1)
      #expect(refused.standardError.contains("certificate"))
      #expect(try host.files() == files)
    }
  }

  @Test("a fixed cluster, for a named that does not run") func fixed() async throws {
    try await withHost { host in
      try await host.named.stop()
      let text = try host.text("zonebridge.yaml")
      let start = try #require(text.firstRange(of: "clusters:")).lowerBound
      try host.named.folder.write(
        "zonebridge.yaml",
        text[..<start].replacing("rndc: {", with: "reload: none\n  rndc: {") + """
          clusters:
            - name: lab
              static:
                cluster-id: \(SimulatedCluster.Configuration.publishedID)
                masters: [10.1.0.5, "fd00::5"]
          aliases:
            - { name: lab.contoso.com, cluster: lab, label: l4lb, ttl: 5 }

          """)
      let result = try await host.zonebridge("--once")
      #expect(result.status == 0, "\(result.standardError)")
      #expect(!result.standardOutput.contains("served"), "nobody was asked")
      #expect(try host.text("named.conf.local").contains("forwarders { 10.1.0.5; fd00::5; };"))
      #expect(try host.text("db.contoso.com").contains("lab.contoso.com. 5 IN DNAME l4lb."))
    }
  }
}
