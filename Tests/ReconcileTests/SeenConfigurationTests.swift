import BINDText
import DNSNames
import SystemPackage
import TestSupport
import Testing

@testable import Reconcile
@testable import ReconcileModel

/// What zonebridge sees of named.conf, compared with what named-checkconf lists and prints.
///
/// `ZONEBRIDGE_SAMPLES` tells how many configurations; each seed is another one.
@Suite(.serialized, .timeLimit(.minutes(60))) struct SeenConfigurationTests {
  private static let samples = UInt64(ProcessEnvironmentNumber("ZONEBRIDGE_SAMPLES") ?? 150)

  @Test("generated trees → the zones and views of named-checkconf -l, and what -p says of each")
  func generated() async throws {
    let taken = try await taken { SettingsGenerator(seed: $0).tree }
    // What named refuses shows nothing.
    #expect(taken > Self.samples / 3, "named takes \(taken) of them")
  }

  @Test(
    "zones by templates, which may be included, include, and stand behind their zones → the same",
    .enabled("this BIND has no templates: they came with 9.21") { try await knowsTemplates() })
  func templates() async throws {
    let taken = try await taken { SettingsGenerator(seed: $0, knowsTemplates: true).tree }
    #expect(taken > Self.samples / 8, "named takes \(taken) of them")
  }

  private static func knowsTemplates() async throws -> Bool {
    try await withTemporaryFolder { folder in
      let path = try folder.write("named.conf", "template \"t\" { type primary; };\n")
      return try await run("named-checkconf", arguments: [path.string]).status == 0
    }
  }

  private func taken(_ tree: (UInt64) -> [String: String]) async throws -> UInt64 {
    var taken: UInt64 = 0
    for seed in 1...Self.samples where try await compare(tree(seed), seed) { taken += 1 }
    return taken
  }

  /// What named lists as it is written.
  private static let types = ["master": "primary", "slave": "secondary"]

  /// - Returns: whether named takes the configuration.
  private func compare(_ files: [String: String], _ seed: UInt64) async throws -> Bool {
    var isTaken = false
    try await withSite(files) { site in
      let conf = site.desired.bind.namedConf
      let listed = try await run(
        "named-checkconf", arguments: ["-l", conf.string], workingDirectory: site.folder.path)
      guard listed.status == 0 else { return }
      isTaken = true
      let story: Comment = "seed \(seed): \(files)"
      let zones: [Zone]
      do {
        let tree = try ConfigurationTreeReader.read(site.desired.bind)
        zones =
          ZoneSelection(
            desired: site.desired, tree: tree, blockIndex: nil, owned: OwnedRecords(),
            reader: site.desired.bind.root.reader
          )
          .zones()
      } catch {
        Issue.record(error, story)
        return
      }
      let lines = listed.standardOutput.split(separator: "\n").filter { !$0.contains(": ") }
      let list = lines.map { line -> String in
        let words = line.split(separator: " ")
        let name = words[0].hasSuffix(".") ? words[0].dropLast() : words[0]
        let type = Self.types[words[3].lowercased()] ?? words[3].lowercased()
        return "\(name) \(words[1].uppercased() == "IN") \(words[2]) \(type)"
      }
      let printed = PrintedConfiguration(try await site.canonical())
      let seen = zones.map { zone in
        "\(zone.name.withoutTrailingDot) \(zone.isInternetClass) \(zone.view ?? "_default") \(zone.clauses.type.map(\.word) ?? "")"
      }
      #expect(seen.sorted() == (list + printed.typedByTemplate).sorted(), story)
      // Of a name that a view has twice, -p does not say which one a setting is of.
      for zone in zones where zones.count(where: { $0.inView == zone.inView }) == 1 {
        let own = printed.settings(of: zone)
        for (what, value) in zone.clauses.settings {
          #expect(own[what] == value, "\(what) of \(zone.title), \(story)")
        }
      }
    }
    return isTaken
  }
}

/// What named-checkconf -p prints, a statement a line, with the braces that it stands in.
private struct PrintedConfiguration {
  private var statements: [(list: [String], words: [String])] = []

  init(_ lines: [String]) {
    var open: [String] = []
    for line in lines {
      let text = line.drop { $0 == "\t" }
      if text.hasSuffix("{") {
        open.append(String(text.dropLast(2)))
      } else if text == "};" {
        open.removeLast()
      } else if text.hasSuffix(";") {
        let words = text.dropLast().split(separator: " ").map { String($0.filter { $0 != "\"" }) }
        statements.append((open, words))
      }
    }
  }

