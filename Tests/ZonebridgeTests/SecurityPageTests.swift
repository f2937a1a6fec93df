import SystemPackage
import TestSupport
import Testing

/// That docs/security.md claims nothing for which there is no test.
@Suite(.timeLimit(.minutes(2))) struct SecurityPageTests {
  private static let root = FilePath(#filePath).removingLastComponent().removingLastComponent()
    .removingLastComponent()

  private static func text(_ path: String) throws -> String {
    String(decoding: try readFile(root.pushing(FilePath(path))), as: UTF8.self)
  }

  /// Each suite with the functions in its file; several may have one name.
  private static func suites() async throws -> [Substring: Set<Substring>] {
    // grep(1) reads the sources in the time in which a test that is not optimised begins to.
    let found = try await run(
      "grep",
      arguments: [
        "-roE", "--include=*.swift", "(struct [A-Za-z0-9]+Tests|func [A-Za-z0-9]+)",
        "\(root)/Tests",
      ])
    var functions: [Substring: Set<Substring>] = [:]
    var files: [(suite: Substring, file: Substring)] = []
    for line in found.standardOutput.split(separator: "\n") {
      guard let colon = line.firstIndex(of: ":"), let blank = line.lastIndex(of: " ") else {
        continue
      }
      let name = line[line.index(after: blank)...]
      if line[line.index(after: colon)...].hasPrefix("func") {
        functions[line[..<colon], default: []].insert(name)
      } else {
        files.append((name, line[..<colon]))
      }
    }
    return files.reduce(into: [:]) { $0[$1.suite, default: []].formUnion(functions[$1.file] ?? []) }
  }

  @Test("each test that a page names → there is one") func named() async throws {
    let suites = try await Self.suites()
    for page in ["docs/security.md", "docs/design.md", "CONTRIBUTING.md"] {
      let names = try Self.text(page).matches(of: /`([A-Za-z0-9]+Tests)(\.([A-Za-z0-9]+))?`/)
      #expect(names.count > 5)
      for name in names {
        let suite = name.output.1
        // A module's tests as a whole.
        if (try? Self.root.appending("Tests").appending(String(suite)).stat()) != nil { continue }
        let functions = suites[suite]
        #expect(functions != nil, "\(page): \(suite)")
        if let function = name.output.3 {
          #expect(functions?.contains(function) == true, "\(page): \(suite).\(function)")
        }
      }
    }
  }

  @Test("each thing that an adversary cannot do → the test that shows it")
  func shown() throws {
    let section = try #require(
      try Self.text("docs/security.md").split(separator: "## What an attacker could do").last)
    let adversaries = section.split(separator: "\n### ").dropFirst()
    #expect(
      adversaries.compactMap { $0.split(separator: "\n").first } == [
        "A named that was taken over", "A master that lies", "A user of this host",
        "A hostile network", "An operator who is mistaken", "Besides",
      ])
    for adversary in adversaries.dropLast() {
      let rows = adversary.split(separator: "\n").filter { $0.hasPrefix("| ") }.dropFirst()
      #expect(rows.count > 3, "\(adversary.prefix(40))")
      for row in rows { #expect(row.firstMatch(of: /`[A-Za-z]+Tests/) != nil, "\(row)") }
    }
  }
}
