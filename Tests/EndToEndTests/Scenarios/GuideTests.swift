import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import zonebridge

/// That the documentation tells the truth: what it shows is done, and what it links to is there.
@Suite("documentation", .timeLimit(.minutes(10)))
struct GuideTests {
  private static let root = FilePath(#filePath).removingLastComponent().removingLastComponent()
    .removingLastComponent().removingLastComponent()

  private static let pages: [GuidePage] = {
    let docs = root.appending("docs")
    let names = (try? listFolder(docs)) ?? []
    let paths = names.filter { $0.hasSuffix(".md") }.sorted().map { docs.appending($0) }
    return ([root.appending("README.md")] + paths).compactMap { try? GuidePage($0) }
  }()

  private static func page(_ name: String) throws -> GuidePage {
    try #require(pages.first { $0.name == name })
  }

  /// The commands of the guide, in order, as they stand there, with the outputs that it shows.
  @Test(.enabled("namespaces are root's to make") { try await GuideHosts.areToBeHad() })
  func theGuideIsWhatHappens() async throws {
    var hosts = try GuideHosts()
    let blocks = try Self.page("guide.md").blocks.filter { $0.words["norun"] == nil }
    #expect(blocks.filter { $0.language == "console" }.count > 10)
    for block in blocks { hosts.add(block) }
    for complaint in try await hosts.run() { Issue.record("\(complaint)") }
  }

  /// What is not run is what cannot be: packages, systemd, and another host's shell.
  @Test func whatIsNotRunCannotBe() throws {
    let able = [
      "apt", "cp /usr/share/doc/zonebridge/", "deploy/package", "ssh", "systemctl",
      "zonebridge diff",
    ]
    for block in try Self.page("guide.md").blocks where block.words["norun"] != nil {
      let others = block.lines.filter { line in !able.contains { line.hasPrefix($0) } }
      #expect(others == [], "\(block.place)")
      #expect(block.lines.contains { !$0.hasPrefix("zonebridge") }, "\(block.place)")
    }
  }

  /// What troubleshooting quotes is what the program says, or the system.
  @Test func theMessagesAreThoseOfTheProgram() throws {
    let page = try Self.page("troubleshooting.md")
    // What status puts before a message: the link, and its state.
    let reasons = page.quotes(inTablesOf: "it says").map { quote in
      quote.replacing(#/^(?:(?:DNAME|forward zone|address): broken|not known): /#, with: "")
    }
    #expect(reasons.count > 5)
    let messages = page.quotes(inTablesOf: "the message says")
    #expect(messages.count > 40)
    let quotes = messages + reasons
    let said = try Self.sources()
    let errors: [Errno] = [.noSpace, .notPermitted, .permissionDenied, .readOnlyFileSystem]
    for quote in quotes where !errors.contains(where: { quote == "\($0)" }) {
      for part in quote.split(separator: "…") {
        let words = part.trimmingCharacters(in: .whitespaces)
        let isSaid = said.contains(words)
        #expect(isSaid, "troubleshooting.md has: \(quote)")
      }
    }
  }

  /// The text of the program, with the strings that go over several lines on one.
  private static func sources() throws -> String {
    let folder = root.appending("Sources").string
    var text = ""
    for case let name as String in FileManager.default.enumerator(atPath: folder) ?? .init()
    where name.hasSuffix(".swift") {
      text += String(decoding: try readFile(FilePath("\(folder)/\(name)")), as: UTF8.self)
    }
    return text.replacing(/\\\n */, with: "").replacing(/"\n *\+ "/, with: "")
  }

  @Test func everyConfigurationIsOne() throws {
    let keys = [
      "interval:", "state-directory:", "bind:", "clusters:", "aliases:", "zones:", "metrics:",
    ]
    var count = 0
    for block in Self.pages.flatMap(\.blocks) where block.language == "yaml" {
      guard block.lines.contains(where: { line in keys.contains { line.hasPrefix($0) } }) else {
        continue
      }
      let text = block.text.contains("clusters:") ? block.text : block.text + "clusters: []\n"
      do {
        _ = try Configuration.parse(text, file: "/etc/zonebridge/zonebridge.yaml")
      } catch {
        Issue.record("\(block.place): \(error)")
      }
      count += 1
    }
    #expect(count > 5)
  }

  @Test func everyLinkLeadsSomewhere() throws {
    #expect(Self.pages.count > 8)
    for page in Self.pages {
      let folder = page.name == "README.md" ? Self.root : Self.root.appending("docs")
      for link in page.links {
        let parts = link.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
        let path = parts[0].isEmpty ? FilePath(page.name) : FilePath(String(parts[0]))
        let target = folder.pushing(path).lexicallyNormalized()
        guard (try? target.stat()) != nil else {
          Issue.record("\(page.name) links to \(link)")
          continue
        }
        guard parts.count > 1 else { continue }
        let anchors = try GuidePage(target).anchors
        #expect(anchors.contains(String(parts[1])), "\(page.name) links to \(link)")
      }
    }
  }

  /// The manual page and the reference have the same keys.
  @Test func theReferenceHasEveryKey() throws {
    let manual = String(
      decoding: try readFile(Self.root.appending("docs/man/zonebridge.yaml.5")), as: UTF8.self)
    let keys = Set(
      manual.split(separator: "\n").filter { $0.hasPrefix(".It Ic ") }
        .flatMap { $0.dropFirst(".It Ic ".count).split(separator: " , ").map(String.init) })
    let reference = String(
      decoding: try readFile(Self.root.appending("docs/reference.md")), as: UTF8.self)
    #expect(keys.count > 30)
    #expect(keys.filter { !reference.contains("`\($0)`") } == [])
  }
}
