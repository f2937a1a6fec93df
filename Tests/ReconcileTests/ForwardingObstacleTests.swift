import BINDText
import DCOS
import DNSNames
import Planning
import TestSupport
import Testing

@testable import Named
@testable import Reconcile
@testable import ReconcileModel

@Suite("What in named.conf stands between a forward zone and its clients", .timeLimit(.minutes(5)))
struct ForwardingObstacleTests {
  private static let id = Site.ids[0]
  private static let mesos = "mesos.\(id).dcos.directory"

  /// The obstacles of a configuration whose named does not validate, for a client on this host.
  private func obstacles(
    _ files: [String: String], view: String? = nil, client: String? = "127.0.0.1",
    masters: [String] = ["10.0.0.1", "10.0.0.2"]
  ) async throws -> [ForwardingObstacle] {
    var found: [ForwardingObstacle] = []
    try await withSite(files) { site in
      let tree = try ConfigurationTreeReader.read(site.desired.bind)
      let addresses = try masters.map { try IPAddress($0) }
      let path = ForwardingPath(
        cluster: "prod", domain: try DomainName("\(Self.id).dcos.directory"),
        targets: [try DomainName(Self.mesos)], forwarders: addresses, hosts: addresses,
        client: try client.map { try IPAddress($0) })
      found = ForwardingObstacles(in: tree).obstacles(on: path, in: view)
      for obstacle in found {
        #expect(obstacle.location.hasPrefix("\(site.folder.path)/"), "\(obstacle)")
        #expect(!obstacle.cause.isEmpty && !obstacle.remedy.isEmpty)
      }
    }
    return found
  }

  private static let sound = "dnssec-validation no; recursion yes; allow-recursion { any; };"

  private func obstacles(
    options: String = "", _ statements: String = "", client: String? = "127.0.0.1"
  ) async throws -> [ForwardingObstacle] {
    try await obstacles(
      ["named.conf": "options { \(Self.sound) \(options) };\n\(statements)"], client: client)
  }

  private func zone(_ name: String, _ type: String, _ clauses: String = "") -> String {
    "zone \"\(name)\" { type \(type); \(clauses) };\n"
  }

