import BINDText
import DNSNames
import FileChange
import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import Reconcile
@testable import ReconcileModel

/// What passes read of named's files: what named's user could, within limits, and told without quoting it.
@Suite(.timeLimit(.minutes(5))) struct NamedReadingTests {
  private static let isRoot = geteuid() == 0
  private static let needsRoot: Comment = "only root reads what another user may not"
  private static let secret = "hunter2secret"
  private static let conf = """
    options { directory "FOLDER"; dnssec-validation no; };
    zone "contoso.com" { type primary; file "db"; };

    """
  private static let zone = "$TTL 60\n@ SOA ns.x. h.x. 7 1 1 1 1\n@ NS ns.x.\n"

  /// A site whose named runs as somebody who owns nothing.
  private func withOther(
    _ files: [String: String], alias: String = "dcos.contoso.com",
    _ body: (Site) async throws -> Void
  ) async throws {
    try await withSite(files, aliases: [alias]) { site in
      var site = site
      site.desired.bind.user = UnixUser(name: "somebody", user: 4711, groups: [4711])
      try await body(site)
    }
  }

  /// What a pass said, or why it ended.
  private func words(_ site: Site) async throws -> String {
    do {
      let proposal = try await site.propose()
      return (proposal.plan.problems.map(\.description) + proposal.plan.warnings)
        .joined(separator: "\n")
    } catch let error as PassError {
      return "\(error)"
    }
  }

  @Test(
    "a zone file that includes a file which only root may read → refused, and nothing of it is shown",
    .enabled(if: isRoot, needsRoot),
    arguments: [
      "eyJhbGciOiJIUzI1NiJ9.\(secret)", "password \(secret)\n", "key A \(secret)\n",
      "\(secret).. A 192.0.2.1\n", "x 60 IN \(secret) y\n", "x \(secret) IN A 192.0.2.1\n",
      "$\(secret) x\n", "m TXT \"\(secret)\n", "; BEGIN zonebridge \(secret) b c\n",
    ])
  func secretInZone(text: String) async throws {
    let files = [
      "named.conf": Self.conf, "db": Self.zone + "$INCLUDE FOLDER/secret\n", "secret": text,
    ]
    try await withOther(files) { site in
      let path = site.folder.path.appending("secret")
      try #require(unsafe chmod(path.string, 0o600) == 0)
      let closed = try await words(site)
      #expect(closed.contains("named's user somebody may not read \(path)"), "\(closed)")
      #expect(closed.contains("db:4"), "\(closed)")
      #expect(!closed.contains(Self.secret), "\(closed)")
      #expect(
        try site.text("db") == files["db"]?.replacing("FOLDER", with: site.folder.path.string))
    }
  }

  @Test(
    "a configuration that includes a file which only root may read → refused, with the chain",
    .enabled(if: isRoot, needsRoot))
  func secretInConfiguration() async throws {
    let files = [
      "named.conf": Self.conf + "include \"FOLDER/k\";\n", "db": Self.zone,
      "k": "key \"k\" { secret \"\(Self.secret)",
    ]
    try await withOther(files) { site in
      let path = site.folder.path.appending("k")
      try #require(unsafe chmod(path.string, 0o600) == 0)
      let closed = try await words(site)
      #expect(closed.contains("named's user somebody may not read \(path)"), "\(closed)")
      #expect(closed.contains("included by"), "\(closed)")
      try #require(unsafe chmod(path.string, 0o644) == 0)
      let open = try await words(site)
      #expect(open.contains("k:1:") && !open.contains(Self.secret), "\(open)")
    }
  }

  @Test("a key that named-checkconf stumbles over → its file and line, without the key")
  func secretOfChecker() async throws {
    let files = [
      "named.conf": Self.conf + "include \"FOLDER/k\";\n", "db": Self.zone,
      "k": "key \"k\" {\n\talgorithm hmac-sha256;\n\tsecret \"a\" \(Self.secret);\n};\n",
    ]
    try await withSite(files, aliases: ["dcos.contoso.com"]) { site in
      let words = try await words(site)
      #expect(words.contains("\(site.folder.path)/k:3: "), "\(words)")
      #expect(!words.contains(Self.secret), "\(words)")
    }
  }

  @Test(
    "named.conf in a folder that root keeps to itself → named is its owner, and not the usual user")
  func presumed() async throws {
    try await withSite(["named.conf": Self.conf, "db": Self.zone]) { site in
      try #require(unsafe chmod(site.folder.path.string, 0o700) == 0)
      try await site.pass()
    }
  }

  @Test(
    "a unit of named's → the user of its -u, of its environment's, or its User=",
    arguments: [
      ("ExecStart=/usr/sbin/named -u dns -c /x", "dns"),
      ("EnvironmentFile=-/etc/default/named\nExecStart=/usr/sbin/named -f $OPTIONS", "bind"),
      ("EnvironmentFile=/etc/default/named\nExecStart=/usr/sbin/named -f ${OPTIONS}", "bind"),
      ("EnvironmentFile=/none\nExecStart=/usr/sbin/named $OPTIONS\nUser=own", "own"),
      ("ExecStart=/usr/sbin/named -f", nil),
    ] as [(String, String?)])
  func unit(text: String, user: String?) {
    let name = NamedUnit.userName(inUnit: text) { path in
      path == "/etc/default/named" ? "RESOLVCONF=no\nOPTIONS=\"-4 -u bind\"\n" : nil
    }
    #expect(name == user)
  }

  // MARK: Limits

  @Test("hundreds of files that include each other, of the configuration and of a zone → read")
  func nested() async throws {
    try await withSite(["named.conf": "include \"0.conf\";\n" + Self.conf]) { site in
      // A reader that calls itself for each of them has used up its stack (512 KiB) by then.
      let count = 700
      for index in 0..<count {
        try site.folder.write(
          "\(index).conf", "include \"\(site.folder.path)/\(index + 1).conf\";\n")
        try site.folder.write("\(index).db", "$INCLUDE \(site.folder.path)/\(index + 1).db\n")
      }
      try site.folder.write("\(count).conf", "")
      try site.folder.write("\(count).db", "")
      let tree = try ConfigurationTreeReader.read(site.desired.bind)
      #expect(tree.files.count == count + 2)
      let reader = ZoneTextReader(tree: tree, files: NamedFiles(), aliases: [])
      let first = try FileSnapshot.read(site.folder.path.appending("0.db"))
      #expect(try reader.text(beginningWith: first, origin: .root).get().files.count == count + 1)
    }
  }

  @Test(
    "files that include the next one twice → those of named.conf once each, a zone's up to a limit")
  func doubling() async throws {
    try await withSite(["named.conf": Self.conf]) { site in
      for index in 0..<25 {
        let (conf, db) = (
          "include \"FOLDER/\(index + 1).conf\";\n", "$INCLUDE FOLDER/\(index + 1).db\n"
        )
        try site.folder.write(
          "\(index).conf", (conf + conf).replacing("FOLDER", with: site.folder.path.string))
        try site.folder.write(
          "\(index).db", (db + db).replacing("FOLDER", with: site.folder.path.string))
      }
      try site.folder.write("25.conf", "")
      try site.folder.write("25.db", "")
      try site.folder.write("named.conf", "include \"\(site.folder.path)/0.conf\";\n")
      let tree = try ConfigurationTreeReader.read(site.desired.bind)
      #expect(tree.files.count == 27)
      let reader = ZoneTextReader(tree: tree, files: NamedFiles(), aliases: [])
      let first = try FileSnapshot.read(site.folder.path.appending("0.db"))
      let message = ReadingLimits.$zone.withValue(ReadingLimits(files: 100)) {
        error(reader.text(beginningWith: first, origin: .root))
      }
      #expect(
        message.contains(".db:2: $INCLUDE: more than 100 files would be included"), "\(message)")
    }
  }

  private func error(_ result: Result<ZoneText, InspectionError>) -> String {
    if case .failure(let error) = result { "\(error)" } else { "" }
  }

  @Test("more bytes or levels than are read → the place, the limit and the cure")
  func limits() async throws {
    let files = [
      "named.conf": "include \"FOLDER/a\";\n", "a": "\ninclude \"FOLDER/b\";\n",
      "b": "acl b { any; };\n",
    ]
    try await withSite(files) { site in
      for (limits, words) in [
        (ReadingLimits(files: 2), "a:2: more than 2 files would be included. Look for"),
        (
          ReadingLimits(files: 9, depth: 1),
          "a:2: the files include each other more than 1 deep. Write"
        ),
        (ReadingLimits(files: 9, bytes: 9), "the included files have more than"),
      ] {
        let error = #expect(throws: InspectionError.self) {
          try ReadingLimits.$configuration.withValue(limits) {
            _ = try ConfigurationTreeReader.read(site.desired.bind)
          }
        }
        #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
      }
    }
  }

  @Test("a huge sparse zone file that no alias concerns, or an odd one → nobody's business")
  func foreign() async throws {
    let files = [
      "named.conf": Self.conf + "zone \"other.example\" { type primary; file \"other\"; };\n",
      "db": Self.zone, "other": "",
    ]
    try await withSite(files, aliases: ["dcos.contoso.com"]) { site in
      let other = site.folder.path.appending("other")
      try #require(
        unsafe truncate(other.string, 15 << 40) == 0 || truncate(other.string, 1 << 40) == 0)
      try await site.pass()
      #expect(try site.text("db").contains("DNAME"))
    }
  }

  @Test(
    "our block in a file that a zone without an alias includes → found, and removed")
  func foreignBlock() async throws {
    let files = [
      "named.conf": Self.conf, "db": Self.zone + "$INCLUDE FOLDER/rest\n",
      "rest": "www A 192.0.2.1\n",
    ]
    try await withSite(files, aliases: ["dcos.contoso.com"]) { site in
      try await site.pass()
      let db = try site.text("db")
      let start = try #require(db.firstRange(of: "; BEGIN zonebridge")?.lowerBound)
      try site.folder.write("db", String(db[..<start]))
      try site.folder.write("rest", (files["rest"] ?? "") + db[start...])
      var bare = site
      bare.desired.aliases = []
      let plan = try await bare.pass(accepted: ["prod"])
      #expect(plan.problems.isEmpty, "\(plan.problems)")
      #expect(try site.text("rest") == files["rest"])
    }
  }

  // MARK: Trees as named takes them

  @Test("/dev/null, by itself or through a link → an empty file, and a pass goes on")
  func null() async throws {
    let files = [
      "named.conf": Self.conf + "include \"/dev/null\";\ninclude \"FOLDER/masked\";\n",
      "db": Self.zone + "$INCLUDE /dev/null\n",
    ]
    try await withSite(files, aliases: ["dcos.contoso.com"]) { site in
      try makeLink(site.folder.path.appending("masked"), to: "/dev/null")
      try await site.pass()
      try await site.expectSettled()
    }
  }

  @Test(
    "a file included before and after `directory`, with a relative path in it → another file each time"
  )
  func otherDirectory() async throws {
    let files = [
      "named.conf": """
      include "FOLDER/a.conf";
      options { directory "FOLDER/sub"; dnssec-validation no; };
      include "FOLDER/a.conf";
      include "FOLDER/same.conf";

      """,
      "a.conf": "include \"b.conf\";\ninclude \"FOLDER/same.conf\";\n", "b.conf": "// outer\n",
      "same.conf": "// the same\n",
      "sub/b.conf": "zone \"contoso.com\" { type primary; file \"db\"; };\n", "sub/db": Self.zone,
    ]
    try await withSite(files, aliases: ["dcos.contoso.com"]) { site in
      let plan = try await site.pass()
      #expect(plan.problems.isEmpty, "\(plan.problems)")
      #expect(try site.text("sub/db").contains("DNAME"))
      try await site.expectSettled()
      let tree = try ConfigurationTreeReader.read(site.desired.bind)
      #expect(tree.files.count { $0.snapshot.path.lastComponent == "same.conf" } == 1)
    }
  }

  @Test("a view with root hints and without the alias's zone → the alias goes where its zone is")
  func hints() async throws {
    let hint = "zone \".\" { type hint; file \"FOLDER/hint\"; };"
    let files = [
      "named.conf": """
      options { directory "FOLDER"; dnssec-validation no; };
      view internal { match-clients { 127.0.0.1; }; \(hint)
      zone "contoso.com" { type primary; file "db"; };
      };
      view external { \(hint) };

      """, "db": Self.zone, "hint": ". 60 NS a.x.\na.x. 60 A 192.0.2.1\n",
    ]
    try await withSite(files, aliases: ["dcos.contoso.com"]) { site in
      let plan = try await site.pass()
      #expect(plan.problems.isEmpty, "\(plan.problems)")
      #expect(try site.text("db").contains("DNAME"))
      try await site.expectSettled()
    }
    try await withSite(files, aliases: ["dcos.contosso.com"]) { site in
      let plan = try await site.propose().plan
      #expect(plan.isEmpty)
      #expect(plan.problems.contains { $0.reason.contains("no zone in") && $0.severity == .failed })
    }
  }

  @Test("a zone as a transfer has it, the SOA first and last → both serials go on, and back")
  func soaAtBothEnds() async throws {
    let soa = "contoso.com.\t60\tIN\tSOA\tns.x. h.x. 7 1 1 1 1\n"
    let files = ["named.conf": Self.conf, "db": soa + "contoso.com.\t60\tIN\tNS\tns.x.\n" + soa]
    try await withSite(files, aliases: ["dcos.contoso.com"]) { site in
      let plan = try await site.pass()
      #expect(plan.problems.isEmpty, "\(plan.problems)")
      #expect(try site.text("db").split(separator: " 8 1 1 1 1").count == 3)
      try await site.expectSettled()
      try await site.removeAll()
      #expect(try site.text("db") == files["db"]?.replacing(" 7 ", with: " 9 "))
    }
  }

  @Test("a mistake that stood there before → its own line, although a block would go before it")
  func ownLine() async throws {
    let files = [
      "named.conf": """
      options {
      \tdirectory "FOLDER";
      };
      zone "contoso.com" { type primary; file "db"; };
      zone "contoso.com" { type primary; file "db"; };

      """, "db": Self.zone,
    ]
    try await withSite(files) { site in
      let words = try await words(site)
      #expect(
        words.contains("\(site.folder.path)/named.conf:5: zone 'contoso.com': already exists"),
        "\(words)")
      #expect(words.contains("named.conf, so nothing was changed"), "\(words)")
      #expect(words.contains("named.conf:4"), "\(words)")
    }
  }

  @Test(
    "lines of a candidate → those of the file, and within a block the one where it goes",
    arguments: [(1, 1), (2, 2), (3, 3), (4, 3), (5, 3), (6, 4), (7, 6)])
  func lines(candidate: Int, file: Int) {
    let bytes = Array("one\ntwo\nthree\nfour\nfive\nsix\n".utf8)
    // Two lines go in before the third, and the fifth goes out.
    let map = LineMap(
      of: bytes,
      [
        .init(range: 8..<8, replacement: Array("new\nnew\n".utf8)),
        .init(range: 19..<24, replacement: []),
      ])
    #expect(map.original(of: candidate) == file)
  }
}
