import DNSNames
import Named
import SystemPackage
import TestSupport
import Testing

@testable import Reconcile
@testable import ReconcileModel

/// With a real named: zones that it has and no statement of named.conf makes.
@Suite("Zones that named.conf does not have", .timeLimit(.minutes(5)))
struct UnlistedZoneTests {
  @Test("a zone added with rndc addzone → held, with the way to a statement in named.conf")
  func added() async throws {
    try await withLiveSite(
      options: "allow-new-zones yes;", files: ["db": LiveSite.zone, "db.other": LiveSite.zone]
    ) { site in
      var site = site
      try await site.named.rndc("addzone", "other.example", #"{ type primary; file "db.other"; };"#)
      try await site.expectHeld(
        "foo.other.example", "it was added with rndc addzone", "rndc delzone other.example")
      site.desired.aliases = [try LiveSite.alias("foo.contoso.com")]
      try await site.expectServed()
    }
  }

  @Test(
    """
    a member of one of two catalog zones, with a file of its name and without → held, told which one or both, and goes \
    in where it is primary
    """,
    arguments: [
      ("", "it is a member of the catalog zone catalog.example"),
      ("in-memory yes", "it is a member of a catalog zone catalog.example or empty.example"),
    ])
  func catalogMember(option: String, reason: String) async throws {
    let catalog = """
      $TTL 60
      @ SOA . . 1 60 60 600 60
      @ NS invalid.
      version TXT "2"

      """
    let member = "one.zones PTR member.example.\n"
    let statements = ["catalog", "empty", "member"].map {
      "zone \"\($0).example\" { type primary; file \"db.\($0)\"; };\n"
    }
    try await withLiveSite(
      statements.joined(),
      files: ["db.catalog": catalog + member, "db.empty": catalog, "db.member": LiveSite.zone]
    ) { producer in
      var producer = producer
      let primary = "{ 127.0.0.1 port \(producer.named.queryPort); }"
      try await withLiveSite(
        LiveSite.local()
          + ["catalog", "empty"].map {
            "zone \"\($0).example\" { type secondary; primaries \(primary); };\n"
          }.joined(),
        options: """
          catalog-zones {
            zone "catalog.example" default-primaries \(primary) \(option);
            zone empty.example. default-primaries \(primary) \(option);
          };
          """
      ) { consumer in
        var consumer = consumer
        try await eventually("named has the member") {
          try await consumer.serial(of: "member.example") == 41
        }
        for owner in ["foo.member.example", "member.example"] {
          try await consumer.expectHeld(
            owner, reason, "where the zone is primary")
        }
        producer.desired.aliases = [try LiveSite.alias("foo.member.example")]
        try await producer.expectServed()
        try await consumer.named.rndc("retransfer", "member.example")
        try await eventually("named has the alias") {
          try await consumer.target(of: "foo.member.example") == LiveSite.target
        }
        consumer.desired.aliases = [try LiveSite.alias("foo.contoso.com")]
        try await consumer.expectServed()
      }
    }
  }

  @Test(
    "the DNS shows that a name has no zone by an authoritative denial from the enclosing one, and by nothing else"
  )
  func vacant() async throws {
    func soa(_ owner: String) -> ScriptedRecord { .soa(owner) }
    let cases: [(ScriptedAnswer, Bool)] = [
      (ScriptedAnswer(rcode: 3, authority: [soa("contoso.com.")]), true),
      (ScriptedAnswer(authority: [soa("contoso.com.")]), true),
      (ScriptedAnswer(isAuthoritative: false, authority: [soa("contoso.com.")]), false),
      (ScriptedAnswer(authority: [soa("sub.contoso.com.")]), false),
      (ScriptedAnswer(authority: [soa("com.")]), false),
      (ScriptedAnswer(answers: [soa("foo.contoso.com.")]), false),
      (ScriptedAnswer(answers: [soa("foo.contoso.com.")], authority: [soa("contoso.com.")]), false),
      (.empty, false), (.nameError, false), (.refused, false), (.serverFailure, false),
    ]
    try await withLiveSite { site in
      var site = site
      let actual = try await site.pass().inspect(site.desired, PassMemory())
      let server = try ScriptedNameServer { _ in .empty }
      site.desired.bind.query = try Endpoint(host: "127.0.0.1", port: server.port)
      let search = UnlistedZoneSearch(desired: site.desired, actual: actual)
      let name = ZoneInView(name: try DomainName("foo.contoso.com"), view: nil)
      for (answer, isVacant) in cases {
        server.follow { _ in answer }
        #expect(await search.vacant(among: [name]) == (isVacant ? [name] : []), "\(answer)")
      }
      // Which view would answer is unknown, and outside of every zone nothing can be denied.
      server.follow { _ in cases[0].0 }
      let others = [
        ZoneInView(name: name.name, view: "internal"),
        ZoneInView(name: try DomainName("foo.contoso.net"), view: nil),
      ]
      #expect(await search.vacant(among: others).isEmpty)
    }
  }

  @Test("a silent server → it is asked for no more names than are on their way at a time")
  func silent() async throws {
    try await withLiveSite { site in
      var site = site
      let actual = try await site.pass().inspect(site.desired, PassMemory())
      let server = try ScriptedNameServer { _ in .silence }
      site.desired.bind.query = try Endpoint(host: "127.0.0.1", port: server.port)
      let search = UnlistedZoneSearch(desired: site.desired, actual: actual)
      let names = try (1...100).map {
        ZoneInView(name: try DomainName("a\($0).contoso.com"), view: nil)
      }
      #expect(await search.vacant(among: names).isEmpty)
      #expect(Set(server.questions.map(\.name)).count <= 32)
    }
  }

  @Test("a zone added with rndc addzone that named cannot load → held, and not put into one above")
  func unloaded() async throws {
    try await withLiveSite(options: "allow-new-zones yes;") { site in
      var site = site
      try await site.named.rndc(
        "addzone", "sub.contoso.com", "{ type secondary; primaries { 127.0.0.1 port 1; }; };")
      try await site.expectHeld(
        "foo.sub.contoso.com", "named has zone sub.contoso.com without data", "named's log says why"
      )
      #expect(try site.text("db") == LiveSite.zone)
    }
  }

  @Test(
    "a zone below the alias's enclosing one, added with rndc addzone → held, and not put into the one above"
  )
  func addedBelow() async throws {
    try await withLiveSite(
      options: "allow-new-zones yes;", files: ["db": LiveSite.zone, "db.sub": LiveSite.zone]
    ) { site in
      var site = site
      try await site.named.rndc("addzone", "sub.contoso.com", #"{ type primary; file "db.sub"; };"#)
      try site.forgetWhatWasTold()
      for owner in ["foo.sub.contoso.com", "a.b.sub.contoso.com", "sub.contoso.com"] {
        try await site.expectHeld(
          owner, "it was added with rndc addzone", "rndc delzone sub.contoso.com")
      }
      #expect(try site.text("db") == LiveSite.zone)
      // Only where the DNS shows another zone is the control channel asked.
      #expect(site.told.contains("zonestatus sub.contoso.com IN"))
      site.desired.aliases = [try LiveSite.alias("x.y.contoso.com")]
      try site.forgetWhatWasTold()
      try await site.expectServed()
      #expect(!site.told.contains { $0.contains("y.contoso.com") }, "\(site.told)")
    }
  }

  @Test(
    "a zone from a database (dlz) → held, with the database's statement; a name beside it → not"
  )
  func database() async throws {
    try await withTemporaryFolder { folder in
      let driver = try await Self.driver(in: folder)
      try await withLiveSite(
        statements: "dlz \"inventory\" { database \"dlopen \(driver) inventory\"; };\n"
      ) { site in
        var site = site
        try await site.expectHeld(
          "foo.dlz.example", "zone dlz.example, and no statement of",
          "Add the DNAME to the database")
        try await site.expectHeld("foo.dlz.example", "dlz \"inventory\" (", "")
        site.desired.aliases = [try LiveSite.alias("foo.nothing.example")]
        let outside = try await site.run()
        expect(outside.problems.first?.reason, has: "no zone in")
        site.desired.aliases = [try LiveSite.alias("foo.contoso.com")]
        try await site.expectServed()
      }
    }
  }

  /// A database of one zone, dlz.example, as named loads it (contrib/dlz/modules/include/dlz_minimal.h of BIND 9.18).
  private static func driver(in folder: TemporaryFolder) async throws -> FilePath {
    let source = try folder.write(
      "driver.c",
      #"""
      #include <stdarg.h>
      #include <stdint.h>
      #include <string.h>
      #include <strings.h>

      enum { success = 0, not_found = 23 };
      typedef unsigned result;
      static result (*put)(void *, const char *, uint32_t, const char *);

      int dlz_version(unsigned *flags) { return 3; }
      result dlz_create(const char *name, unsigned count, char **words, void **data, ...) {
        va_list helpers;
        va_start(helpers, data);
        for (const char *helper; (helper = va_arg(helpers, const char *));) {
          void *function = va_arg(helpers, void *);
          if (strcmp(helper, "putrr") == 0) put = function;
        }
        va_end(helpers);
        *data = words;
        return success;
      }
      void dlz_destroy(void *data) {}
      result dlz_findzonedb(void *data, const char *name, void *methods, void *client) {
        return strcasecmp(name, "dlz.example") == 0 ? success : not_found;
      }
      result dlz_lookup(const char *zone, const char *name, void *data, void *lookup, void *methods, void *client) {
        if (strcmp(name, "@") != 0) return not_found;
        put(lookup, "SOA", 60, "ns.example.net. hostmaster.example.net. 1 60 60 60 60");
        put(lookup, "NS", 60, "ns.example.net.");
        return success;
      }
      """#)
    let driver = folder.path.appending("driver.so")
    // Swift comes with a compiler of C, wherever it is installed.
    let compiled = try await TestSupport.run(
      "bash",
      arguments: ["-c", "clang -shared -fPIC -o \"$1\" \"$2\"", "", driver.string, source.string])
    try #require(compiled.status == 0, "\(compiled.standardError)")
    return driver
  }
}

extension LiveSite {
  fileprivate mutating func expectHeld(
    _ owner: String, _ reason: String, _ remedy: String,
    sourceLocation: Testing.SourceLocation = #_sourceLocation
  ) async throws {
    desired.aliases = [try Self.alias(owner)]
    let result = try await run()
    let problem = result.problems.first {
      $0.subject == desired.aliases.first.map { .alias($0.owner) }
    }
    #expect(problem?.severity == .held, "\(result.problems)", sourceLocation: sourceLocation)
    expect(problem?.reason, has: reason, sourceLocation: sourceLocation)
    if !remedy.isEmpty { expect(problem?.remedy, has: remedy, sourceLocation: sourceLocation) }
  }
}
