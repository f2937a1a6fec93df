import BINDText
import SystemPackage
import TestSupport
import Testing

@testable import Reconcile
@testable import ReconcileModel

/// Whatever named takes, it takes with our statements in it, and it gets every byte back.
///
/// One at a time: each starts a handful of programs, and the other tests want their share.
@Suite(.serialized, .timeLimit(.minutes(5))) struct CorpusTests {
  /// Puts a cluster in, looks what that means to named, and takes it out again.
  private func roundTrip(_ files: [String: String], zonesIn: String = "named.conf") async throws {
    try await withSite(files, zonesIn: zonesIn) { site in
      let before = try site.files()
      let meaning = try await site.canonical()
      let plan = try await site.pass()
      #expect(plan.problems.isEmpty)
      #expect(!plan.isEmpty)
      let after = try await site.canonical()
      #expect(
        after != meaning
          && withoutEmptyLists(withoutOurs(after)) == withoutEmptyLists(meaning),
        "\(files)\n\(after.joined(separator: "\n"))")
      try await site.expectSettled()
      try await site.removeAll()
      #expect(try site.files() == before, "\(files)")
    }
  }

  /// The canonical form without the managed statements.
  private func withoutOurs(_ lines: [String]) -> [String] {
    let domain = "\(Site.ids[0]).dcos.directory"
    let ours = [
      [
        "zone \"\(domain)\" {", "type forward;", "forward only;", "forwarders {", "10.0.0.1;", "};",
        "};",
      ],
      ["\"\(domain)\";"],
    ]
    var rest = lines
    for statement in ours {
      while let start = rest.indices.first(where: { start in
        rest[start...].prefix(statement.count).map(\.words) == statement.map(\.words)
      }) {
        rest.removeSubrange(start..<(start + statement.count))
      }
    }
    return rest
  }

  /// Without lists that are empty: those that are there for ours alone, and to the same effect those
  /// that the operator left empty.
  private func withoutEmptyLists(_ lines: [String]) -> [String] {
    var kept: [String] = []
    for line in lines {
      let isEnd = line.words == ["};"]
      if isEnd, let last = kept.last?.words,
        last == ["validate-except", "{"] || last == ["options", "{"]
      {
        kept.removeLast()
      } else {
        kept.append(line)
      }
    }
    return kept
  }

  @Test("generated trees of files", arguments: 1...100)
  func generated(seed: UInt64) async throws {
    let generator = TreeGenerator(seed: seed)
    try await roundTrip(generator.tree, zonesIn: generator.zonesIn)
  }

  @Test("what Debian ships, as it is installed here")
  func debian() async throws {
    var files: [String: String] = [:]
    for name in try listFolder("/etc/bind") where name != "rndc.key" {
      let text = String(
        decoding: try readFile(FilePath("/etc/bind").appending(name)), as: UTF8.self)
      files[name] = text.replacing("/etc/bind", with: "FOLDER")
    }
    for zonesIn in ["named.conf", "named.conf.local", "named.conf.default-zones"] {
      try await roundTrip(files, zonesIn: zonesIn)
    }
  }

  @Test("the layout of Red Hat, with and without views")
  func redHat() async throws {
    let options = """
      /* A caching name server for this host only. */
      options {
      \tlisten-on port 53 { 127.0.0.1; };
      \tlisten-on-v6 port 53 { ::1; };
      \tdirectory \t"FOLDER";
      \tdump-file \t"FOLDER/data/cache_dump.db";
      \tmemstatistics-file "FOLDER/data/named_mem_stats.txt";
      \tallow-query     { localhost; };

      \t/*
      \t - no open resolver, please { } ;
      \t*/
      \trecursion yes;

      \tdnssec-validation yes;

      \tpid-file "/run/named/named.pid";
      \tinclude "FOLDER/crypto-policy";
      };

      logging {
              channel default_debug {
                      file "data/named.run";
                      severity dynamic;
              };
      };

      """
    let zones = """
      zone "." IN {
      \ttype hint;
      \tfile "named.ca";
      };

      include "FOLDER/named.rfc1912.zones";

      """
    let others = [
      "crypto-policy": "disable-algorithms \".\" {\nRSAMD5;\nDSA;\n};\n",
      "named.rfc1912.zones": """
      zone "localhost.localdomain" IN {
      \ttype master;
      \tfile "named.localhost";
      \tallow-update { none; };
      };

      zone "1.0.0.127.in-addr.arpa" IN {
      \ttype master;
      \tfile "named.loopback";
      \tallow-update { none; };
      };

      """,
    ]
    let plain = others.merging(["named.conf": options + zones]) { $1 }
    try await roundTrip(plain)
    try await roundTrip(plain, zonesIn: "named.rfc1912.zones")
    let views =
      options + "view \"localhost_resolver\"\n{\n\tmatch-clients { localhost; };\n\(zones)};\n"
    let divided = others.merging(["named.conf": views]) { $1 }
    try await roundTrip(divided)
    try await roundTrip(divided, zonesIn: "named.rfc1912.zones")
  }

  @Test(
    "odd forms",
    arguments: [
      "options{};zone x{type hint;file\"x\";};view-not//\n;", "\u{feff}", "#\r", "/**/", "\n\n\n",
      "options { version \"a\\\"b };\"; };", "acl caf\u{e9} { any; };",
      "ACL \"x\\\\\" { any; };\r\n",
      "zone \"a.b\" in{type hint;file \"x\";} ; // }", "zone a. { TYPE Hint; file x; };\t",
      "logging{category default{null;};};", "statistics-channels { };",
      "key k{algorithm hmac-sha256;secret \"aaaa\";};//",
      "options { listen-on port 5353 { 127.0.0.1; }; directory \".\"; };",
      "plugin query \"x.so\" { not { named.conf } at all };",
    ])
  func odd(text: String) async throws {
    let isTaken = try await withTemporaryFolder { folder in
      let path = try folder.write("named.conf", text)
      return try await run("named-checkconf", arguments: [path.string]).status == 0
    }
    guard isTaken else {
      // What named does not take is refused, with the checker's words or ours.
      try await withSite(["named.conf": text]) { site in
        await #expect(throws: PassError.self) { try await site.propose() }
      }
      return
    }
    try await roundTrip(["named.conf": text])
  }
}

extension String {
  fileprivate var words: [Substring] { split { $0 == " " || $0 == "\t" } }
}