  /// A table's row: a statement, and the obstacle that it is; nil for none.
  private func expect(
    _ found: [ForwardingObstacle], _ kind: ForwardingObstacle.Kind?,
    _ weight: ForwardingObstacle.Weight?, _ row: String,
    sourceLocation: Testing.SourceLocation = #_sourceLocation
  ) {
    #expect(
      found.map(\.kind) == [kind].compactMap(\.self), "\(row)", sourceLocation: sourceLocation)
    #expect(
      found.map(\.weight) == [weight].compactMap(\.self), "\(row)", sourceLocation: sourceLocation)
  }

  @Test("nothing in the way → nothing") func nothing() async throws {
    let own = zone(
      "\(Self.id).dcos.directory", "forward", "forward only; forwarders { 10.0.0.1; };")
    let found = try await obstacles(
      own + zone("other.directory", "primary") + zone("contoso.com", "primary")
        + zone(".", "hint", "file \"x\";") + zone("\(Site.ids[1]).dcos.directory", "primary"))
    #expect(found == [])
  }

  @Test("a zone above the cluster's → in the way, unless it is of a type that named forwards below")
  func above() async throws {
    for (name, child) in [
      (".", "directory"), ("directory", "dcos.directory"),
      ("dcos.directory", "\(Self.id).dcos.directory"),
    ] {
      for (type, weight) in [
        ("primary", .likely), ("MASTER", .likely), ("secondary", .likely), ("mirror", .likely),
        ("stub", .possible),
        ("static-stub", nil), ("hint", nil), ("redirect", nil), ("forward", nil),
        ("delegation-only", nil),
      ] as [(String, ForwardingObstacle.Weight?)] {
        let found = try await obstacles(zone(name, type))
        let kind = ForwardingObstacle.Kind.zoneAbove(try DomainName(name))
        expect(found, weight == nil ? nil : kind, weight, "\(type) \(name)")
        if weight == .likely {
          #expect(
            found[0].suspicion.contains(child) && found[0].location.hasSuffix("/named.conf:2"))
        }
      }
    }
    // The closest one decides, and where it forwards, those above do not matter.
    let two = try await obstacles(zone(".", "primary") + zone("directory", "primary"))
    #expect(two.map(\.kind) == [.zoneAbove(try DomainName("directory"))])
    let stub = zone("dcos.directory", "static-stub", "server-addresses { 127.0.0.1; };")
    #expect(try await obstacles(zone(".", "primary") + stub) == [])
    #expect(two[0].remedy.contains(stub.replacing("\n", with: "").replacing("; };", with: "; };")))
  }

  @Test("a zone below the cluster's → in the way of the names that it takes") func below()
    async throws
  {
    let rows: [(String, String, String, ForwardingObstacle.Weight?)] = [
      (Self.mesos, "primary", "", .certain), (Self.mesos, "secondary", "", .certain),
      (Self.mesos, "forward", "forwarders { 10.9.9.9; };", .likely),
      (Self.mesos, "forward", "forwarders { };", .likely),
      (Self.mesos, "stub", "", .possible),
      (Self.mesos, "static-stub", "server-addresses { 10.9.9.9; };", nil),
      (Self.mesos, "static-stub", "server-addresses { 10.9.9.9; }; forwarders { };", .likely),
      ("marathon.\(Self.mesos)", "primary", "", .partial),
      ("marathon.\(Self.mesos)", "forward", "", .partial),
      ("l4lb.\(Self.id).dcos.directory", "primary", "", nil),
      ("mesos.\(Site.ids[1]).dcos.directory", "primary", "", nil),
    ]
    for (name, type, clauses, weight) in rows {
      let found = try await obstacles(zone(name, type, clauses))
      let kind = ForwardingObstacle.Kind.zoneBelow(try DomainName(name))
      expect(found, weight == nil ? nil : kind, weight, "\(type) \(name)")
    }
  }

  @Test("zones of another view or class, or lent → counted where named looks for them")
  func zonesInViews()
    async throws
  {
    let conf = """
      options { \(Self.sound) };
      view a { \(zone("directory", "primary")) };
      view b { include "FOLDER/b"; };
      view c { zone "directory" { in-view "a"; }; };
      view d { zone "directory" CHAOS { type primary; }; };

      """
    let files = ["named.conf": conf, "b": zone("dcos.directory", "primary")]
    for (view, name) in [("a", "directory"), ("b", "dcos.directory"), ("c", "directory")] {
      let found = try await obstacles(files, view: view)
      #expect(found.map(\.kind) == [.zoneAbove(try DomainName(name))], "\(view)")
      #expect(
        found[0].location.hasSuffix(view == "b" ? "/b:1" : "/named.conf:\(view == "a" ? 2 : 5)"))
    }
    #expect(try await obstacles(files, view: "d") == [])
    let included = [
      "named.conf": "options { \(Self.sound) };\nzone directory { include \"FOLDER/z\"; };\n",
      "z": "type static-stub;\n",
    ]
    #expect(try await obstacles(included) == [])
  }

  @Test(
    "blackhole and server statements about masters → all of them certain, some partial, none nothing"
  )
  func servers() async throws {
    let rows: [(String, String, ForwardingObstacle.Kind?, ForwardingObstacle.Weight?)] = [
      ("blackhole { 10.0.0.0/8; };", "", .blackhole, .certain),
      ("blackhole { 10.0.0.2; };", "", .blackhole, .partial),
      ("blackhole { !10.0.0.0/24; any; };", "", .blackhole, nil),
      ("blackhole { none; };", "", nil, nil),
      ("blackhole { bad; };", "acl bad { 10.0.0.0/30; };\n", .blackhole, .certain),
      ("", "server 10.0.0.0/8 { bogus yes; };\n", .bogusServer, .certain),
      (
        "", "server 10.0.0.0/8 { bogus yes; }; server 10.0.0.1 { bogus no; };\n", .bogusServer,
        .partial
      ),
      ("", "server 10.0.0.1 { bogus yes; };\n", .bogusServer, .partial),
      ("", "server 10.0.0.0/8 { bogus no; };\n", nil, nil),
      ("", "server 10.9.0.0/16 { bogus yes; };\n", nil, nil),
      ("", "server 10.0.0.0/8 { edns no; };\n", nil, nil),
      ("", "server 10.0.0.0/8 { keys k; };\n", .signedServer, .possible),
    ]
    for (options, statements, kind, weight) in rows where kind == nil || weight != nil {
      let found = try await obstacles(options: options, statements)
      expect(found, kind, weight, options + statements)
    }
    // The client is in that list as well, which is another thing.
    let all = try await obstacles(options: "blackhole { any; };")
    #expect(all.map(\.kind) == [.accessList, .blackhole])
    let views = """
      options { \(Self.sound) };
      server 10.0.0.0/8 { bogus yes; };
      view a { server 10.9.9.9 { }; };
      view b { };

      """
    #expect(
      try await obstacles(["named.conf": views], view: "a") == [],
      "those of a view stand in for all others")
    #expect(try await obstacles(["named.conf": views], view: "b").map(\.kind) == [.bogusServer])
  }

  @Test("what drops or rewrites answers → in the way, unless it leaves the cluster's alone")
  func answers()
    async throws
  {
    let rows: [(String, ForwardingObstacle.Kind?, ForwardingObstacle.Weight?)] = [
      ("deny-answer-addresses { 10.0.0.0/8; };", .deniedAddresses, .certain),
      ("deny-answer-addresses { 192.168.0.0/16; };", .deniedAddresses, .possible),
      ("deny-answer-addresses { };", nil, nil),
      ("deny-answer-addresses { 10/8; } except-from { \"dcos.directory\"; };", nil, nil),
      (
        "deny-answer-addresses { 10/8; } except-from { \"contoso.com\"; };", .deniedAddresses,
        .certain
      ),
      ("deny-answer-aliases { \"directory\"; };", .deniedAliases, .possible),
      ("deny-answer-aliases { \"contoso.com\"; };", nil, nil),
      ("deny-answer-aliases { \"directory\"; } except-from { \"directory\"; };", nil, nil),
      (
        "response-policy { zone \"rpz.test\"; };", .policyZone(try DomainName("rpz.test")),
        .possible
      ),
      (
        "response-policy { zone rpz.test policy nxdomain; } add-soa no;",
        .policyZone(try DomainName("rpz.test")), .possible
      ),
      ("response-policy { zone rpz.test policy disabled; };", nil, nil),
      ("response-policy { zone rpz.test log no policy passthru; };", nil, nil),
      ("rate-limit { responses-per-second 5; };", .rateLimit, .possible),
      ("rate-limit { responses-per-second 5; log-only yes; };", nil, nil),
      ("rate-limit { responses-per-second 5; exempt-clients { localhost; }; };", nil, nil),
      ("rate-limit { responses-per-second 5; exempt-clients { 10/8; }; };", .rateLimit, .possible),
    ]
    for (options, kind, weight) in rows {
      expect(try await obstacles(options: options), kind, weight, options)
    }
    let two = try await obstacles(options: "response-policy { zone a.test; zone b.test; };")
    #expect(
      two.map(\.kind) == [
        .policyZone(try DomainName("a.test")), .policyZone(try DomainName("b.test")),
      ])
  }

  @Test("validation without the cluster among its exceptions → possibly in the way")
  func validation()
    async throws
  {
    let rows = [
      ("", true), ("dnssec-validation auto;", true),
      ("dnssec-validation yes; validate-except { \"contoso.com\"; };", true),
      ("dnssec-validation no;", false), ("validate-except { \"dcos.directory\"; };", false),
      ("validate-except { \"\(Self.id).dcos.directory\"; };", false),
      ("validate-except { \"\(Site.ids[1]).dcos.directory\"; };", true),
    ]
    for (options, isInTheWay) in rows {
      let found = try await obstacles(
        ["named.conf": "options { recursion yes; allow-recursion { any; }; \(options) };\n"])
      expect(found, isInTheWay ? .validation : nil, isInTheWay ? .possible : nil, options)
    }
    // named takes a view's list instead of that in options.
    let conf = """
      options { allow-recursion { any; }; validate-except { "dcos.directory"; }; };
      view a { }; view b { validate-except { "contoso.com"; }; }; view c { dnssec-validation no; validate-except { }; };

      """
    #expect(try await obstacles(["named.conf": conf], view: "a") == [])
    #expect(try await obstacles(["named.conf": conf], view: "b").map(\.kind) == [.validation])
    #expect(try await obstacles(["named.conf": conf], view: "c") == [])
  }

  @Test("recursion and access lists → in the way of all, of this host, or of nobody") func clients()
    async throws
  {
    let rows: [(String, ForwardingObstacle.Kind?, ForwardingObstacle.Weight?)] = [
      ("", nil, nil), ("recursion no;", .recursion, .certain),
      ("recursion no; allow-recursion { none; };", .recursion, .certain),
      ("allow-recursion { none; };", .accessList, .certain),
      ("allow-recursion { };", .accessList, .certain),
      ("allow-recursion { 10/8; };", .accessList, .possible),
      ("allow-recursion { 10/8; localhost; };", nil, nil),
      ("allow-query { 10/8; };", .accessList, .possible),
      ("allow-query-cache { 10/8; };", .accessList, .possible),
      ("allow-recursion { any; }; allow-query-cache { 10/8; };", .accessList, .possible),
      ("allow-recursion { any; }; allow-query { 10/8; };", .accessList, .possible),
      ("allow-recursion { any; }; allow-query-cache { any; }; allow-query { any; };", nil, nil),
      ("blackhole { 127.0.0.1; };", .accessList, .possible),
    ]
    for (options, kind, weight) in rows {
      let files = ["named.conf": "options { dnssec-validation no; \(options) };\n"]
      expect(try await obstacles(files), kind, weight, options)
    }
    let unknown = ["named.conf": "options { dnssec-validation no; allow-recursion { 10/8; }; };\n"]
    #expect(try await obstacles(unknown, client: nil) == [], "nobody knows who asks")
  }

  // MARK: What an answer says of them

  private func reply(
    _ rcode: ResponseCode, aa: Bool = false, ra: Bool = true, authority: [String] = [],
    additional: [String] = [],
    answers: [String] = [], question: ForwardingReply.Question = .authority,
    unvalidated: Bool? = nil,
    own: ResponseCode? = nil
  ) -> ForwardingReply {
    func records(_ owners: [String]) -> [ResourceRecord] {
      owners.compactMap { try? DomainName($0) }.map {
        ResourceRecord(
          owner: $0, ttl: 60, type: "SOA", fields: ["ns.", "h.", "1", "1", "1", "1", "1"])
      }
    }
    func answer(_ rcode: ResponseCode, _ authority: [String] = []) -> DNSAnswer {
      DNSAnswer(
        rcode: rcode, isAuthoritative: aa, isRecursionAvailable: ra, isTruncated: false,
        answers: records(answers),
        authority: records(authority), transport: .udp, additional: records(additional))
    }
    return ForwardingReply(
      question, .success(answer(rcode, authority)), isGood: false, isGoodUnvalidated: unvalidated,
      own: own.map { answer($0) })
  }

  private func obstacle(
    _ kind: ForwardingObstacle.Kind, _ weight: ForwardingObstacle.Weight = .possible
  ) async throws -> ForwardingObstacle {
    let options = [
      "deny-answer-addresses { \(weight == .certain ? "10/8" : "192.168.0.0/16"); };",
      "deny-answer-aliases { directory; };", "response-policy { zone rpz.test; };",
      "rate-limit { };",
      "blackhole { \(weight == .certain ? "10/8" : "10.0.0.1"); };",
    ].joined(separator: " ")
    let statements =
      zone("directory", "primary") + zone(Self.mesos, "primary") + "server 10/8 { bogus yes; };\n"
    let sources = [
      "options { dnssec-validation no; allow-recursion { any; }; \(options) };\n\(statements)",
      "options { recursion no; };\n", "options { allow-recursion { 10/8; }; };\n",
      "options { dnssec-validation no; };\nserver 10/8 { keys k; };\n",
    ]
    for source in sources {
      let found = try await obstacles(["named.conf": source])
      if let obstacle = found.first(where: { $0.kind == kind }) { return obstacle }
    }
    return try #require(nil, "\(kind)")
  }

  @Test("each answer → proves an obstacle, is possibly of it, or has nothing to do with it")
  func fits() async throws {
    let directory = "directory."
    let above = try await obstacle(.zoneAbove(try DomainName(directory)))
    let below = try await obstacle(.zoneBelow(try DomainName(Self.mesos)))
    let policy = try await obstacle(.policyZone(try DomainName("rpz.test")))
    let validation = try await obstacle(.validation)
    let rows: [(ForwardingObstacle, ForwardingReply, ForwardingObstacle.Fit)] = [
      (above, reply(.nameError, aa: true, authority: [directory]), .proven),
      (above, reply(.noError, aa: true, authority: [directory]), .proven),
      (above, reply(.nameError, authority: ["."]), .excluded),
      (above, reply(.serverFailure), .possible),
      (above, reply(.serverFailure, own: .serverFailure), .proven),
      (above, reply(.serverFailure, own: .noError), .excluded), (above, reply(.refused), .possible),
      (above, reply(.refused, ra: false), .excluded),
      (below, reply(.noError, aa: true, answers: ["\(Self.mesos)."]), .proven),
      (below, reply(.serverFailure), .possible),
      (policy, reply(.nameError, additional: ["rpz.test."]), .proven),
      (policy, reply(.noError, additional: ["rpz.test."]), .proven),
      (policy, reply(.nameError), .possible),
      (policy, reply(.nameError, authority: ["."]), .excluded),
      (policy, reply(.serverFailure), .excluded), (policy, reply(.refused), .excluded),
      (validation, reply(.serverFailure), .possible),
      (validation, reply(.serverFailure, unvalidated: true), .proven),
      (validation, reply(.serverFailure, unvalidated: false), .excluded),
      (validation, reply(.nameError), .excluded),
      (try await obstacle(.blackhole, .certain), reply(.serverFailure), .proven),
      (try await obstacle(.blackhole), reply(.serverFailure), .possible),
      (try await obstacle(.blackhole), reply(.nameError), .excluded),
      (try await obstacle(.bogusServer), reply(.serverFailure), .proven),
      (try await obstacle(.signedServer), reply(.serverFailure), .possible),
      (
        try await obstacle(.deniedAddresses, .certain), reply(.serverFailure, question: .address),
        .proven
      ),
      (try await obstacle(.deniedAddresses), reply(.serverFailure, question: .address), .possible),
      (try await obstacle(.deniedAddresses, .certain), reply(.serverFailure), .excluded),
      (try await obstacle(.deniedAliases), reply(.serverFailure, question: .address), .possible),
      (try await obstacle(.recursion), reply(.refused, ra: false), .proven),
      (try await obstacle(.recursion), reply(.refused), .excluded),
      (try await obstacle(.accessList), reply(.refused, ra: false), .proven),
      (try await obstacle(.rateLimit), reply(.serverFailure), .excluded),
    ]
    for (obstacle, reply, fit) in rows {
      #expect(obstacle.fit(reply) == fit, "\(obstacle.kind) \(reply.result)")
      var good = reply
      good.isGood = true
      #expect(obstacle.fit(good) == .excluded)
    }
    let silence = ForwardingReply(
      .authority, .failure(.timedOut(try Endpoint("127.0.0.1:53"), .udp, after: .seconds(3))),
      isGood: false)
    #expect(above.fit(silence) == .excluded, "it would answer at once")
    #expect(policy.fit(silence) == .possible)
    #expect(try await obstacle(.rateLimit).fit(silence) == .possible)
    let refusal = ForwardingReply(
      .authority, .failure(.connectionRefused(try Endpoint("127.0.0.1:53"), .udp)), isGood: false)
    #expect(try await obstacle(.rateLimit).fit(refusal) == .excluded)
    // What is proven alone counts, and else all that may be.
    let all = [policy, above, validation]
    #expect(all.explaining(reply(.nameError, aa: true, authority: [directory])) == [above])
    #expect(all.explaining(reply(.serverFailure)) == [above, validation])
  }

  @Test("a link of check by weight and answers → broken, a warning, or none") func states()
    async throws
  {
    let certain = try await obstacle(.bogusServer)
    let likely = try await obstacle(.zoneAbove(try DomainName("directory")))
    let partial = try await obstacle(.blackhole)
    let possible = try await obstacle(.policyZone(try DomainName("rpz.test")))
    #expect(
      [certain, likely, partial, possible].map(\.weight) == [
        .certain, .likely, .partial, .possible,
      ])
    var good = reply(.noError)
    good.isGood = true
    let proof = reply(.nameError, aa: true, authority: ["directory."], additional: ["rpz.test."])
    let rows: [([ForwardingReply], [Finding.State?])] = [
      ([], [.broken, .warning, .warning, nil]), ([good], [.warning, nil, .warning, nil]),
      ([proof], [.broken, .broken, .warning, .broken]),
      ([reply(.serverFailure)], [.broken, .broken, .warning, nil]),
      ([good, reply(.nameError)], [.warning, nil, .warning, .warning]),
    ]
    for (replies, states) in rows {
      #expect(
        [certain, likely, partial, possible].map { ObstacleCheck.state(of: $0, replies) } == states,
        "\(replies.map(\.result))")
    }
    let addresses = try await obstacle(.deniedAddresses, .certain)
    #expect(ObstacleCheck.state(of: addresses, [good]) == .broken, "no address was asked for")
  }
}
