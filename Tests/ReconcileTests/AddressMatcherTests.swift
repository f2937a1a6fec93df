import BINDText
import DCOS
import DNSNames
import Named
import Planning
import TestSupport
import Testing

@testable import Reconcile
@testable import ReconcileModel

@Suite("Address match lists, and the view that answers", .timeLimit(.minutes(5)))
struct AddressMatcherTests {
  private static let acls = """
    acl inner { 127.0.0.1; };
    acl barring { !127.0.0.1; any; };
    acl outer { !inner; any; };
    acl deep { barring; };
    acl "Named" { "inner"; };

    """

  /// Lists, and whether 127.0.0.1 is in them.
  private static let lists: [(list: String, isAccepted: Bool)] = [
    ("any;", true), ("none;", false), ("!any;", false), ("", false), ("127.0.0.1;", true),
    ("! 127.0.0.1; any;", false), ("127.0.0.1/32;", true), ("127/8;", true), ("127.0/16;", true),
    ("127.0.0.0/30;", true), ("127.0.0.2/31;", false), ("0.0.0.0/0;", true), ("0/0;", true),
    ("128.0.0.0/1;", false),
    ("::/0;", false), ("::1;", false), ("10.0.0.0/8;", false), ("10.0.0.0/8; 127.0.0.1;", true),
    ("none; any;", false), ("!none;", true), ("{ 127.0.0.1; };", true),
    ("!{ 127.0.0.1; }; any;", false),
    // An element within that keeps out makes the list within no match, and not the outer one.
    ("{ !127.0.0.1; }; any;", true), ("!{ !127.0.0.1; }; any;", true), ("barring;", false),
    ("!barring; any;", true), ("deep; any;", true), ("inner;", true), ("INNER;", true),
    ("named;", true),
    ("outer;", false), ("outer; any;", true), ("key rndc; any;", true), ("localhost;", true),
    ("localnets;", true),
    ("!localhost; any;", false),
  ]

