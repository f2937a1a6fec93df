import DCOSSimulator
import Glibc
import SystemPackage
import TestSupport
import Testing

/// What an operator meets at night, and what `status` tells him of it: its first line, what is wrong, what clients
/// get, and what to type.
@Suite("The states that an operator meets", .serialized, .timeLimit(.minutes(10)))
struct OperatorStatesTests {
  /// The screen of `status` in a state.
  private func screen(_ host: Host, _ name: String, status: Int32) async throws -> String {
    let result = try await host.zonebridge("status")
    #expect(result.status == status, "\(name): \(result)")
    if let path = ProcessEnvironment["ZONEBRIDGE_SCREENS"] {
      // For a look by eye.
      let file = try FileDescriptor.open(
        FilePath(path), .writeOnly, options: [.create, .append], permissions: [.ownerReadWrite])
      try file.closeAfter {
        _ = try file.writeAll("## \(name) (\(status))\n\(result.standardOutput)\n".utf8)
      }
    }
    return result.standardOutput
  }

  private func expect(
    _ screen: String, begins start: String, has words: [String],
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(screen.hasPrefix(start), "\(screen)", sourceLocation: sourceLocation)
    for word in words {
      #expect(screen.contains(word), "\(word)\n\(screen)", sourceLocation: sourceLocation)
    }
  }

  /// A host after a first pass.
  private func withServed(_ body: (Host) async throws -> Void) async throws {
    try await withHost { host in
      let first = try await host.zonebridge("--once")
      try #require(first.status == 0, "\(first)")
      try await body(host)
    }
  }

  /// Takes over what a test has changed, and lets the file look as if it had been saved a while ago.
  private func edit(_ host: Host, _ name: String, _ text: String, to other: String) async throws {
    let before = try host.text(name)
    try #require(before.contains(text))
    try host.named.folder.write(name, before.replacing(text, with: other))
    try await host.rest(name)
  }

  @Test("all is well → in sync, with the chain") func healthy() async throws {
    try await withServed { host in
      let text = try await screen(host, "healthy", status: 0)
      expect(
        text, begins: "in sync, as of ",
        has: [
          "cluster.contoso.com  masters 3/3", "forward zone \u{2713}", "DNAME \u{2713}",
          "127.0.20.11 \u{2713}",
        ])
    }
  }

  @Test("one master is down → in sync, and that it is down is in the first line")
  func oneMasterDown() async throws {
    try await withServed { host in
      try await host.cluster.fail(Host.masters[2], .http(503))
      #expect(try await host.zonebridge("--once").status == 0)
      let text = try await screen(host, "one master down", status: 0)
      expect(
        text, begins: "in sync, 1 of 3 masters down, as of ",
        has: [
          "masters 2/3", "\n  http://\(Host.masters[2]):", ": 503, the service behind",
          "what helps: zonebridge check --cluster prod",
        ])
    }
  }

