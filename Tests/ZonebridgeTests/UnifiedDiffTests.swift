import BINDText
import DNSNames
import FileChange
import SystemPackage
import TestSupport
import Testing

@testable import ReconcileModel
@testable import zonebridge

@Suite(.timeLimit(.minutes(5))) struct UnifiedDiffTests {
  @Test("patch -p1 and git apply make the candidate of the file", arguments: 0..<60)
  func applies(seed: UInt64) async throws {
    var random = SeededGenerator(seed: seed)
    try await withTemporaryFolder { folder in
      let path = folder.path.appending("etc").appending("named conf")
      _ = try await run("mkdir", arguments: [folder.path.appending("etc").string])
      let base = Self.text(using: &random)
      try folder.write("etc/named conf", String(decoding: base, as: UTF8.self))
      let edits = Self.edits(of: base, using: &random)
      let file = PlannedFile(
        kind: .configuration, path: "/etc/named conf", before: try FileSnapshot.read(path),
        edits: edits, contents: FileContents(try base.applying(edits)))
      var plan = Plan()
      plan.files = [file]
      let diff = UnifiedDiff.text(of: plan)
      #expect(diff.isEmpty == (file.contents?.bytes == base))
      guard !diff.isEmpty else { return }
      try folder.write("patch", String(decoding: diff, as: UTF8.self))
      let check = try await run(
        "git", arguments: ["apply", "--check", "patch"], workingDirectory: folder.path)
      #expect(check.status == 0, "\(check.standardError)")
      let patched = try await run(
        "patch", arguments: ["-p1", "-i", "patch"], workingDirectory: folder.path)
      #expect(
        patched.status == 0, "\(patched.standardError) \(String(decoding: diff, as: UTF8.self))")
      #expect(try folder.read("etc/named conf") == file.contents?.bytes)
    }
  }

  @Test("a file that goes is taken away by the patch") func removedFile() async throws {
    try await withTemporaryFolder { folder in
      let path = try folder.write("db", "one\ntwo\n")
      var plan = Plan()
      plan.files = [
        PlannedFile(
          kind: .configuration, path: "/db", before: try FileSnapshot.read(path), edits: [],
          contents: nil)
      ]
      try folder.write("patch", UnifiedDiff.text(of: plan))
      let patched = try await run(
        "patch", arguments: ["-p1", "-i", "patch"], workingDirectory: folder.path)
      #expect(patched.status == 0, "\(patched.standardError)")
      #expect(try folder.names() == ["patch"])
    }
  }

  @Test("a new file is made") func newFile() async throws {
    try await withTemporaryFolder { folder in
      var plan = Plan()
      plan.files = [
        PlannedFile(
          kind: .configuration, path: "/etc/db.new", before: nil, edits: [],
          contents: FileContents(Array("one\ntwo".utf8)))
      ]
      let diff = String(decoding: UnifiedDiff.text(of: plan), as: UTF8.self)
      #expect(
        diff == """
          --- /dev/null
          +++ b/etc/db.new
          @@ -0,0 +1,2 @@
          +one
          +two
          \\ No newline at end of file

          """)
      try folder.write("patch", diff)
      let patched = try await run(
        "patch", arguments: ["-p1", "-i", "patch"], workingDirectory: folder.path)
      #expect(patched.status == 0, "\(patched.standardOutput)")
      #expect(try folder.text("etc/db.new") == "one\ntwo")
    }
  }

  /// Lines that are numbers, some of them changed, at a path.
  private func diff(
    of count: Int, changing lines: [Int], at path: FilePath = "/etc/a"
  ) async throws -> String {
    let texts = (1...count).map { "\($0)\n" }
    var edits: [TextEdit] = []
    var offset = 0
    for (index, text) in texts.enumerated() {
      if lines.contains(index + 1) {
        edits.append(
          TextEdit(range: offset..<(offset + text.utf8.count), replacement: Array("x\n".utf8)))
      }
      offset += text.utf8.count
    }
    return try await withTemporaryFolder { folder in
      let file = try folder.write("file", texts.joined())
      let before = try FileSnapshot.read(file)
      let contents = FileContents(try before.bytes.applying(edits))
      let planned = PlannedFile(
        kind: .configuration, path: path, before: before, edits: edits, contents: contents)
      return String(decoding: UnifiedDiff.diff(of: planned), as: UTF8.self)
    }
  }

  @Test("a line is changed → three lines of context, and fewer at the ends of the file")
  func context() async throws {
    #expect(
      try await diff(of: 9, changing: [5]) == """
        --- a/etc/a
        +++ b/etc/a
        @@ -2,7 +2,7 @@
         2
         3
         4
        -5
        +x
         6
         7
         8

        """)
    #expect(try await diff(of: 9, changing: [1]).contains("@@ -1,4 +1,4 @@\n-1\n+x\n 2\n"))
    #expect(try await diff(of: 9, changing: [9]).hasSuffix("@@ -6,4 +6,4 @@\n 6\n 7\n 8\n-9\n+x\n"))
    #expect(try await diff(of: 9, changing: []) == "")
  }

  @Test("six lines between two changes → one hunk, seven → two")
  func hunks() async throws {
    for (second, hunks) in [(9, 1), (10, 1), (11, 2), (12, 2)] {
      let text = try await diff(of: 20, changing: [3, second])
      #expect(text.split(separator: "@@ -").count == hunks + 1, "\(text)")
    }
  }

  @Test(
    "a path with odd bytes → as GNU patch and git take it",
    arguments: [
      ("/etc/a b", "a/etc/a b\t"), ("/etc/a\"b", #""a/etc/a\"b""#), ("/etc/a\\b", #""a/etc/a\\b""#),
      ("/etc/a\tb", #""a/etc/a\011b""#), ("/etc/é", #""a/etc/\303\251""#), ("/etc/~", "a/etc/~"),
      ("/etc/\u{7f}", #""a/etc/\177""#),
      (FilePath(bytes: Array("/etc/caf".utf8) + [0xE9]), #""a/etc/caf\351""#),
    ] as [(FilePath, String)])
  func paths(path: FilePath, name: String) async throws {
    let text = try await diff(of: 1, changing: [1], at: path)
    #expect(text.hasPrefix("--- \(name)\n+++ "), "\(text)")
  }

  // MARK: Secrets

  /// A file of numbered lines, in place of some of which secrets stand; the other lines given are changed.
  private func secretDiff(
    of count: Int, secrets: Set<Int>, changing lines: [Int], kind: PlannedFile.Kind = .configuration
  ) throws -> (before: String, after: String, diff: String) {
    var (before, after, edits) = ("", "", [TextEdit]())
    for line in 1...count {
      let text = secrets.contains(line) ? "secret \"S\(line)\";\n" : "\(line)\n"
      if lines.contains(line) {
        let start = before.utf8.count
        edits.append(
          TextEdit(range: start..<(start + text.utf8.count), replacement: Array("x\ny\n".utf8)))
        after += "x\ny\n"
      } else {
        after += text
      }
      before += text
    }
    let folder = try TemporaryFolder()
    let file = try folder.write("file", before)
    let planned = PlannedFile(
      kind: kind, path: "/etc/a", before: try FileSnapshot.read(file), edits: edits,
      contents: FileContents(Array(after.utf8)))
    return (before, after, String(decoding: UnifiedDiff.diff(of: planned), as: UTF8.self))
  }

  @Test(
    "secrets near a change → in no line of the diff, which patch and git apply take",
    arguments: 0..<60)
  func secrets(seed: UInt64) async throws {
    var random = SeededGenerator(seed: seed)
    let count = Int.random(in: 1...14, using: &random)
    let secrets = Set((1...count).filter { _ in Int.random(in: 0..<4, using: &random) == 0 })
    let lines = (1...count).filter { line in
      !secrets.contains(line) && Int.random(in: 0..<4, using: &random) == 0
    }
    let (before, after, diff) = try secretDiff(of: count, secrets: secrets, changing: lines)
    #expect(!diff.contains("secret"), "\(diff)")
    #expect(diff.isEmpty == lines.isEmpty)
    guard !diff.isEmpty else { return }
    // git takes a hunk without a line behind the change for one at the end of the file.
    let hasContext = lines.allSatisfy { !secrets.contains($0 + 1) }
    for tool in ["patch", "git"] {
      try await withTemporaryFolder { folder in
        try folder.write("etc/a", before)
        try folder.write("diff", diff)
        let arguments =
          tool == "patch"
          ? ["-p1", "-i", "diff"] : ["apply"] + (hasContext ? [] : ["--unidiff-zero"]) + ["diff"]
        let result = try await run(tool, arguments: arguments, workingDirectory: folder.path)
        #expect(
          result.status == 0, "\(tool): \(result.standardOutput)\(result.standardError)\n\(diff)")
        #expect(try folder.text("etc/a") == after, "\(tool): \(diff)")
      }
    }
  }

  @Test("a secret near a change → the context ends before it, on the other side as well")
  func secretContext() throws {
    let diff = try secretDiff(of: 9, secrets: [3], changing: [5]).diff
    #expect(diff.hasSuffix("@@ -4,3 +4,4 @@\n 4\n-5\n+x\n+y\n 6\n"))
    let two = try secretDiff(of: 9, secrets: [5], changing: [3, 7]).diff
    #expect(
      two.hasSuffix(
        "@@ -2,3 +2,4 @@\n 2\n-3\n+x\n+y\n 4\n@@ -6,3 +7,4 @@\n 6\n-7\n+x\n+y\n 8\n"))
    let far = try secretDiff(of: 9, secrets: [1, 9], changing: [5]).diff
    #expect(far.contains("@@ -2,7 +2,8 @@"))
    // A zone may have a name that is so called.
    let zone = try secretDiff(
      of: 9, secrets: [3], changing: [5], kind: .zone(try DomainName("contoso.com"), view: nil))
    #expect(zone.diff.contains("\n secret \"S3\";\n"))
  }

  @Test("a line with a secret changes → told and not shown, and the rest applies")
  func secretChange() async throws {
    let (before, _, diff) = try secretDiff(of: 9, secrets: [2], changing: [2, 7])
    #expect(
      diff.hasPrefix(
        "# /etc/a: line 2 changes too, and is not shown: it holds a secret\n--- a/etc/a\n"))
    #expect(!diff.contains("S2"))
    try await withTemporaryFolder { folder in
      try folder.write("etc/a", before)
      try folder.write("diff", diff)
      let result = try await run(
        "git", arguments: ["apply", "diff"], workingDirectory: folder.path)
      #expect(result.status == 0, "\(result.standardError)")
      #expect(try folder.text("etc/a") == before.replacing("7\n", with: "x\ny\n"))
    }
    let all = try secretDiff(of: 3, secrets: [1, 2], changing: [1, 2]).diff
    #expect(all == "# /etc/a: lines 1 to 2 change too, and are not shown: they hold a secret\n")
  }

  private static func text(using random: inout SeededGenerator) -> [UInt8] {
    let count = Int.random(in: 0...25, using: &random)
    let lines = (0..<count).map { _ in ["a;", "b {", "};", "", "c c"].randomElement(using: &random)
    }
    let text = lines.compactMap(\.self).joined(separator: "\n")
    return Array((Bool.random(using: &random) && count > 0 ? text + "\n" : text).utf8)
  }

  /// Disjoint edits, with insertions at the end among them.
  private static func edits(of base: [UInt8], using random: inout SeededGenerator) -> [TextEdit] {
    var edits: [TextEdit] = []
    var start = 0
    while start < base.count, edits.count < 3 {
      let lower = Int.random(in: start...base.count, using: &random)
      let upper = min(base.count, lower + Int.random(in: 0...9, using: &random))
      let replacement = ["", "x", "x\ny", "\n", "z;\n"].randomElement(using: &random) ?? ""
      edits.append(TextEdit(range: lower..<upper, replacement: Array(replacement.utf8)))
      start = upper + 1
    }
    if Bool.random(using: &random) {
      let end = base.last == UInt8(ascii: "\n") || base.isEmpty ? "new\n" : "\nnew"
      edits.append(TextEdit(range: base.count..<base.count, replacement: Array(end.utf8)))
    }
    return edits
  }
}
