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
  private static func suites() throws -> [String: Set<String>] {
    var suites: [String: Set<String>] = [:]
    for file in try files(below: root.appending("Tests")) {
      let text = String(decoding: try readFile(file), as: UTF8.self)
      let functions = text.matches(of: /func ([A-Za-z0-9]+)\(/).map { String($0.output.1) }
      for suite in text.matches(of: /struct ([A-Za-z0-9]+Tests)\b/) {
        suites[String(suite.output.1), default: []].formUnion(functions)
      }
    }
    return suites
  }

  private static func files(below folder: FilePath) throws -> [FilePath] {
    try listFolder(folder).flatMap { name in
      let path = folder.appending(name)
      let type = try path.stat(followTargetSymlink: false).type
      if type == .directory { return try files(below: path) }
      return path.extension == "swift" ? [path] : []
    }
  }

  @Test(
    "each test that a page names → there is one",
    arguments: ["docs/security.md", "docs/design.md", "CONTRIBUTING.md"])
  func named(page: String) throws {
    let suites = try Self.suites()
    let names = try Self.text(page).matches(of: /`([A-Za-z0-9]+Tests)(\.([A-Za-z0-9]+))?`/)
    #expect(names.count > 5)
    for name in names {
      let suite = String(name.output.1)
      // A module's tests as a whole.
      if (try? Self.root.appending("Tests").appending(suite).stat()) != nil { continue }
      let functions = suites[suite]
      #expect(functions != nil, "\(suite)")
      if let function = name.output.3 {
        #expect(functions?.contains(String(function)) == true, "\(suite).\(function)")
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