  @Test("all masters are down → failed, what breaks, and what to type") func mastersDown()
    async throws
  {
    try await withServed { host in
      for master in Host.masters { try await host.cluster.fail(master, .unreachable) }
      #expect(try await host.zonebridge("--once").status == 1)
      let text = try await screen(host, "all masters down", status: 1)
      expect(
        text, begins: "failed: ",
        has: [
          "masters 0/3", "forward zone \u{2717}", "broken: clients get SERVFAIL, seen since ",
          " UTC (", ", last held ", "zonebridge check --alias cluster.contoso.com",
          "failed: cluster prod: ",
        ])
      let reason = "and no master answers this host"
      #expect(
        text.split(separator: reason).count == 3, "by the chain and the problem alone\n\(text)")
    }
  }

  @Test("the masters' DNS is silent → failed, what named answers, and what to look at")
  func silentDNS() async throws {
    try await withServed { host in
      for master in Host.masters { try await host.cluster.fail(master, .dnsSilent) }
      #expect(try await host.zonebridge("--once").status == 1)
      let text = try await screen(host, "DNS of masters silent", status: 1)
      expect(
        text, begins: "failed: 1 problem, as of ",
        has: [
          "masters 3/3", "forward zone \u{2717}", "no master answers this host",
          "broken: clients get ", ", seen since ", "zonebridge check --alias cluster.contoso.com",
          "Check that dcos-net runs on the masters",
        ])
    }
  }

  @Test("the cluster has another ID → failed, that it is another cluster, and what to type")
  func otherID() async throws {
    try await withServed { host in
      await host.cluster.setID("yor6tqhiag39y6cjkdd4w9uzo45qhku6ra8hl7hpr6d9ukjaz3jo")
      #expect(try await host.zonebridge("--once").status == 1)
      let text = try await screen(host, "ID changed", status: 1)
      expect(
        text, begins: "failed: ",
        has: [
          "forward zone \u{2717}", "That is another cluster", "zonebridge run --once --accept prod",
          "broken: clients get ", ", seen since ", "zonebridge check --alias cluster.contoso.com",
          "the masters of cluster prod say that their ID is yor6tqhia",
          "where the alias still leads, so that clients get no answer",
        ])
      #expect(!text.contains("dcos-net"), "the masters answer, for another ID")
      let check = try await host.zonebridge("check", "--json")
      #expect(check.standardOutput.contains("answers for yor6tqhia"), "\(check.standardOutput)")
      #expect(!check.standardOutput.contains("dcos-net"))
      // An ID that the configuration pins is not let through by a command.
      try await host.configure(cluster: ["cluster-id: \(SampleID.published)"])
      let pinned = try await host.zonebridge("--once")
      #expect(pinned.standardError.contains("write its new ID into cluster-id"))
      #expect(!pinned.standardError.contains("--accept"), "\(pinned.standardError)")
    }
  }

  @Test("names below a new alias would be hidden → held, with the names and both ways out")
  func hiddenNames() async throws {
    try await withServed { host in
      try await host.configure(
        alias: "name: cluster.contoso.com",
        rest: "  - { name: www.contoso.com, cluster: prod, allow: [] }")
      try host.named.folder.write(
        "db.contoso.com", try host.text("db.contoso.com") + "a.www.contoso.com. IN A 192.0.2.81\n")
      try await host.rest("db.contoso.com")
      try await host.named.rndc("reload", "contoso.com")
      #expect(try await host.zonebridge("--once").status == 3)
      let text = try await screen(host, "hidden names", status: 3)
      expect(
        text, begins: "held: 1 change waits",
        has: ["held: alias www.contoso.com: ", "hides-names", "\n  clients get their answers\n"])
      #expect(text.split(separator: "its DNAME would hide").count == 2, "told once\n\(text)")
    }
  }

  @Test("named is down → failed, that clients get nothing, and what to type") func namedDown()
    async throws
  {
    try await withServed { host in
      try await host.named.stop()
      #expect(try await host.zonebridge("--once").status == 1)
      let text = try await screen(host, "named down", status: 1)
      expect(
        text, begins: "failed: 1 problem, as of ",
        has: [
          "failed: named: ", "systemctl status named", "forward zone",
          "broken: clients get no answer, seen since ", ", last held ",
          "zonebridge check --alias cluster.contoso.com",
        ])
    }
  }

  @Test("rndc has another key → failed, which keys to compare; the chain holds") func wrongKey()
    async throws
  {
    try await withServed { host in
      let wrong = try host.named.folder.write(
        "wrong.conf",
        try host.text("rndc.conf").replacing(
          "include \"\(host.named.folder.path)/rndc.key\";",
          with: "key \"zonebridge-test\" { algorithm hmac-sha256; secret \"d3Jvbmc=\"; };"))
      try await host.configure(rndc: wrong)
      #expect(try await host.zonebridge("--once").status == 1)
      let text = try await screen(host, "wrong rndc key", status: 1)
      expect(
        text, begins: "failed: ",
        has: [
          "closed its control channel", "bind.rndc", "\n  clients get their answers\n",
          "127.0.20.11 \u{2713}",
        ])
    }
  }

  @Test("a change while named is down → failed, and what named still owes") func debt()
    async throws
  {
    try await withServed { host in
      try await host.named.stop()
      try await host.configure(alias: "name: cluster.contoso.com\n    ttl: 120")
      #expect(try await host.zonebridge("--once").status == 1)
      let text = try await screen(host, "debt", status: 1)
      expect(
        text, begins: "failed: 1 problem, as of ",
        has: [
          "systemctl status named", "named reads them when it starts",
          "broken: clients get no answer, seen since ",
          "alias cluster.contoso.com: TTL 60 -> 120 (configuration)",
        ])
    }
  }

  @Test("somebody is editing the zone file → held, with the command that ends it")
  func zoneEditedByHand() async throws {
    try await withServed { host in
      // named tells when it loaded a zone in whole seconds: an edit in the same one cannot be told from what it loaded.
      let loaded = time(nil)
      try await eventually("a later second") { time(nil) > loaded }
      try host.named.folder.write(
        "db.contoso.com", try host.text("db.contoso.com") + "new IN A 192.0.2.82\n")
      try await host.configure(alias: "name: cluster.contoso.com\n    ttl: 120")
      #expect(try await host.zonebridge("--once").status == 3)
      let text = try await screen(host, "zone edited by hand", status: 3)
      expect(
        text, begins: "held: 1 change waits for a decision, as of ",
        has: [
          "held: zone contoso.com: ", "rndc reload contoso.com", "\n  clients get their answers\n",
          "127.0.20.11 \u{2713}",
        ])
    }
  }

  @Test("somebody edited a block → in sync after it, and the change says so") func blockEdited()
    async throws
  {
    try await withServed { host in
      try await edit(host, "named.conf.local", "forward only;", to: "forward first;")
      #expect(try await host.zonebridge("--once").status == 0)
      let text = try await screen(host, "block edited", status: 0)
      expect(text, begins: "in sync, as of ", has: ["cluster prod: edited by hand, restored"])
    }
  }

  @Test("an operator's rollback → held until he says so, with the command") func rollback()
    async throws
  {
    try await withServed { host in
      try await host.configure(alias: "name: cluster.contoso.com\n    ttl: 120")
      #expect(try await host.zonebridge("--once").status == 0)
      #expect(try await host.zonebridge("rollback").status == 0)
      #expect(try await host.zonebridge("--once").status == 3)
      let text = try await screen(host, "rollback held", status: 3)
      expect(
        text, begins: "held: 1 change waits for a decision, as of ",
        has: [
          "held: alias cluster.contoso.com: ", "--accept prod", "\n  clients get their answers\n",
          "127.0.20.11 \u{2713}",
        ])
    }
  }

  @Test("a wrong configuration is refused → the agent's state, and the mistake with its line")
  func refused() async throws {
    try await withAgent { host, agent in
      try await agent.isReady()
      try host.named.folder.write("zonebridge.yaml", "clusters: none\nstate-directory: state\n")
      agent.process.send(signal: SIGHUP)
      try await eventually("it is refused; \(agent.log)") {
        try await host.zonebridge("status").standardOutput.contains("is refused")
      }
      let text = try await screen(host, "configuration refused", status: 78)
      expect(
        text, begins: "in sync, as of ",
        has: [
          "the new configuration is refused: ", "zonebridge.yaml:1: clusters: ",
          "systemctl reload zonebridge\n",
          "127.0.20.11 \u{2713}",
        ])
    }
  }
}
