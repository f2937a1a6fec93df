import DNSNames
import SystemPackage
import TestSupport
import Testing

@testable import Reconcile
@testable import ReconcileModel

/// Whatever zone named takes, it takes with our alias in it, and to named nothing else has changed; taken
/// out, every byte but the serial is back.
///
/// One at a time: each starts a handful of programs, and the other tests want their share.
@Suite(.serialized, .timeLimit(.minutes(5))) struct ZoneCorpusTests {
  private static let alias = "alias.of-ours.contoso.com"

  private func roundTrip(_ zone: String, more: [String: String] = [:]) async throws {
    let files = [
      "named.conf": """
      options { directory "FOLDER"; };
      zone "contoso.com" { type primary; file "FOLDER/db"; check-names ignore; check-integrity no; };

      """,
      "db": zone,
    ].merging(more) { $1 }
    try await withSite(files, aliases: [Self.alias]) { site in
      let before = try site.files()
      let meaning = try await compiled(site)
      let plan = try await site.pass()
      #expect(plan.problems.isEmpty, "\(plan.problems)\n\(zone)")
      let after = try await compiled(site)
      let gone = meaning.subtracting(after).map(\.words)
      let come = after.subtracting(meaning).map(\.words)
      #expect(gone.count == 1 && come.count == 2, "\(gone) \(come)\n\(zone)")
      let (old, new) = (gone.first ?? [], come.first { $0.contains("SOA") } ?? [])
      #expect(old.count == 11 && new.count == 11)
      #expect(
        zip(old, new).enumerated().allSatisfy { $0.offset == 6 || $0.element.0 == $0.element.1 })
      #expect(
        SerialNumber(UInt32(new[6]) ?? 0).isNewer(than: SerialNumber(UInt32(old[6]) ?? 0)),
        "\(old) \(new)")
      let target = "mesos.\(Site.ids[0]).dcos.directory."
      #expect(come.contains(["\(Self.alias).", "60", "IN", "DNAME", target]), "\(come)")
      try await site.expectSettled()

      try await site.removeAll()
      let serials = [old[6], new[6], SerialNumber(UInt32(new[6]) ?? 0).incremented().description]
      for (name, bytes) in try site.files() where name != "named.conf" {
        let original = try #require(before[name])
        let restored = String(decoding: bytes, as: UTF8.self)
        // The serial is the only thing that may differ.
        let wanted = String(decoding: original, as: UTF8.self)
        #expect(
          restored == wanted || Self.differInNumberAlone(restored, wanted, serials[2], serials[0]),
          "\(name):\n\(restored)\nwas:\n\(wanted)")
      }
    }
  }

  /// Whether one text is the other with one number in the place of another one.
  private static func differInNumberAlone(
    _ text: String, _ other: String, _ number: String, _ otherNumber: String
  ) -> Bool {
    let (text, other) = (Array(text.utf8), Array(other.utf8))
    let (number, otherNumber) = (Array(number.utf8), Array(otherNumber.utf8))
    guard text.count - number.count == other.count - otherNumber.count else { return false }
    return other.indices.contains { start in
      other[start...].starts(with: otherNumber)
        && other[..<start] + number + other[(start + otherNumber.count)...] == text[...]
    }
  }

  /// The zone as named takes it, by its own program.
  private func compiled(_ site: Site) async throws -> Set<String> {
    let result = try await run(
      "named-compilezone",
      arguments: [
        "-i", "none", "-k", "ignore", "-n", "ignore", "-r", "ignore", "-w",
        site.folder.path.string, "-o", "-", "contoso.com",
        site.folder.path.appending("db").string,
      ])
    try #require(result.status == 0, "\(result.standardError)")
    return Set(result.standardOutput.split(separator: "\n").map(String.init))
  }

  @Test("zones as people write them", arguments: ZoneSamples.all.map(\.name))
  func samples(name: String) async throws {
    let zone = try #require(ZoneSamples.all.first { $0.name == name }).text
    try await roundTrip(zone)
    // named takes no string over two lines that end with CR LF.
    if !zone.contains("\\\n") { try await roundTrip(zone.withCarriageReturns) }
  }

  @Test("generated zones", arguments: 1...50)
  func generated(seed: UInt64) async throws {
    var generator = FileGenerator(seed: seed)
    try await roundTrip(generator.zone().text)
  }

  @Test("a zone as dig AXFR writes it → both serials go on, and come back")
  func transferred() async throws {
    let soa = "contoso.com. 60 IN SOA ns.x. r.x. 7 1 1 1 1\n"
    let zone = soa + "contoso.com. 60 IN NS ns.x.\n" + soa
    let conf = "zone \"contoso.com\" { type primary; file \"FOLDER/db\"; };\n"
    try await withSite(["named.conf": conf, "db": zone], aliases: [Self.alias]) { site in
      let plan = try await site.pass()
      #expect(plan.problems.isEmpty, "\(plan.problems)")
      #expect(try site.text("db").split(separator: " 8 ").count == 3)
      try await site.expectSettled()
      try await site.removeAll()
      #expect(try site.text("db") == zone.replacing(" 7 ", with: " 9 "))
    }
  }

  @Test("zones of several files")
  func includes() async throws {
    try await roundTrip(
      "$TTL 1h\n$INCLUDE \"sub/head\"\n@ NS ns.example.\n$ORIGIN hosts\n$include hosts other.contoso.com.\n  TXT theirs",
      more: [
        "sub/head": "@ SOA ns h 0 1 2 3 4\nlast A 192.0.2.1\n",
        "hosts": "  A 192.0.2.2\n@ A 192.0.2.3\n$TTL 5\n$INCLUDE more\n",
        "more": "x A 192.0.2.4",
      ])
  }
}

extension String {
  fileprivate var words: [String] {
    split { $0 == " " || $0 == "\t" }.map(String.init)
  }
}
