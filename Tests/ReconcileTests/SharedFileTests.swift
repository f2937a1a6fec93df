import DNSNames
import Glibc
import Named
import SystemPackage
import TestSupport
import Testing

@testable import Reconcile
@testable import ReconcileModel

/// A zone file that several zones are read from.
@Suite(.timeLimit(.minutes(5))) struct SharedFileTests {
  private static let zone = """
    $TTL 300
    @ IN SOA ns.example. hostmaster.example. 7 3600 900 86400 60
    @ IN NS ns.example.

    """
  private static let views = [
    "named.conf": """
    view "inside" { match-clients { 127.0.0.1; };
    zone "contoso.com" { type primary; file "FOLDER/db"; };
    };
    view "outside" {
    zone "contoso.com" { type primary; file "FOLDER/db"; };
    };

    """,
    "db": zone,
  ]
  private static let names = [
    "named.conf": """
    zone "contoso.com" { type primary; file "FOLDER/db"; };
    zone "contoso.net" { type primary; file "FOLDER/db"; };

    """,
    "db": zone,
  ]

  @Test("is held, with both statements", arguments: [views, names])
  func held(files: [String: String]) async throws {
    try await withSite(files, aliases: ["foo.contoso.com"]) { site in
      let plan = try await site.pass()
      let conf = site.desired.bind.namedConf
      let problem = try #require(plan.problems.first)
      #expect(plan.problems.allSatisfy { $0.severity == .held })
      #expect(problem.reason.contains("\(conf):\(files == Self.views ? 2 : 1): the file"))
      #expect(problem.reason.contains("as well (\(conf):\(files == Self.views ? 5 : 2))"))
      #expect(problem.remedy.contains("[shared-file]"))
      #expect(try site.text("db") == Self.zone)
    }
  }

  @Test(
    "is held by whatever name the other zone has it, in the first pass and in those that remember",
    arguments: ["db.link", "folder/../db", "linked/db", "./linked/db", "hard", "linked/db.link"])
  func otherNames(name: String) async throws {
    let files = [
      "named.conf": """
      view "inside" { zone "contoso.com" { type primary; file "FOLDER/db"; }; };
      view "outside" { zone "contoso.net" { type primary; file "FOLDER/\(name)"; }; };

      """, "db": Self.zone, "folder/x": "", "state/.keep": "",
    ]
    try await withSite(files, views: ["inside"], aliases: ["foo.contoso.com"]) { site in
      let folder = site.folder.path
      try makeLink(folder.appending("db.link"), to: "db")
      try makeLink(folder.appending("linked"), to: ".")
      try #require(unsafe link(folder.appending("db").string, folder.appending("hard").string) == 0)
      var site = site
      site.state = folder.appending("state")
      for _ in 1...2 {
        let plan = try await site.pass()
        #expect(plan.problems.map(\.severity) == [.held])
        expect(
          plan.problems.first?.reason, has: "belongs to zone contoso.net in view outside as well")
        #expect(try site.text("db") == Self.zone)
      }
    }
  }

  @Test("gets one block where the safeguard is waived, and all its zones are reloaded")
  func waived() async throws {
    try await withSite(Self.views, aliases: ["foo.contoso.com"]) { site in
      var site = site
      site.desired.aliases[0].allow = [.sharedFile]
      site.desired.bind.reload = .rndc(.init(server: "127.0.0.1", port: 1))
      // Nobody is there to answer DNS.
      let plan = try await site.propose(accepted: ["prod"]).plan
      let zone = try DomainName("contoso.com")
      #expect(
        plan.commands.suffix(2) == [
          .reload(zone: zone, view: "inside"), .reload(zone: zone, view: "outside"),
        ])
      let views = plan.servedAfterwards.compactMap { expectation in
        if case .alias(_, _, _, let view) = expectation { view } else { nil }
      }
      #expect(views == ["inside", "outside"])
      #expect(
        plan.servedAfterwards.filter { if case .serial = $0 { true } else { false } }.count == 2)

      site.desired.bind.reload = .none
      #expect(try await site.pass().problems.isEmpty)
      let text = try site.text("db")
      #expect(text.contains(" 8 3600"))
      #expect(text.split(separator: "; BEGIN zonebridge foo.contoso.com").count == 2)
      try await site.expectSettled()
      try await site.removeAll()
      #expect(try site.text("db") == Self.zone.replacing(" 7 ", with: " 9 "))
    }
  }

  @Test("of zones with other names too; theirs is a stranger's record") func others() async throws {
    try await withSite(Self.names, aliases: ["foo.contoso.com"]) { site in
      var site = site
      site.desired.aliases[0].allow = [.sharedFile]
      #expect(try await site.pass().problems.isEmpty)
      #expect(try site.text("db").contains("; BEGIN zonebridge foo.contoso.com"))
      try await site.expectSettled()
      try await site.removeAll()
      #expect(try site.text("db") == Self.zone.replacing(" 7 ", with: " 9 "))
    }
  }

  @Test("the block stays while one of the views has the alias, held or not") func stays()
    async throws
  {
    try await withSite(Self.views, views: ["inside"], aliases: ["foo.contoso.com"]) { site in
      var site = site
      site.desired.aliases[0].allow = [.sharedFile]
      #expect(try await site.pass().problems.isEmpty)
      let text = try site.text("db")
      try await site.expectSettled()
      site.desired.aliases[0].allow = []
      let plan = try await site.pass()
      #expect(plan.problems.map(\.severity) == [.held])
      #expect(try site.text("db") == text)
    }
  }
}
