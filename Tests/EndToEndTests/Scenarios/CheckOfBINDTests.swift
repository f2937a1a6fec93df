import DCOSSimulator
import Glibc
import SystemPackage
import TestSupport
import Testing

@Suite("check of what stands on the host", .serialized, .timeLimit(.minutes(10)))
struct CheckOfBINDTests {
  @Test("recursion no → broken, with the statement to write; addresses are skipped")
  func recursion() async throws {
    try await withSoundHost { host in
      try await host.edit("named.conf", "recursion yes;", to: "recursion no;")
      let (status, report) = try await host.check()
      #expect(status == 1)
      let link = try report.link("recursion", "recursion")
      #expect(link.state == "broken")
      #expect(link.cure.contains("recursion yes"))
      #expect(report.state("recursion", "for this host") == "broken")
      #expect(report.state("aliases", "DNAME") == "ok")
      #expect(report.state("aliases", "address") == "skipped")
    }
  }

  @Test("only this host may recurse → one warning, about allow-recursion") func accessList()
    async throws
  {
    try await withSoundHost { host in
      try await host.edit("named.conf", "{ localnets; localhost; }", to: "{ localhost; }")
      let (status, report) = try await host.check()
      #expect(status == 3, "\(report.complaints)")
      #expect(report.complaints.count == 1, "\(report.complaints)")
      #expect(try report.link("recursion").cure.contains("allow-recursion"))
    }
  }

  @Test("validation that nobody excepts → a warning; with validate-except it is ok")
  func validation() async throws {
    try await withSoundHost { host in
      try await host.configure(
        bind: "rndc: { config: \(host.named.rndcConf) }\n  dnssec-exempt: false")
      try await host.edit("named.conf", "dnssec-validation no", to: "dnssec-validation yes")
      let (_, report) = try await host.check()
      let link = try report.link("recursion", "validation")
      #expect(link.state == "warning")
      #expect(link.cure.contains("validate-except"))
      try await host.edit(
        "named.conf", "dnssec-validation yes",
        to: "validate-except { \"dcos.directory\"; }; dnssec-validation yes")
      let (_, other) = try await host.check()
      #expect(other.state("recursion", "validation") == "ok")
    }
  }

