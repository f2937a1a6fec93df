import BINDText
import DNSNames
import FileChange
import Named
import SystemPackage
import TestSupport
import Testing

@testable import Reconcile
@testable import ReconcileModel

/// The look at what an edit really changes, by named-compilezone.
@Suite(.timeLimit(.minutes(5))) struct ZoneComparisonTests {
  private static let before = """
    a.x.\t 60 IN SOA\tns.y. h.y. 7 1 2 3 4
    a.x.\t 60 IN NS\tns.y.
    b.a.x.\t 60 IN DNAME\told.z.
    c.a.x.\t 60 IN A\t192.0.2.1
    d.a.x.\t 60 IN DNAME\tmine.z.

    """

  private func surplus(_ after: String) async throws -> String? {
    let probe = ZoneComparison(
      zone: try DomainName("a.x"),
      wanted: [try DomainName("b.a.x"): try DomainName("new.z")],
      managed: [try DomainName("b.a.x")])
    return try await withTemporaryFolder { folder in
      try probe.surplus(
        before: folder.write("before", Self.before), after: folder.write("after", after))
    }
  }

  @Test(
    "the serial and the managed records may differ",
    arguments: [
      [("", "")], [(" 7 ", " 8 ")], [("old.z.", "new.z.")],
      [(" 7 ", " 9 "), ("60 IN DNAME\told.z.", "5 IN DNAME\tNEW.z.")],
      [("b.a.x.\t 60 IN DNAME\told.z.\n", "")],
    ])
  func allowed(changes: [(String, String)]) async throws {
    let after = changes.reduce(Self.before) { $0.replacing($1.0, with: $1.1) }
    #expect(try await surplus(after) == nil)
  }

  /// An alias of ours that stays as it is, right behind one that leads elsewhere.
  @Test(
    "an alias may stay beside one that changes",
    arguments: [("", nil), ("next.z.", "b1.a.x. 60 IN DNAME other.z.")])
  func neighbour(target: String, words: String?) async throws {
    let neighbour = "b1.a.x.\t 60 IN DNAME\tnext.z.\n"
    let before = Self.before.replacing("c.a.x.", with: neighbour + "c.a.x.")
    var after = before.replacing("old.z.", with: "new.z.")
    if !target.isEmpty { after = after.replacing(target, with: "other.z.") }
    let probe = ZoneComparison(
      zone: try DomainName("a.x"),
      wanted: [try DomainName("b.a.x"): try DomainName("new.z")],
      managed: [try DomainName("b.a.x"), try DomainName("b1.a.x")])
    let found = try await withTemporaryFolder { folder in
      try probe.surplus(
        before: folder.write("before", before), after: folder.write("after", after))
    }
    #expect(words == nil ? found == nil : found?.contains(words ?? "") == true, "\(found ?? "")")
  }

  @Test(
    "nothing else may",
    arguments: [
      ("c.a.x.\t 60 IN A\t192.0.2.1\n", "", "where it has c.a.x. 60 IN A 192.0.2.1"),
      ("192.0.2.1", "192.0.2.2", "have the record c.a.x. 60 IN A 192.0.2.2 where it has c.a.x."),
      ("d.a.x.\t 60 IN DNAME\tmine.z.\n", "", "lose the record d.a.x."),
      ("mine.z.", "new.z.", "d.a.x."), ("old.z.", "other.z.", "b.a.x. 60 IN DNAME other.z."),
      (" 7 1 2 ", " 8 1 3 ", "SOA"), ("ns.y. h.y.", "ns.y. i.y.", "SOA"),
      ("mine.z.\n", "mine.z.\ne.a.x. 60 IN A 192.0.2.9\n", "get the record e.a.x."),
      ("a.x.\t 60 IN NS\tns.y.\n", "", "NS"),
    ])
  func refused(old: String, new: String, words: String) async throws {
    let found = try await surplus(Self.before.replacing(old, with: new))
    #expect(found?.contains(words) == true, "\(found ?? "")")
  }

  @Test(
    "lines are read whole, whatever the size of the buffer",
    arguments: ["", "\n", "a", "a\n", "\n\n", "one\n\ntwo three four\nfive", "abcd\nefgh\n"], 1...9)
  func lines(text: String, bufferSize: Int) async throws {
    try await withTemporaryFolder { folder in
      var reader = try LineReader(folder.write("text", text), bufferSize: bufferSize)
      var lines: [String] = []
      try reader.advance()
      while let line = reader.current {
        lines.append(String(decoding: line, as: UTF8.self))
        try reader.advance()
      }
      var expected = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      if expected.last == "" { expected.removeLast() }
      #expect(lines == expected)
      try reader.advance()
      #expect(reader.current == nil)
    }
  }

  @Test("what only the compiler minds is no hindrance: names that check-names would not have")
  func lenient() async throws {
    let files = [
      "named.conf":
        "zone \"contoso.com\" { type primary; file \"FOLDER/db\"; check-names ignore; };\n",
      "db": """
      $TTL 60
      @ SOA ns.example.net. h.example.net. 7 1 1 1 1
      @ NS ns.example.net.
      under_score A 192.0.2.1
      *.*.wild A 192.0.2.1
      @ MX 10 under_score

      """,
    ]
    try await withSite(files, aliases: ["x.contoso.com"]) { site in
      let plan = try await site.pass()
      #expect(plan.problems.isEmpty)
      #expect(try site.text("db").contains("DNAME"))
    }
  }

  @Test(
    "a candidate that lost a record is refused by the look, whatever the checker says, small or large",
    arguments: [0, 150_000])
  func lostRecord(comments: Int) async throws {
    let files = [
      "named.conf": "zone \"contoso.com\" { type primary; file \"FOLDER/db\"; };\n",
      "db": """
      $TTL 60
      @ SOA ns.example.net. h.example.net. 7 1 1 1 1
      @ NS ns.example.net.
      www A 192.0.2.1

      """ + String(repeating: "; a line\n", count: comments),
    ]
    try await withSite(files, aliases: ["x.contoso.com"]) { site in
      let proposal = try await site.propose()
      var plan = proposal.plan
      let index = try #require(plan.files.firstIndex { $0.kind != .configuration })
      let text = try site.text("db")
      let start = try #require(text.utf8.firstRange(of: "www".utf8))
      let offset = text.utf8.distance(from: text.startIndex, to: start.lowerBound)
      plan.files[index].edits.append(
        TextEdit(range: offset..<(offset + "www A 192.0.2.1\n".utf8.count), replacement: []))
      let check = CandidateValidator(tools: try NamedTools.locate(), scratch: nil)
      let error = await #expect(throws: PassError.self) {
        try await check.validate(plan, proposal.actual)
      }
      #expect(error?.description.contains("lose the record www.contoso.com. 60 IN A") == true)
    }
  }
}
