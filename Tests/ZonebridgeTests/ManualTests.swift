import ArgumentParser
import Reconcile
import ReconcileModel
import SystemPackage
import TestSupport
import Testing

@testable import zonebridge

/// That the manual pages and the example have all that there is.
@Suite(.timeLimit(.minutes(2))) struct ManualTests {
  private static let root = FilePath(#filePath).removingLastComponent().removingLastComponent()
    .removingLastComponent()

  private static func text(_ path: String) throws -> String {
    String(decoding: try readFile(root.pushing(FilePath(path))), as: UTF8.self)
  }

  private static func commands(of command: any ParsableCommand.Type) -> [any ParsableCommand.Type] {
    [command] + command.configuration.subcommands.flatMap(commands)
  }

  private static func options(of command: any ParsableCommand.Type) -> Set<String> {
    Set(command.helpMessage(columns: 200).matches(of: /--[a-z][a-z-]*/).map { String($0.output) })
  }

  @Test func everyCommandHasItsPlaceInThePage() throws {
    let page = try Self.text("docs/man/zonebridge.8")
    let names = Self.commands(of: Zonebridge.self).dropFirst().compactMap {
      $0.configuration.commandName
    }
    #expect(names.contains("run"))
    for name in names {
      #expect(page.contains("\n.Op Cm \(name)\n") || page.contains("\n.Cm \(name)\n"), "\(name)")
      #expect(page.contains("\n.It Cm \(name)\n"), "\(name)")
    }
  }

  @Test func everyOptionIsInThePage() throws {
    let page = try Self.text("docs/man/zonebridge.8")
    let items = page.split(separator: "\n").filter { $0.hasPrefix(".It Fl ") }
    let documented = Set(
      items.flatMap { $0.matches(of: /Fl -([a-z-]+)/).map { "--\($0.output.1)" } })
    let options = Set(Self.commands(of: Zonebridge.self).flatMap(Self.options))
    #expect(options.isSuperset(of: ["--config", "--once", "--version"]))
    #expect(options.subtracting(documented) == [])
  }

  @Test func everyExitStatusIsInThePage() throws {
    let page = try Self.text("docs/man/zonebridge.8")
    let statuses = (0...255).compactMap(ExitStatus.init(rawValue:))
    #expect(statuses.count >= 7)
    for status in statuses { #expect(page.contains("\n.It \(status.rawValue)\n"), "\(status)") }
  }

  /// The keys that the reader knows, a section a case: it lists them when it meets one that is none.
  @Test(arguments: [
    ("Top level", "%: 1"),
    ("bind", "bind: { %: 1 }"),
    ("bind.rndc", "bind: { rndc: { %: 1 } }"),
    ("clusters", "clusters: [{ name: a, %: 1 }]"),
    ("clusters.static", "clusters: [{ name: a, static: { %: 1 } }]"),
    (
      "clusters.service-account",
      "clusters: [{ name: a, masters: [https://10.0.0.1], service-account: { %: 1 } }]"
    ),
    ("aliases", "clusters: []\naliases: [{ %: 1 }]"),
    ("zones.NAME", "clusters: []\nzones: { a.example: { %: 1 } }"),
    ("metrics", "clusters: []\nmetrics: { %: 1 }"),
    ("zones.NAME.create", "clusters: []\nzones: { a.example: { create: { %: 1 } } }"),
  ])
  func everyKeyIsInItsSection(of title: String, yaml: String) throws {
    let keys = try Self.knownKeys(in: yaml)
    let page = try Self.text("docs/man/zonebridge.yaml.5")
    let lines = page.split(separator: "\n")
    let start = try #require(lines.firstIndex { $0 == ".Ss \(title)" })
    let items = lines[(start + 1)...].prefix { !$0.hasPrefix(".Ss ") && !$0.hasPrefix(".Sh ") }
      .filter { $0.hasPrefix(".It Ic ") }
      .flatMap { $0.dropFirst(".It Ic ".count).split(separator: " , ").map(String.init) }
    #expect(Set(keys).subtracting(items) == [])
  }

  private static func knownKeys(in yaml: String) throws -> [String] {
    let error = try #require(throws: ConfigurationError.self) {
      try Configuration.parse(
        yaml.replacing("%", with: "qqqqqqqqqqqqqqqqqqqqqqqq"), file: "/z.yaml")
    }
    let list = try #require(error.remedy?.firstMatch(of: /^The keys here are (.+)$/)?.output.1)
    return list.split(separator: ", ").map(String.init)
  }

  /// As it is, and with all that is commented out in it: what begins with # and an even number of blanks.
  @Test(arguments: [false, true])
  func theExampleIsAConfiguration(withAll: Bool) throws {
    let text = try Self.text("deploy/zonebridge.yaml.example")
    let all = text.replacing(/^( *)#((?:  )*[a-z])/.anchorsMatchLineEndings()) {
      "\($0.output.1)\($0.output.2)"
    }
    #expect(all != text)
    let configuration = try Configuration.parse(
      withAll ? all : text, file: "/etc/zonebridge/zonebridge.yaml")
    #expect(configuration.desired.clusters.map(\.name) == ["prod"])
    #expect(configuration.desired.zones.isEmpty == !withAll)
    #expect(configuration.interval == (withAll ? .seconds(60) : .seconds(30)))
  }

  @Test func thePackagesHaveTheProgramsVersion() throws {
    let changelog = try Self.text("deploy/debian/changelog")
    #expect(changelog.hasPrefix("zonebridge (\(Version.current)-"))
    #expect(try Self.text("deploy/rpm/zonebridge.spec").contains("\nVersion: \(Version.current)\n"))
    for page in ["zonebridge.8", "zonebridge.yaml.5"] {
      #expect(try Self.text("docs/man/\(page)").contains("\n.Os zonebridge \(Version.current)\n"))
    }
    // What is not released yet has no version there.
    let changes = try #require(
      try Self.text("CHANGELOG.md").firstMatch(of: /\n## (\S+)/)?.output.1)
    #expect([Version.current, "Unreleased"].contains(String(changes)))
  }
}