  @Test("a block edited by hand, one that nobody configures → a warning for each") func blocks()
    async throws
  {
    try await withSoundHost { host in
      try await host.edit("named.conf.local", "forward only;", to: "forward only; // mine")
      let (status, report) = try await host.check()
      #expect(status == 3, "\(report.complaints)")
      let link = try report.link("blocks")
      #expect(link.state == "warning")
      #expect(link.finding.contains("edited by hand"))
      #expect(link.cure.contains("outside the markers"))

      try await host.configure(alias: "name: other.contoso.com")
      let (_, other) = try await host.check()
      #expect(
        other.links("blocks").contains { $0.finding.contains("nothing for the managed block") })
    }
  }

  @Test("a damaged marker → the file and the pass are broken, and no alias is said to be served")
  func damagedMarker() async throws {
    try await withSoundHost { host in
      let text = try host.text("named.conf.local")
      let end = try #require(text.firstRange(of: "// END zonebridge"))
      try host.overwrite("named.conf.local", String(text[..<end.lowerBound]))
      let (status, report) = try await host.check()
      #expect(status == 1)
      #expect(report.state("blocks", "named.conf") == "broken")
      #expect(report.state("pass", "pass") == "broken")
      #expect(report.state("aliases", "DNAME") == "skipped", "the pass does not see it either")
    }
  }

  @Test("names that the DNAME hides → a warning with the names and the safeguard") func hidden()
    async throws
  {
    try await withSoundHost { host in
      let zone = try host.text("db.contoso.com").replacing(" 42 3600", with: " 43 3600")
      try host.overwrite("db.contoso.com", zone + "old.cluster IN A 192.0.2.81\n")
      try await host.named.rndc("reload", "contoso.com")
      try await eventually("named has the zone") {
        try await host.named.dig("+short", "contoso.com", "SOA").contains(" 43 ")
      }
      let (status, report) = try await host.check()
      #expect(status == 3, "\(report.complaints)")
      let link = try report.link("aliases", "hides")
      #expect(link.state == "warning")
      #expect(link.finding.contains("old.cluster.contoso.com"))
      #expect(link.cure.contains("hides-names"))
    }
  }

  @Test(
    "a file that named has not loaded → a warning with the command; one that went back → broken")
  func serial() async throws {
    try await withSoundHost { host in
      let zone = try host.text("db.contoso.com")
      try host.overwrite("db.contoso.com", zone.replacing(" 42 3600", with: " 43 3600"))
      let (status, report) = try await host.check()
      #expect(status == 3, "\(report.complaints)")
      let link = try report.link("zones", "contoso.com")
      #expect(link.state == "warning")
      #expect(link.cure == "rndc reload contoso.com")
      try host.overwrite("db.contoso.com", zone.replacing(" 42 3600", with: " 40 3600"))
      let (_, back) = try await host.check()
      #expect(back.state("zones", "contoso.com") == "broken")
    }
  }

  @Test("TTLs that outlive a change → a warning for the alias and the negative TTL")
  func lifetimes() async throws {
    let zone = Host.ownZone.replacing("900 1209600 60", with: "900 1209600 86400")
    try await withSoundHost(zone: zone) { host in
      try await host.configure(alias: "name: cluster.contoso.com\n    ttl: 604800")
      #expect(try await host.zonebridge("--once").status == 0)
      let (status, report) = try await host.check()
      #expect(status == 3, "\(report.complaints)")
      #expect(report.state("aliases", "TTL") == "warning")
      #expect(try report.link("zones", "timers").finding.contains("negative TTL 86400"))
    }
  }

  @Test("a secondary that is not reached, a name server without address → a warning each")
  func secondary()
    async throws
  {
    let zone = Host.ownZone + "@ IN NS ns2\nns2 IN A 127.0.21.99\n@ IN NS ns.elsewhere.invalid.\n"
    try await withSoundHost(zone: zone) { host in
      let (status, report) = try await host.check()
      #expect(status == 3, "\(report.complaints)")
      let link = try report.link("secondaries", "127.0.21.99")
      #expect(link.state == "warning")
      #expect(!link.cure.isEmpty)
      #expect(report.state("secondaries", "ns.elsewhere.invalid") == "warning")
      #expect(report.state("secondaries", "ns.contoso.com") == "ok")
    }
  }

  @Test("configuration that named has not read → a warning with rndc reconfig") func unread()
    async throws
  {
    try await withSoundHost { host in
      // named tells the time of its last configuration in whole seconds.
      try await eventually("the file is newer than what named has read") {
        try host.overwrite("named.conf", try host.text("named.conf") + "// new\n")
        let (status, report) = try await host.check()
        return status == 3 && report.links("named").contains { $0.cure.contains("rndc reconfig") }
      }
    }
  }

  @Test(
    "a user that may not write, files that named may not read → broken, with the command",
    .enabled(if: geteuid() == 0, "another user can be had as root only"))
  func permissions() async throws {
    try await withSoundHost { host in
      let program = try await host.copyOfProgram()
      let result = try await run(
        "setpriv",
        arguments: [
          "--reuid=nobody", "--regid=nogroup", "--clear-groups", program.string, "--config",
          host.configuration.string, "check", "--json",
        ])
      #expect(result.status == 1, "\(result.standardError)")
      let report = try Checked(result.standardOutput)
      let files =
        report.links("permissions", "named.conf.local") + report.links("permissions", "db.")
      #expect(files.count == 2)
      for file in files {
        #expect(file.state == "broken")
        #expect(file.finding.contains("cannot write in its directory"))
        #expect(file.finding.contains("cannot keep"))
        #expect(file.cure.contains("rename"))
      }
      #expect(report.state("permissions", "/state") == "broken")

      let zone = host.named.folder.path.appending("db.contoso.com")
      #expect(unsafe chown(zone.string, 0, 0) == 0)
      #expect(unsafe chmod(zone.string, 0o600) == 0)
      let (status, other) = try await host.check()
      #expect(status == 1)
      let told = other.complaints.first { $0.contains("named's user bind may not read \(zone)") }
      #expect(told?.contains("chgrp and chmod g+r") == true, "\(other.complaints)")

      #expect(unsafe chown(host.state.string, 65534, 65534) == 0)
      let (_, foreign) = try await host.check()
      #expect(try foreign.link("permissions", "user").cure.contains("runuser -u nobody"))
    }
  }
}

extension Host {
  /// The program where every user can read it.
  fileprivate func copyOfProgram() async throws -> FilePath {
    let copy = named.folder.path.appending("zonebridge")
    try writeFile(
      copy, try readFile(try Self.program()),
      mode: [.ownerReadWriteExecute, .groupReadExecute, .otherReadExecute])
    return copy
  }
}
