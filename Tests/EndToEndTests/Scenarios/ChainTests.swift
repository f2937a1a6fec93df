import DCOSSimulator
import Foundation
import TestSupport
import Testing

/// What passes, `status` and the record say of chains, beside a real named and masters that fail as they do.
@Suite("Chains", .serialized, .timeLimit(.minutes(10)))
struct ChainTests {
  private static let local = "zone \"contoso.com\" { type primary; file \"db.contoso.com\"; };\n"

  /// What `status --json` says of the last pass.
  private struct Seen {
    let pass: [String: Any]

    init(_ host: Host) async throws {
      let text = try await host.zonebridge("status", "--json").standardOutput
      let document = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
      let record = try #require(document?["record"] as? [String: Any])
      pass = try #require(record["pass"] as? [String: Any])
    }

    var chain: [String: Any] { (pass["chains"] as? [[String: Any]])?.first ?? [:] }
    var state: String? { chain["state"] as? String }
    var lastHeld: Int? { chain["lastHeld"] as? Int }
    var alias: String? { (pass["aliases"] as? [[String: Any]])?.first?["state"] as? String }
    var isNamedUp: Bool? { pass["isNamedUp"] as? Bool }
    var problems: [String] {
      (pass["problems"] as? [[String: Any]])?.compactMap { $0["subject"] as? String } ?? []
    }

    /// The state of each link, in their order.
    var links: [String] {
      (chain["links"] as? [[String: Any]])?.compactMap { $0["state"] as? String } ?? []
    }
  }

  @Test("all is well → the chain holds, in the pass that writes it and in the next one")
  func holds() async throws {
    try await withHost { host in
      try await host.configure(cluster: ["probe: web.marathon"])
      let first = try await host.zonebridge("--once")
      #expect(first.status == 0 && first.standardOutput.contains("seen served"))
      let written = try await Seen(host)
      #expect(written.links == ["holds", "holds", "holds"] && written.alias == "served")
      #expect(written.isNamedUp == true && written.lastHeld != nil)
      #expect(try await host.zonebridge("--once").status == 0)
      let status = try await host.zonebridge("status").standardOutput
      #expect(
        status.contains("forward zone ✓ ─ DNAME ✓ ─ 10.0.0.80 ✓"),
        "\(status)")
    }
  }

  @Test(
    "a policy takes the addresses out of the answers → not served, and the reason is reported",
    arguments: [
      "deny-answer-addresses { 10.0.0.0/8; };",
      "response-policy { zone \"rpz\"; };",
    ])
  func policies(option: String) async throws {
    let setup = NamedSetup(
      options: option, local: Self.local + "zone \"rpz\" { type primary; file \"db.rpz\"; };\n",
      files: [
        "db.contoso.com": Host.zone,
        "db.rpz": """
        $TTL 60
        @ IN SOA ns.example.net. hm.example.net. 1 3600 900 1209600 60
        @ IN NS ns.example.net.
        32.80.0.0.10.rpz-ip CNAME .

        """,
      ])
    try await withHost(setup) { host in
      try await host.configure(cluster: ["probe: web.marathon"])
      let result = try await host.zonebridge("--once")
      #expect(result.status == 1, "\(result.standardError)")
      #expect(!result.standardOutput.contains("seen served"))
      #expect(result.standardError.contains("the A record of web.marathon.cluster.contoso.com"))
      #expect(result.standardError.contains("has 10.0.0.80"))
      let policy =
        option.hasPrefix("deny") ? "deny-answer-addresses" : "the response policy zone rpz rewrites"
      #expect(result.standardError.contains(policy), "\(result.standardError)")
    }
  }

  @Test(
    "all masters are dead, and the SOA is in named's cache → broken; and they come back → it holds")
  func deadMasters() async throws {
    let setup = NamedSetup(
      options: "min-cache-ttl 60;", local: Self.local, files: ["db.contoso.com": Host.zone])
    try await withHost(setup) { host in
      #expect(try await host.zonebridge("--once").status == 0)
      let before = try await Seen(host)
      #expect(before.state == "holds")
      for master in Host.masters { try await host.cluster.fail(master, .unreachable) }
      let result = try await host.zonebridge("--once")
      #expect(result.status == 1)
      #expect(
        result.standardError.contains("and no master answers this host"), "\(result.standardError)")
      let dead = try await Seen(host)
      #expect(dead.links == ["holds", "broken", "unknown"])
      #expect(dead.alias == "not-served" && dead.isNamedUp == true)
      #expect(dead.lastHeld == before.lastHeld)
      for master in Host.masters { try await host.cluster.heal(master) }
      try await eventually("named asks the masters again") {
        try await host.zonebridge("--once").status == 0
      }
      #expect(try await Seen(host).state == "holds")
    }
  }

  @Test("the masters' HTTP is down and their DNS answers → the pass fails, and the chain holds")
  func withoutHTTP() async throws {
    try await withHost { host in
      #expect(try await host.zonebridge("--once").status == 0)
      for master in Host.masters { try await host.cluster.fail(master, .http(503)) }
      #expect(try await host.zonebridge("--once").status == 1)
      let seen = try await Seen(host)
      #expect(seen.state == "holds" && seen.alias == "served")
      #expect(seen.problems == ["cluster prod"])
    }
  }

  @Test(
    "a new ID that is held, and nobody answers for the old one → the chain is reported as broken"
  )
  func otherID() async throws {
    try await withHost { host in
      #expect(try await host.zonebridge("--once").status == 0)
      await host.cluster.setID("yor6tqhiag39y6cjkdd4w9uzo45qhku6ra8hl7hpr6d9ukjaz3jo")
      let result = try await host.zonebridge("--once")
      #expect(result.status == 1)
      #expect(result.standardError.contains("That is another cluster"))
      let seen = try await Seen(host)
      #expect(seen.links == ["holds", "broken", "unknown"] && seen.alias == "not-served")
    }
  }

  @Test("the leader changes while named holds its address → the chain holds") func election()
    async throws
  {
    try await withHost { host in
      #expect(try await host.zonebridge("--once").status == 0)
      #expect(try await host.answer("leader.cluster.contoso.com").last == Host.masters[0])
      try await host.cluster.fail(Host.masters[0], .unreachable)
      let result = try await host.zonebridge("--once")
      #expect(result.status == 0, "\(result.standardError)")
      #expect(try await Seen(host).state == "holds")
    }
  }

  @Test("named is dead → one problem, of named, and what clients get is reported")
  func deadNamed() async throws {
    try await withHost { host in
      #expect(try await host.zonebridge("--once").status == 0)
      try await host.named.stop()
      #expect(try await host.zonebridge("--once").status == 1)
      let seen = try await Seen(host)
      #expect(seen.isNamedUp == false && seen.alias == "not-served")
      #expect(seen.links == ["broken", "unknown", "unknown"])
      #expect(seen.problems == ["named"])
    }
  }

  @Test("a control channel that cannot be had, and named answers → the chain holds all the same")
  func withoutControl() async throws {
    try await withHost { host in
      #expect(try await host.zonebridge("--once").status == 0)
      let wrong = try host.named.folder.write(
        "wrong.conf",
        try host.text("rndc.conf").replacing(
          "include \"\(host.named.folder.path)/rndc.key\";",
          with: "key \"zonebridge-test\" { algorithm hmac-sha256; secret \"d3Jvbmc=\"; };"))
      try await host.configure(rndc: wrong)
      #expect(try await host.zonebridge("--once").status == 1)
      let seen = try await Seen(host)
      #expect(seen.state == "holds" && seen.isNamedUp == true && seen.alias == "served")
    }
  }
}
