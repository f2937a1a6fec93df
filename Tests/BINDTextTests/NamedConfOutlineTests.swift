import BINDText
import Testing

@Suite struct NamedConfOutlineTests {
  private let sample = bytes(
    #"""
    // the usual Debian layout, and more
    include "/etc/bind/named.conf.options";
    OPTIONS {
    	directory "/var/cache/bind"; /* zone "no.example" { }; */
    	allow-update { none; };
    	listen-on port 5353 { 127.0.0.1; !10.0.0.0/8; { localhost; }; };
    	include "more.options"; # comment
    };
    key "rndc-key" { algorithm hmac-sha256; include "/etc/bind/rndc.secret"; };
    acl trusted { 10/8; { ::1; }; "other"; };
    zone "contoso.com" IN { type master; file "db.contoso.com"; };
    zone Example.ORG. { type primary; file "a\"b"; update-policy local;
      masterfile-format RAW; inline-signing yes; dnssec-policy "strict"; };
    zone "." { type hint; file "/usr/share/dns/root.hints"; };
    zone "fwd.example" { type forward; forward only; forwarders { 10.0.0.1 port 5300; ::1; }; };
    zone "2.0.192.in-addr.arpa" CHAOS { type static-stub; include "zone.clauses"; };
    view "internal" IN {
      match-clients { any; };
      allow-update { key "k"; };
      include "views/*.conf";
      zone "x.example" { type secondary; primaries { 10.0.0.1; }; allow-update { !10/8; any; }; };
      zone "y.example" { type primary; file "y"; allow-update { none; }; };
    };
    View external { zone "x.example" { in-view "internal"; }; };
    """#)

  @Test func tellsIncludesWithTheirPlaces() throws {
    let outline = try NamedConfOutline(parsing: sample)
    #expect(
      outline.includes.map(\.path) == [
        "/etc/bind/named.conf.options", "more.options", "/etc/bind/rndc.secret", "zone.clauses",
        "views/*.conf",
      ])
    #expect(outline.includes.map(\.enclosing) == [.top, .options, .other, .zone(4), .view(0)])
    #expect(
      text(sample[outline.includes[0].range]) == "include \"/etc/bind/named.conf.options\";")
    #expect(text(sample[outline.includes[1].pathRange]) == "\"more.options\"")
    #expect(outline.location(of: outline.includes[1].range.lowerBound).line == 7)
  }

  @Test func tellsTheDirectory() throws {
    let directory = try #require(try NamedConfOutline(parsing: sample).directory)
    #expect(directory.path == "/var/cache/bind")
    #expect(text(sample[directory.pathRange]) == "\"/var/cache/bind\"")
    #expect(text(sample[directory.range]) == "directory \"/var/cache/bind\";")
  }

  @Test func tellsZones() throws {
    let outline = try NamedConfOutline(parsing: sample)
    let zones = outline.zones
    #expect(
      zones.map(\.nameText) == [
        "contoso.com", "Example.ORG.", ".", "fwd.example", "2.0.192.in-addr.arpa", "x.example",
        "y.example", "x.example",
      ])
    #expect(
      zones.map(\.type) == [
        .primary, .primary, .hint, .forward, .staticStub, .secondary, .primary, .inView,
      ])
    #expect(zones.map(\.view) == [nil, nil, nil, nil, nil, 0, 0, 1])
    #expect(
      zones.map(\.isDynamic) == [false, true, false, false, false, true, false, false])
    #expect(zones.map(\.zoneClass) == [.internet, nil, nil, nil, .chaos, nil, nil, nil])
    #expect(try zones[1].name == DomainName("example.org"))
    #expect(zones[0].file == "db.contoso.com")
    #expect(zones[1].file == "a\"b")
    #expect(zones[1].clauses.hasUpdatePolicy)
    #expect(zones[1].clauses.hasInlineSigning == true)
    #expect(zones[1].clauses.masterfileFormat == "raw")
    #expect(zones[1].clauses.dnssecPolicy == "strict")
    #expect(zones[5].clauses.allowsUpdate == true)
    #expect(zones[6].clauses.allowsUpdate == false)
    #expect(zones[7].clauses.inView == "internal")
    #expect(text(sample[zones[2].range]).hasPrefix("zone \".\" {"))
    #expect(text(sample[zones[2].range]).hasSuffix("};"))
    #expect(text(sample[zones[2].body]) == " type hint; file \"/usr/share/dns/root.hints\"; ")
    #expect(text(sample[zones[1].nameRange]) == "Example.ORG.")
  }

  @Test func tellsViews() throws {
    let outline = try NamedConfOutline(parsing: sample)
    #expect(outline.views.map(\.name) == ["internal", "external"])
    #expect(outline.views.map(\.viewClass) == [.internet, nil])
    #expect(outline.views.map(\.allowsUpdate) == [true, nil])
    #expect(outline.allowsUpdate == false)
    let external = outline.views[1]
    #expect(text(sample[external.body]) == " zone \"x.example\" { in-view \"internal\"; }; ")
    #expect(external.range.upperBound == sample.count)
  }

  @Test(arguments: [
    ("type master;", ZoneType.primary), ("type primary;", .primary), ("type slave;", .secondary),
    ("type secondary;", .secondary), ("type mirror;", .mirror), ("type stub;", .stub),
    ("type static-stub;", .staticStub), ("type forward;", .forward), ("type hint;", .hint),
    ("type redirect;", .redirect), ("type delegation-only;", .delegationOnly),
    ("in-view other;", .inView), ("TYPE\n/* x */ Primary;", .primary),
  ])
  func knowsEveryTypeOfZone(clause: String, type: ZoneType) throws {
    let outline = try NamedConfOutline(parsing: bytes("zone \"a\" { \(clause) };"))
    #expect(outline.zones.first?.type == type)
  }

  @Test(arguments: [
    ("allow-update { none; };", false), ("allow-update { any; };", true),
    ("allow-update { key k; none; };", true), ("allow-update { !none; };", true),
    ("allow-update { NONE; };", false), ("allow-update { };", true),
    ("allow-update { none; any; };", false), ("allow-update { any; none; };", true),
    ("allow-update { !any; };", false), ("allow-update { !\"any\"; };", false),
    ("allow-update { \"none\"; none; };", false), ("allow-update { none; 10/8; };", true),
    ("allow-update { { none; }; };", true), ("allow-update { nobody; };", true),
    ("allow-update { !10/8; };", true), ("allow-update { none; key k; };", true),
    ("update-policy { grant * self *; };", true),
    ("update-policy local;", true), ("allow-update-forwarding { any; };", false), ("", false),
    ("/* allow-update { any; }; */", false), ("notify yes;", false),
  ])
  func knowsWhetherAZoneIsDynamic(clause: String, isDynamic: Bool) throws {
    let outline = try NamedConfOutline(parsing: bytes("zone a { type primary; \(clause) };"))
    #expect(outline.zones.first?.isDynamic == isDynamic)
  }

  @Test func readsIncludedFilesInTheirContext() throws {
    let inView = try NamedConfOutline(
      parsing: bytes(
        "zone a { type hint; include \"z\"; }; allow-update { any; }; include \"more\";"),
      context: .view)
    #expect(inView.zones.map(\.view) == [nil])
    #expect(inView.allowsUpdate == true)
    #expect(inView.includes.map(\.enclosing) == [.zone(0), .top])

    let inOptions = try NamedConfOutline(
      parsing: bytes("directory \"/d\"; allow-update { none; };"), context: .options)
    #expect(inOptions.directory?.path == "/d")
    #expect(inOptions.allowsUpdate == false)

    let inZone = try NamedConfOutline(
      parsing: bytes("file \"f\"; allow-update { any; };"), context: .zone)
    #expect(inZone.zoneClauses.file == "f")
    let zone = try #require(
      try NamedConfOutline(parsing: bytes("zone a { type primary; include \"x\"; };")).zones.first)
    let clauses = zone.clauses.completed(with: inZone.zoneClauses)
    #expect(clauses.type == .primary)
    #expect(clauses.file == "f")
    #expect(clauses.allowsUpdate == true)

    let other = try NamedConfOutline(
      parsing: bytes("zone a { type hint; }; directory \"/\"; include \"k\";"), context: .other)
    #expect(other.zones.isEmpty && other.directory == nil)
    #expect(other.includes.map(\.path) == ["k"])
  }

  @Test(arguments: [
    ("acl a { any; }\n", "1:1", "';' is missing"), ("\nacl a { any };", "2:13", "';' is missing"),
    ("acl a {\n", "1:7", "no '}'"), ("};", "1:1", "no '{'"),
    ("zone \"a..b\" { type hint; };", "1:6", "empty label"), ("zone \"\" { };", "1:6", "missing"),
    ("zone { type hint; };", "1:1", "without a name"), ("view { };", "1:1", "without a name"),
    ("zone a;", "1:1", "without braces"), ("view a;", "1:1", "without braces"),
  ])
  func tellsWhereAFileIsBroken(file: String, place: String, words: String) {
    do throws(SyntaxError) {
      _ = try NamedConfOutline(parsing: bytes(file))
      Issue.record("nothing was thrown")
    } catch {
      #expect(error.location.description == place)
      #expect(error.message.contains(words))
    }
  }

  @Test func survivesAnyDepthOfBraces() throws {
    let depth = 200_000
    let file = bytes(
      "acl a " + String(repeating: "{", count: depth) + "any;"
        + String(repeating: "};", count: depth))
    #expect(try NamedConfOutline(parsing: file).zones.isEmpty)
  }
}
