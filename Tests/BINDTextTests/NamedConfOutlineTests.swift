import BINDText
import DNSNames
import Testing

@Suite(.timeLimit(.minutes(3))) struct NamedConfOutlineTests {
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
      zones.map(outline.nameText) == [
        "contoso.com", "Example.ORG.", ".", "fwd.example", "2.0.192.in-addr.arpa", "x.example",
        "y.example", "x.example",
      ])
    let clauses = zones.map(outline.clauses)
    #expect(
      clauses.map(\.type) == [
        .primary, .primary, .hint, .forward, .staticStub, .secondary, .primary, .inView,
      ])
    #expect(zones.map(\.view) == [nil, nil, nil, nil, nil, 0, 0, 1])
    #expect(
      clauses.map(\.isDynamic) == [false, true, false, false, false, true, false, false])
    #expect(zones.map(\.zoneClass) == [.internet, nil, nil, nil, .chaos, nil, nil, nil])
    #expect(try outline.name(of: zones[1]) == DomainName("example.org"))
    #expect(clauses[0].file == "db.contoso.com")
    #expect(clauses[1].file == "a\"b")
    #expect(clauses[1].hasUpdatePolicy)
    #expect(clauses[1].hasInlineSigning == true)
    #expect(clauses[1].masterfileFormat == "raw")
    #expect(clauses[1].dnssecPolicy == "strict")
    #expect(clauses[5].allowsUpdate == true)
    #expect(clauses[6].allowsUpdate == false)
    #expect(clauses[7].inView == "internal")
    #expect(text(sample[zones[2].range]).hasPrefix("zone \".\" {"))
    #expect(text(sample[zones[2].range]).hasSuffix("};"))
    #expect(text(sample[zones[2].body]) == " type hint; file \"/usr/share/dns/root.hints\"; ")
    #expect(text(sample[zones[1].nameRange]) == "Example.ORG.")
  }

  @Test func readsWhatAZoneIsJudgedByAndWhereItsUpdatesGo() throws {
    let outline = try NamedConfOutline(
      parsing: Array(
        """
        options {
          session-keyfile "/run/other.key"; check-names primary warn; check-names secondary ignore;
          check-names response ignore; Check-Integrity NO; check-mx fail; check-spf ignore;
        };
        zone "a" { type primary; file "a"; journal "j/a.jnl"; check-names IGNORE; check-sibling no; };
        zone "b" { type primary; file "b"; check-dup-records fail; };
        """.utf8))
    #expect(outline.sessionKeyFile == "/run/other.key")
    #expect(outline.clauses.checks == [.names: "warn", .integrity: "no", .mx: "fail"])
    let own = outline.zones.map(outline.clauses)
    #expect(own.map(\.journal) == ["j/a.jnl", nil])
    #expect(own[0].checks == [.names: "ignore", .sibling: "no"])
    #expect(
      own[0].completed(with: outline.clauses).checks
        == [.names: "ignore", .sibling: "no", .integrity: "no", .mx: "fail"])
    #expect(own[1].completed(with: outline.clauses).checks[.names] == "warn")
    #expect(own[1].completed(with: outline.clauses).checks[.duplicates] == "fail")
  }

  @Test func findsZonesByName() throws {
    let outline = try NamedConfOutline(parsing: sample)
    func found(_ names: [String], below: [String] = []) throws -> [Int] {
      try outline.zones(
        named: names.map { try DomainName($0) }, orBelow: below.map { try DomainName($0) })
    }
    #expect(try found(["CONTOSO.com"]) == [0])
    #expect(try found(["example.org.", "x.example"]) == [1, 5, 7])
    #expect(try found(["."]) == [2])
    #expect(try found([], below: ["example"]) == [3, 5, 6, 7])
    #expect(try found(["example", "ontoso.com", "xcontoso.com"], below: ["contoso.com"]) == [])
    let root = try NamedConfOutline(parsing: bytes("zone \"@\" { };"))
    #expect(root.zones(named: [.root]) == [0])
    #expect(outline.zones(named: [], orBelow: [.root]) == [0, 1, 3, 4, 5, 6, 7])
    // Names that are written with an escape, on either side.
    let escaped = try NamedConfOutline(
      parsing: bytes(#"zone "\097.x" { }; zone "a@b.x" { }; zone "c.x" { };"#))
    #expect(try escaped.zones(named: [DomainName("a.x")]) == [0])
    #expect(try escaped.zones(named: [DomainName(#"a\@b.x"#)]) == [1])
    #expect(try escaped.zones(named: [], orBelow: [DomainName("x")]) == [0, 1, 2])
  }

  @Test func tellsOptionsAndValidation() throws {
    let outline = try NamedConfOutline(
      parsing: bytes(
        """
        options { dnssec-validation AUTO; validate-except { "corp.example"; lab.; }; };
        view a { dnssec-validation no; match-clients { any; }; };
        view b { validate-except { }; };
        """))
    let options = try #require(outline.options)
    #expect(text(outline.bytes[options.range]).hasPrefix("options {"))
    #expect(options.validation.isOn == true)
    #expect(options.validation.exceptions.map(\.names) == [["corp.example", "lab."]])
    #expect(outline.views.map(\.validation.isOn) == [false, nil])
    #expect(outline.views[0].validation.exceptions == [])
    #expect(outline.views[1].validation.exceptions.map(\.names) == [[]])
    let list = try #require(options.validation.exceptions.first?.list)
    #expect(text(outline.bytes[list.body]) == " \"corp.example\"; lab.; ")

    let included = try NamedConfOutline(
      parsing: bytes("dnssec-validation no; validate-except { x; };"), context: .view)
    #expect(included.validation.isOn == false)
    #expect(included.validation.exceptions.map(\.names) == [["x"]])
    #expect(included.options == nil)
  }

  @Test func tellsViews() throws {
    let outline = try NamedConfOutline(parsing: sample)
    #expect(outline.views.map(\.name) == ["internal", "external"])
    #expect(outline.views.map(\.viewClass) == [.internet, nil])
    #expect(outline.views.map(\.clauses.allowsUpdate) == [true, nil])
    #expect(outline.clauses.allowsUpdate == false)
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
    #expect(outline.zones.first.map(outline.clauses)?.type == type)
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
    #expect(outline.zones.first.map(outline.clauses)?.isDynamic == isDynamic)
  }

  @Test func readsIncludedFilesInTheirContext() throws {
    let inView = try NamedConfOutline(
      parsing: bytes(
        "zone a { type hint; include \"z\"; }; allow-update { any; }; include \"more\";"),
      context: .view)
    #expect(inView.zones.map(\.view) == [nil])
    #expect(inView.clauses.allowsUpdate == true)
    #expect(inView.includes.map(\.enclosing) == [.zone(0), .top])

    let inOptions = try NamedConfOutline(
      parsing: bytes("directory \"/d\"; allow-update { none; };"), context: .options)
    #expect(inOptions.directory?.path == "/d")
    #expect(inOptions.clauses.allowsUpdate == false)

    let inZone = try NamedConfOutline(
      parsing: bytes("file \"f\"; allow-update { any; };"), context: .zone)
    #expect(inZone.clauses.file == "f")
    let outline = try NamedConfOutline(
      parsing: bytes("zone a { type primary; include \"x\"; };"))
    let clauses = outline.clauses(of: outline.zones[0]).completed(with: inZone.clauses)
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

  /// named hands it to the plugin as it is: neither strings, comments nor includes are in it.
  @Test(arguments: [
    "{ no semicolon }", "{ /* \" // { } }", "{ \\} include \"x\"; }", "{ \\\\}", "{ \\{ }",
    "{ // BEGIN zonebridge a: x\n }",
  ])
  func passesOverTheTextOfPlugins(text: String) throws {
    for statement in ["dyndb a \"x.so\"", "plugin query \"x.so\"", "DNSRPS-options"] {
      let zone = "zone b { type hint; plugin query x.so \(text); };"
      for file in ["\(statement) \(text); \(zone)", "view v { \(statement) \(text); \(zone) };"] {
        let outline = try NamedConfOutline(parsing: bytes(file))
        #expect(outline.zones.map(outline.nameText) == ["b"])
        #expect(outline.zones.map(outline.clauses).map(\.type) == [.hint])
        #expect(outline.includes.isEmpty)
        #expect(try outline.blocks().isEmpty)
      }
      #expect(throws: SyntaxError.self) {
        try NamedConfOutline(parsing: bytes("\(statement) { { }; "))
      }
    }
  }

  @Test func aStringMayHoldWhatLooksLikeTheEndOfItsList() throws {
    let outline = try NamedConfOutline(
      parsing: bytes(#"zone a { file "x\"; }; zone b { type hint; file \"y"; };"#))
    #expect(outline.zones.map(outline.nameText) == ["a"])
    #expect(outline.clauses(of: outline.zones[0]).file == #"x"; }; zone b { type hint; file "y"#)
  }

  /// named refuses them; what is told of them has to make sense all the same.
  @Test func ofAStatementWithTwoListsTheFirstCounts() throws {
    let outline = try NamedConfOutline(
      parsing: bytes(
        "view a { zone b { } c { }; } x { zone d { }; }; options { } { directory e; };"))
    #expect(outline.views.map(\.name) == ["a"])
    #expect(text(outline.bytes[outline.views[0].body]) == " zone b { } c { }; ")
    #expect(outline.zones.map(outline.nameText) == ["b"])
    #expect(outline.directory == nil)
  }

  @Test func aNameThatIsNoneIsNotFound() throws {
    let outline = try NamedConfOutline(parsing: bytes("zone \"a..b\" { }; zone \"\" { };"))
    #expect(outline.zones.map(outline.name) == [nil, nil])
    #expect(try outline.zones(named: [DomainName("b"), .root], orBelow: [.root]) == [])
  }

  /// With a comment in the innermost list, which keeps all around it from being passed over.
  @Test(arguments: ["any;", "any; /* x */", "include \"x\";"])
  func survivesAnyDepthOfBraces(innermost: String) throws {
    let depth = 200_000
    let file = bytes(
      "acl a " + String(repeating: "{", count: depth) + innermost
        + String(repeating: "};", count: depth))
    #expect(try NamedConfOutline(parsing: file).zones.isEmpty)
  }

  /// What stands in lists that nobody asks about is told as it is elsewhere.
  @Test(arguments: [
    ("include \"x\";", 1), ("INCLUDE \"x\";", 1), ("a { include \"x\"; };", 1),
    ("included \"x\";", 0),
    ("// include \"x\";", 0), ("\"include\" \"x\";", 0), ("a include \"x\";", 0),
    ("# x\ninclude /**/ \"x\";", 1),
  ])
  func includesAreFoundInAnyList(statement: String, count: Int) throws {
    for list in ["zone a { type hint; \(statement)\n};", "acl a { \(statement)\n };"] {
      #expect(try NamedConfOutline(parsing: bytes(list)).includes.count == count, "\(list)")
    }
  }

  @Test(arguments: [
    ("acl a { b { any; } };", "1:20", "';' is missing"), ("acl a { b", "1:7", "no '}'"),
    ("acl a { \"b };", "1:9", "quoted string"), ("acl a { /* };", "1:9", "comment"),
    ("zone a { type hint };", "1:20", "';' is missing"),
  ])
  func tellsWhereAListIsBroken(file: String, place: String, words: String) {
    do throws(SyntaxError) {
      _ = try NamedConfOutline(parsing: bytes(file))
      Issue.record("nothing was thrown")
    } catch {
      #expect(error.location.description == place)
      #expect(error.message.contains(words))
    }
  }
}
