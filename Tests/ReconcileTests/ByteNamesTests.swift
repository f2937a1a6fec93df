import DCOS
import DNSNames
import FileChange
import Glibc
import Named
import SystemPackage
import TestSupport
import Testing

@testable import Reconcile
@testable import ReconcileModel

/// Files whose names are no UTF-8: to the kernel and named they are bytes.
@Suite("Names of files in Latin-1", .timeLimit(.minutes(5))) struct ByteNamesTests {
  private static func latin1(_ text: String) -> [UInt8] {
    text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
  }

  /// `FOLDER` in a file stands for the folder's path.
  private func withByteSite(_ body: (Site) async throws -> Void) async throws {
    try await withTemporaryFolder { folder in
      let files = [
        "named.conf": """
        options { directory "FOLDER/z\u{f6}nes"; };
        include "FOLDER/z\u{f6}nes/*.caf\u{e9}";
        include "local \u{fc}";

        """,
        // Beside each a file that it would be if what is no UTF-8 were all the same.
        "z\u{f6}nes/one.caf\u{e9}": "acl one { any; };\n",
        "z\u{f6}nes/one.caf\u{e8}": "}\n",
        "z\u{f6}nes/local \u{fc}": "zone \"contoso.com\" { type primary; file \"db.\u{e9}\"; };\n",
        "z\u{f6}nes/local \u{ff}": "}\n",
        "z\u{f6}nes/db.\u{e9}": """
        $TTL 300
        @ IN SOA ns.example. hostmaster.example. 7 3600 900 86400 60
        @ IN NS ns.example.
        $INCLUDE "h\u{f6}sts"

        """,
        "z\u{f6}nes/db.\u{e8}": "somebody else's\n",
        "z\u{f6}nes/h\u{f6}sts": "www A 192.0.2.1\n",
      ]
      func path(_ name: String) -> FilePath {
        FilePath(bytes: folder.path.bytes + [UInt8(ascii: "/")] + Self.latin1(name))
      }
      let made = unsafe path("z\u{f6}nes").withPlatformString { unsafe mkdir($0, 0o755) }
      try #require(made == 0)
      for (name, text) in files {
        try writeFile(
          path(name), Self.latin1(text.replacing("FOLDER", with: folder.path.string)))
      }
      try folder.write("state/.keep", "")
      let desired = DesiredState(
        bind: BINDSettings(
          namedConf: path("named.conf"), zonesIn: path("named.conf"),
          query: try Endpoint("127.0.0.1:53"), reload: .none),
        clusters: [try Site.cluster()],
        aliases: [Alias(owner: try DomainName("foo.contoso.com"), cluster: "prod")])
      try await body(
        Site(folder: folder, desired: desired, state: folder.path.appending("state")))
    }
  }

  /// All files but the state, by the bytes of their names.
  private func files(_ site: Site) throws -> [[UInt8]: [UInt8]] {
    var files: [[UInt8]: [UInt8]] = [:]
    for folder in [
      site.folder.path, FilePath(bytes: site.folder.path.bytes + Self.latin1("/z\u{f6}nes")),
    ] {
      let paths = ["*", ".*"].flatMap { Reader().paths(matching: folder.appending($0)) }
      for path in paths {
        if try path.stat().type == .regular { files[path.bytes] = try readFile(path) }
      }
    }
    return files
  }

  @Test("in paths and includes → read, edited, rolled back and taken out, to the byte")
  func roundTrip() async throws {
    try await withByteSite { site in
      let before = try files(site)
      let zone = site.folder.path.bytes + Self.latin1("/z\u{f6}nes/db.\u{e9}")
      func expectOnlySerial(_ serial: String) throws {
        var wanted = before
        let text = String(decoding: before[zone] ?? [], as: Unicode.ASCII.self)
        #expect(text.contains(" 7 "))
        wanted[zone] = before[zone].map { bytes in
          Array(bytes.split(separator: Self.latin1(" 7 ")).joined(separator: Self.latin1(serial)))
        }
        #expect(try files(site) == wanted)
      }
      let plan = try await site.pass()
      #expect(plan.problems.isEmpty, "\(plan.problems)")
      #expect(plan.files.map(\.path.bytes).contains(zone))
      let after = try files(site)
      #expect(Set(after.keys) == Set(before.keys))
      let text = String(decoding: after[zone] ?? [], as: UTF8.self)
      #expect(text.contains("; BEGIN zonebridge foo.contoso.com"), "\(text)")
      #expect(text.contains(" 8 "))
      for (name, bytes) in before where name != zone && !name.ends(with: "named.conf".utf8) {
        #expect(after[name] == bytes)
      }
      try await site.expectSettled()

      // JSON holds text alone; two files are two in it all the same.
      let edited = plan.files.map(\.path.recorded)
      #expect(edited.contains { $0.hasSuffix("/z%f6nes/db.%e9") }, "\(edited)")
      #expect(Set(edited.map { FilePath(recorded: $0) }) == Set(plan.files.map(\.path)))
      let pass = Pass(
        desired: site.desired, tools: try NamedTools.locate(), stateDirectory: site.state)
      let state = try #require(site.state)
      let entries = ChangeHistory(in: StateDirectory(state)).entries
      #expect(entries.count == 1)
      let outcome = try await pass.apply(
        try await pass.proposeRollback(of: entries, now: 1))
      #expect(outcome.problems.isEmpty, "\(outcome.problems)")
      try expectOnlySerial(" 9 ")

      #expect(try await site.pass(accepted: ["prod"]).problems.isEmpty)
      try await site.removeAll()
      try expectOnlySerial(" 11 ")
    }
  }
}

extension Array<UInt8> {
  fileprivate func ends(with end: some Collection<UInt8>) -> Bool {
    suffix(end.count).elementsEqual(end)
  }
}