  @Test("each list as an access list → named lets in what the matcher says") func access()
    async throws
  {
    // A zone each, which named answers for or refuses.
    let zones = Self.lists.enumerated().map { index, entry in
      "zone \"z\(index).test\" { type primary; file \"db\"; allow-query { \(entry.list) }; };\n"
    }
    let setup = NamedSetup(
      statements: Self.acls + "key rndc { algorithm hmac-sha256; secret \"c2VjcmV0\"; };\n",
      local: zones.joined(), files: ["db": LiveSite.zone])
    try await withNamed(setup) { named in
      let server = try Endpoint(host: "127.0.0.1", port: named.queryPort)
      let tree = try ConfigurationTreeReader.read(
        BINDSettings(
          namedConf: named.namedConf, zonesIn: named.namedConf, query: server, reload: .none))
      let matcher = ForwardingObstacles(in: tree).matcher
      let client = DNSClient(server: server)
      let own = try IPAddress("127.0.0.1")
      for (index, entry) in Self.lists.enumerated() {
        let answer = try await client.ask(DomainName("z\(index).test"), .soa)
        #expect((answer.rcode == .noError) == entry.isAccepted, "named: \(entry.list)")
        let list = try #require(
          NamedConfOutline(parsing: Array("x { \(entry.list) };".utf8)).clauses("x").first?.list)
        #expect(
          (matcher.verdict(of: list, on: own) == .accepted) == entry.isAccepted, "\(entry.list)")
      }
    }
  }

  @Test(
    "what the configuration does not tell → unknown, unless an element before decides",
    arguments: [
      ("localnets;", .unknown), ("localhost;", .unknown), ("geoip country DE;", .unknown),
      ("10.0.0.1; localnets;", .accepted), ("!10.0.0.1; localnets;", .rejected),
      ("nosuchlist;", .unknown), ("selfish;", .unknown), ("10.0.0.2;", .unmatched),
      ("{ localnets; }; any;", .unknown), ("fe80::1%eth0;", .unknown),
    ] as [(String, AddressMatcher.Verdict)])
  func unknown(list: String, verdict: AddressMatcher.Verdict) async throws {
    try await withSite(["named.conf": "acl selfish { selfish; };\n"]) { site in
      let tree = try ConfigurationTreeReader.read(site.desired.bind)
      let elements = try #require(
        NamedConfOutline(parsing: Array("x { \(list) };".utf8)).clauses("x").first?.list)
      #expect(
        ForwardingObstacles(in: tree).matcher.verdict(of: elements, on: try IPAddress("10.0.0.1"))
          == verdict)
    }
  }

  @Test("localhost, of a host whose addresses are known → those") func ownAddresses() async throws {
    try await withSite(["named.conf": "options { };\n"]) { site in
      let tree = try ConfigurationTreeReader.read(site.desired.bind)
      let matcher = ForwardingObstacles(in: tree, ownAddresses: [try IPAddress("10.0.0.1")]).matcher
      let list = try #require(
        NamedConfOutline(parsing: Array("x { localhost; };".utf8)).clauses("x").first?.list)
      #expect(matcher.verdict(of: list, on: try IPAddress("10.0.0.1")) == .accepted)
      #expect(matcher.verdict(of: list, on: try IPAddress("10.0.0.2")) == .unmatched)
    }
  }

  /// Views, each with what it says of whom it takes, and which of them 127.0.0.1 comes to.
  private static let views: [(views: [(name: String, clauses: String)], answering: AnsweringView)] =
    [
      ([("a", ""), ("b", "")], .view("a")),
      ([("a", "match-clients { 10.0.0.0/8; };"), ("b", "")], .view("b")),
      (
        [("a", "match-clients { !localhost; any; };"), ("b", "match-clients { any; };")], .view("b")
      ),
      ([("a", "match-clients { key rndc; };"), ("b", "")], .view("b")),
      ([("a", "match-destinations { 10.0.0.1; };"), ("b", "")], .view("b")),
      (
        [("a", "match-clients { any; }; match-destinations { 127.0.0.1; };"), ("b", "")], .view("a")
      ),
      ([("a", "match-clients { none; };"), ("b", "match-clients { 10/8; };")], .nobody),
    ]

  @Test("views with lists of clients and destinations → the one that named answers out of")
  func answeringViews() async throws {
    for (views, answering) in Self.views {
      let statements = views.map { name, clauses in
        "view \(name) { \(clauses) zone \"view.test\" { type primary; file \"db.\(name)\"; }; };\n"
      }
      let files = views.map { name, _ in
        ("db.\(name)", LiveSite.zone.replacing("ns.example.net.", with: "\(name)."))
      }
      let setup = NamedSetup(
        statements: "key rndc { algorithm hmac-sha256; secret \"c2VjcmV0\"; };\n",
        local: statements.joined(), files: Dictionary(uniqueKeysWithValues: files))
      try await withNamed(setup) { named in
        let server = try Endpoint(host: "127.0.0.1", port: named.queryPort)
        let bind = BINDSettings(
          namedConf: named.namedConf, zonesIn: named.namedConf, query: server, reload: .none)
        let tree = try ConfigurationTreeReader.read(bind)
        let answer = try await DNSClient(server: server).ask(DomainName("view.test"), .ns)
        let seen = answer.rdata(of: .ns).first.map { AnsweringView.view(String($0.dropLast())) }
        #expect((seen ?? .nobody) == answering, "named: \(views)")
        let addresses = server.questionAddresses(from: [])
        #expect(
          tree.viewAnswering(
            addresses.client, at: addresses.server, ForwardingObstacles(in: tree).matcher)
            == answering,
          "\(views)")
      }
    }
  }

  @Test(
    "views that depend on what is not told, or on the question → unknown; no views → the only one",
    arguments: [
      ("view a { match-clients { geoip country DE; }; }; view b { };", AnsweringView.unknown),
      ("view a { match-recursive-only yes; }; view b { };", .unknown),
      ("view a { match-recursive-only yes; match-clients { 10/8; }; }; view b { };", .view("b")),
      ("view c CHAOS { }; view b { };", .view("b")), ("options { };", .only),
      ("view a { include \"FOLDER/a\"; }; view b { };", .view("b")),
      // In the order in which named comes to them.
      ("include \"FOLDER/first\"; view a { };", .view("first")),
      ("view a { }; include \"FOLDER/first\";", .view("a")),
    ])
  func untold(conf: String, answering: AnsweringView) async throws {
    let files = [
      "named.conf": conf + "\n", "a": "match-clients { none; };\n", "first": "view first { };\n",
    ]
    try await withSite(files) { site in
      let tree = try ConfigurationTreeReader.read(site.desired.bind)
      let own = try IPAddress("127.0.0.1")
      let matcher = ForwardingObstacles(in: tree).matcher
      #expect(tree.viewAnswering(own, at: own, matcher) == answering)
    }
  }
}
