import DNSNames
import Named
import SystemPackage
import TestSupport
import Testing

@testable import Reconcile
@testable import ReconcileModel

/// Where a pass looks for what is to be taken out.
@Suite(.timeLimit(.minutes(5))) struct BlockIndexTests {
  private static let zone = "$TTL 60\n@ SOA a. b. 7 1 1 1 1\n@ NS ns.example.net.\n"
  private static let files = [
    "named.conf": """
    options { dnssec-validation no; };
    zone "contoso.com" { type primary; file "FOLDER/db"; };
    zone "other.example" { type primary; file "FOLDER/other"; };

    """,
    "db": zone, "other": zone, "state/.keep": "",
  ]

  private func withState(
    _ files: [String: String] = files, _ body: (Site) async throws -> Void
  ) async throws {
    try await withSite(files, aliases: ["x.contoso.com"]) { site in
      var site = site
      site.state = site.folder.path.appending("state")
      try await body(site)
    }
  }

  @Test("an alias whose zone is concerned no longer is taken out by what the last pass left")
  func alias() async throws {
    try await withState { site in
      try await site.pass()
      #expect(try site.text("state/zones").hasSuffix("\ncontoso.com.\n"))
      var moved = site
      moved.desired.aliases[0].owner = try DomainName("x.other.example")
      try await moved.pass()
      #expect(try site.text("db") == Self.zone.replacing(" 7 ", with: " 9 "))
      #expect(try site.text("other").contains("x.other.example. 60 IN DNAME"))
      try await moved.pass()
      #expect(try site.text("state/zones").hasSuffix("\nother.example.\n"))
    }
  }

  @Test("lost or damaged, everything is looked through", arguments: [nil, "", "a..b\n", "x"])
  func lost(contents: String?) async throws {
    try await withState { site in
      try await site.pass()
      if let contents {
        try site.folder.write("state/zones", contents)
      } else {
        try removeFile(site.folder.path.appending("state/zones"))
      }
      var none = site
      none.desired.aliases = []
      try await none.pass(accepted: ["prod"])
      #expect(try site.text("db") == Self.zone.replacing(" 7 ", with: " 9 "))
    }
  }

  @Test("zones that nobody asks about are not looked into")
  func notLookedInto() async throws {
    try await withState { site in
      try await site.pass()
      var memory = PassMemory()
      memory.blockIndex = BlockIndex(zones: [try DomainName("contoso.com")])
      let actual = try await Inspector(
        desired: site.desired, control: nil, context: PassContext(tools: try NamedTools.locate()),
        memory: memory
      ).inspect()
      #expect(actual.zones.map(\.name.description).contains("contoso.com."))
      #expect(!actual.zones.map(\.name.description).contains("other.example."))
    }
  }

  @Test("a zone that shares a file is found although nobody asks about it")
  func sharedFile() async throws {
    let files = Self.files.merging([
      "named.conf": Self.files["named.conf"]?.replacing("FOLDER/other", with: "FOLDER/./db") ?? "",
      "state/zones": "",
    ]) { $1 }
    try await withState(files) { site in
      try BlockIndex(zones: []).write(in: StateDirectory(site.folder.path.appending("state")))
      let plan = try await site.propose().plan
      #expect(plan.problems.map(\.severity) == [.held])
      #expect(plan.problems.first?.reason.contains("belongs to zone other.example as well") == true)
    }
  }

  @Test(arguments: [
    ("abcabc", "abc", [0, 3]), ("aaaa", "aa", [0, 1, 2]), ("abc", "abcd", []), ("", "a", []),
    ("xaxbxa", "xa", [0, 4]), ("abab", "bab", [1]), ("abc", "", []),
  ])
  func search(text: String, needle: String, offsets: [Int]) {
    #expect(Array(text.utf8).offsets(of: needle) == offsets)
    #expect(Array(text.utf8).offsets(of: needle, first: 1) == Array(offsets.prefix(1)))
  }
}
