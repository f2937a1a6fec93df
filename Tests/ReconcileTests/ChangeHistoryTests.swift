import BINDText
import DNSNames
import Foundation
import Named
import SystemPackage
import TestSupport
import Testing

@testable import Planning
@testable import Reconcile
@testable import ReconcileModel

@Suite(.timeLimit(.minutes(5))) struct ChangeHistoryTests {
  private static let files = [
    "named.conf": "zone \"contoso.com\" { type primary; file \"FOLDER/db\"; };\n",
    "db": "$TTL 60\n@ SOA ns.example.net. h.example.net. 7 1 1 1 1\n@ NS ns.example.net.\n",
  ]

  /// A site on which so many changes were made, of which each adds an alias.
  private func withChanges(
    _ count: Int, _ body: (Site, ChangeHistory) async throws -> Void
  ) async throws {
    try await withSite(Self.files) { site in
      var site = site
      try site.folder.write("state/keep", "")
      site.state = site.folder.path.appending("state")
      for number in 0..<count {
        site.desired.aliases.append(
          Alias(owner: try DomainName("a\(number).contoso.com"), cluster: "prod"))
        try await site.pass()
      }
      try await body(site, ChangeHistory(in: StateDirectory(try #require(site.state))))
    }
  }

  private func rollBack(_ site: Site, _ entries: [HistoryEntry]) async throws {
    let pass = Pass(
      desired: site.desired, tools: try NamedTools.locate(), stateDirectory: site.state)
    _ = try await pass.apply(try await pass.proposeRollback(of: entries, now: 0))
  }

  @Test("the last twenty changes are kept") func limit() async throws {
    try await withChanges(23) { site, history in
      let entries = history.entries
      #expect(entries.map(\.number) == Array((4...23).reversed()))
      #expect(entries.map(\.title).first == "alias a22.contoso.com")
      // All of them put back, there is what was there before the first of them.
      try await rollBack(site, entries)
      let text = try site.text("db")
      #expect(text.contains("BEGIN zonebridge a2.") && !text.contains("BEGIN zonebridge a3."))
      #expect(text.contains(" 31 1 1 1 1"), "it goes on: \(text)")
    }
  }

  @Test("what a change replaced may have keys in it → nobody else may read it")
  func privacy() async throws {
    try await withChanges(2) { site, history in
      let folder = site.folder.path.pushing("state/history")
      let own = try folder.stat().permissions
      #expect(own == [.ownerReadWriteExecute])
      for name in ["1.json", "2.json"] {
        let mode = try folder.appending(name).stat().permissions
        #expect(mode == [.ownerReadWrite], "\(name)")
      }
    }
  }

  @Test("a damaged file is left out") func damaged() async throws {
    try await withChanges(3) { site, history in
      let path = "state/history/2.json"
      try site.folder.write(path, String(try site.text(path).dropLast(40)))
      #expect(history.entries.map(\.number) == [3, 1])
    }
  }

  @Test("what a pass had no time to take down is found out", arguments: [true, false])
  func recovery(isMade: Bool) async throws {
    try await withChanges(2) { site, history in
      let last = try site.text("state/history/2.json")
      if !isMade { try await rollBack(site, Array(history.entries.prefix(1))) }
      for name in try site.folder.names(in: "state/history") where name != "1.json" {
        _ = try await run("rm", arguments: ["\(site.folder.path)/state/history/\(name)"])
      }
      try site.folder.write("state/history/pending", last)
      try history.recover()
      #expect(history.entries.map(\.number) == (isMade ? [2, 1] : [1]))
      #expect(try !site.folder.names(in: "state/history").contains("pending"))
      let left = history.left[site.folder.path.appending("db")]
      #expect(left != nil)
    }
  }

  @Test("texts that are no UTF-8 come back to the byte") func bytes() async throws {
    try await withSite(Self.files) { site in
      var site = site
      try site.folder.write("state/keep", "")
      site.state = site.folder.path.appending("state")
      site.desired.aliases = [Alias(owner: try DomainName("x.contoso.com"), cluster: "prod")]
      let odd = Array("; caf".utf8) + [0xe9, 0x0a] + Array(try site.text("db").utf8)
      try site.folder.write("db", odd)
      try await site.pass()
      let history = ChangeHistory(in: StateDirectory(try #require(site.state)))
      let changed = try site.folder.read("db")
      #expect(changed.count > odd.count && changed.starts(with: odd.prefix(7)))
      try await rollBack(site, history.entries)
      let serial = try #require(odd.indices.first { odd[$0...].starts(with: " 7 1 1".utf8) })
      var expected = odd
      expected[serial + 1] = UInt8(ascii: "9")
      #expect(try site.folder.read("db") == expected)
    }
  }
}

/// What a pass that was cut off had begun to take down.
@Suite("A change that a pass had no time to take down", .timeLimit(.minutes(5)))
struct PendingChangeTests {
  private func entry(
    _ number: Int, _ site: Site, _ files: [RecordedFile]
  ) -> HistoryEntry {
    HistoryEntry(
      number: number, time: 0, subjects: ["cluster prod"],
      bind: RecordedSettings(site.desired.bind), files: files, updates: [], aliases: [],
      domains: [])
  }

  /// Writes it as the change that was begun, looks what has become of it, and tells the numbers of those
  /// that are kept.
  private func recover(
    _ pending: HistoryEntry, _ site: Site, after last: Int? = nil
  ) throws -> [Int] {
    let folder = site.folder
    if let last {
      let earlier = try JSONEncoder().encode(entry(last, site, []))
      try folder.write("state/history/\(last).json", Array(earlier))
    }
    try folder.write("state/history/pending", Array(try JSONEncoder().encode(pending)))
    let history = ChangeHistory(in: StateDirectory(folder.path.appending("state")))
    try history.recover()
    #expect(try !folder.names(in: "state/history").contains("pending"))
    let numbers = history.entries.map(\.number)
    for name in try folder.names(in: "state/history") {
      try removeFile(folder.path.appending("state/history/\(name)"))
    }
    return numbers
  }

  private static let text = "one\ntwo\nthree\n"

  @Test("the files are as it left them → taken down; as they were before → forgotten")
  func isMade() async throws {
    try await withSite(["named.conf": "options { };\n", "db": Self.text]) { site in
      let (there, missing) = (
        site.folder.path.appending("db").string, site.folder.path.appending("none").string
      )
      func file(_ action: RecordedFile.Action, _ path: String, _ new: String = "") -> RecordedFile {
        var file = RecordedFile(path: path, action: action)
        if action == .changed {
          file.edits = [
            RecordedEdit(
              offsetBefore: 4, offsetAfter: 4, old: RecordedText("old\n".utf8),
              new: RecordedText(new.utf8), lead: RecordedText("one\n".utf8),
              trail: RecordedText("three\n".utf8))
          ]
        }
        return file
      }
      let cases: [([RecordedFile], Bool)] = [
        ([file(.made, there)], true), ([file(.made, missing)], false),
        ([file(.removed, missing)], true), ([file(.removed, there)], false),
        ([file(.changed, there, "two\n")], true), ([file(.changed, there, "new\n")], false),
        ([file(.changed, missing, "two\n")], false),
        // DNS UPDATE alone: it may have been sent.
        ([], true),
      ]
      for (files, isMade) in cases {
        let numbers = try recover(entry(2, site, files), site, after: 1)
        #expect(numbers == (isMade ? [2, 1] : [1]), "\(files)")
      }
    }
  }

  @Test("what is taken down already, or older → it is not taken down a second time")
  func isOld() async throws {
    try await withSite(["named.conf": "options { };\n"]) { site in
      let first = try recover(entry(1, site, []), site)
      #expect(first == [1])
      for number in [3, 2] {
        let numbers = try recover(entry(number, site, []), site, after: 3)
        #expect(numbers == [3])
      }
    }
  }

  @Test("what is damaged, or was not written to its end → forgotten") func isDamaged() async throws
  {
    try await withSite(["named.conf": "options { };\n"]) { site in
      try site.folder.write("state/history/pending", "{ \"number\": 1")
      try site.folder.write("state/history/.pending.zonebridge-new", "{")
      let history = ChangeHistory(in: StateDirectory(site.folder.path.appending("state")))
      try history.recover()
      #expect(history.entries.isEmpty)
      #expect(try site.folder.names(in: "state/history").isEmpty)
    }
  }

  @Test(
    "whether it stands at a place",
    arguments: [
      (0, "one\n", "two\n", false, true), (4, "two\n", "three\n", false, true),
      // What follows may have been edited since; of a serial it may not, for digits stand anywhere.
      (0, "one\n", "TWO\n", false, true), (0, "one\n", "TWO\n", true, false),
      (0, "one\n", "two\n", true, true),
      // What was taken out stands where what followed it does.
      (4, "", "two\n", false, true), (3, "", "two\n", false, false),
      (1, "one\n", "two\n", false, false), (-1, "", "", false, false),
      (14, "", "", false, true), (15, "", "", false, false), (10, "three\n", "", false, false),
    ])
  func stands(offset: Int, new: String, trail: String, isSerial: Bool, stands: Bool) {
    let edit = RecordedEdit(
      offsetBefore: 0, offsetAfter: offset, old: RecordedText([]), new: RecordedText(new.utf8),
      lead: RecordedText([]), trail: RecordedText(trail.utf8), isSerial: isSerial)
    #expect(edit.stands(in: Array(Self.text.utf8), at: offset) == stands)
  }
}

@Suite(.timeLimit(.minutes(5))) struct PatchedTextTests {
  @Test("nothing was changed → no edits; a change undone → none either")
  func unchanged() throws {
    var text = PatchedText([1, 2, 3])
    #expect(text.edits.isEmpty && text.bytes == [1, 2, 3])
    text.replace(1..<1, with: [])
    #expect(text.edits.isEmpty)
    text.replace(1..<1, with: [9])
    #expect(text.edits == [TextEdit(range: 1..<1, replacement: [9])])
    text.replace(1..<2, with: [])
    #expect(text.edits.isEmpty && text.bytes == [1, 2, 3])
    #expect(PatchedText([]).edits.isEmpty)
  }

  @Test("edits of the original give the text that came out", arguments: 0..<300)
  func replay(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let original = (0..<Int.random(in: 0...60, using: &generator)).map { UInt8($0) }
    var text = PatchedText(original)
    var expected = original
    for _ in 0..<Int.random(in: 0...6, using: &generator) {
      let start = Int.random(in: 0...expected.count, using: &generator)
      let end = Int.random(in: start...min(expected.count, start + 20), using: &generator)
      let new = (0..<Int.random(in: 0...8, using: &generator)).map { 200 + UInt8($0) }
      text.replace(start..<end, with: new)
      expected.replaceSubrange(start..<end, with: new)
    }
    #expect(text.bytes == expected)
    #expect(try original.applying(text.edits) == expected)
    // Edits that touch are one: so each of them is a place that can be shown and found again.
    let ranges = text.edits.map(\.range)
    #expect(zip(ranges, ranges.dropFirst()).allSatisfy { $0.upperBound < $1.lowerBound })
    #expect(text.edits.allSatisfy { !$0.range.isEmpty || !$0.replacement.isEmpty })
    // Each byte of the original is there once: those that are still there are in no edit.
    let rewritten = original.filter { byte in
      expected.contains(byte) && text.edits.contains { $0.range.contains(Int(byte)) }
    }
    #expect(rewritten.isEmpty)
  }
}