  /// The zones whose type only a template says, in the form of the list: named-checkconf -l leaves them out.
  var typedByTemplate: [String] {
    Set(statements.map(\.list)).compactMap { list in
      let own = statements.filter { $0.list == list }
      guard list.last?.hasPrefix("zone ") == true,
        !own.contains(where: { ["type", "in-view"].contains($0.words[0]) }),
        let template = own.first(where: { $0.words[0] == "template" })?.words[1],
        let type = settings(ofTemplate: template)["type"]
      else { return nil }
      let words = list.map { $0.split(separator: " ").map { $0.filter { $0 != "\"" } } }
      let zone = words[words.count - 1]
      let name = zone[1].hasSuffix(".") ? String(zone[1].dropLast()) : zone[1]
      let view = words.count > 1 ? words[0][1] : "_default"
      let zoneClass = (words.count > 1 ? words[0] : zone).dropFirst(2).first ?? "IN"
      return "\(name) \(zoneClass == "IN") \(view) \(type == "master" ? "primary" : type)"
    }
  }

  private func settings(ofTemplate name: String) -> [String: String] {
    var settings: [String: String] = [:]
    merge(["template \"\(name)\""], isZone: true, into: &settings)
    return settings
  }

  /// By keyword: what the zone says, or its template, or its view, or `options`.
  func settings(of zone: Zone) -> [String: String] {
    let view = zone.view.map { view in
      Set(statements.compactMap { $0.list.first }.filter { $0.hasPrefix("view \"\(view)\"") })
    }
    var settings: [String: String] = [:]
    for list in [view ?? [], ["options"]].map({ $0.map { [$0] } }) + [] {
      for outer in list { merge(outer, isZone: false, into: &settings) }
    }
    let outer: [[String]] = view.map { $0.map { [$0] } } ?? [[]]
    var own: [String: String] = [:]
    let name = zone.name.withoutTrailingDot
    for list in outer {
      for written in Set(
        statements.map(\.list).filter { $0.count > list.count }.map { $0[list.count] })
      where written.hasPrefix("zone \"\(name)\"") || written.hasPrefix("zone \"\(name).\"") {
        merge(list + [written], isZone: true, into: &own)
      }
    }
    if let template = own["template"] {
      own.merge(self.settings(ofTemplate: template)) { own, _ in own }
    }
    return own.merging(settings) { own, _ in own }
  }

  private func merge(_ list: [String], isZone: Bool, into settings: inout [String: String]) {
    for statement in statements {
      if statement.list == list {
        var words = statement.words
        if words[0] == "check-names", !isZone {
          guard words[1] == "primary" || words[1] == "master" else { continue }
          words.remove(at: 1)
        }
        if !isZone, ["file", "type", "journal"].contains(words[0]) { continue }
        if settings[words[0]] == nil {
          settings[words[0]] = words.dropFirst().joined(separator: " ").lowercased()
        }
      } else if statement.list == list + ["allow-update"], settings["allow-update"] == nil {
        settings["allow-update"] =
          ["none", "!any"].contains(statement.words.joined()) ? "no" : "yes"
      }
    }
  }
}

extension ZoneType {
  /// As named-checkconf lists it.
  fileprivate var word: String {
    switch self {
    case .primary: "primary"
    case .secondary: "secondary"
    case .mirror: "mirror"
    case .stub: "stub"
    case .staticStub: "static-stub"
    case .forward: "forward"
    case .hint: "hint"
    case .redirect: "redirect"
    case .delegationOnly: "delegation-only"
    case .inView: "in-view"
    }
  }
}

extension ZoneClauses {
  /// What is compared, in the words of named-checkconf -p.
  fileprivate var settings: [(String, String?)] {
    [
      ("file", file?.description.lowercased()), ("masterfile-format", masterfileFormat),
      ("journal", journal?.description),
      ("dnssec-policy", dnssecPolicy), ("in-view", inView), ("check-names", checks[.names]),
      ("check-integrity", checks[.integrity]),
      ("inline-signing", hasInlineSigning.map { $0 ? "yes" : "no" }),
      ("update-policy", hasUpdatePolicy ? "local" : nil),
      ("allow-update", allowsUpdate.map { $0 ? "yes" : "no" }),
      ("max-zone-ttl", maxZoneTTL.map { $0 == 7200 ? "pt2h" : $0 == .max ? "unlimited" : "\($0)" }),
    ]
  }
}
