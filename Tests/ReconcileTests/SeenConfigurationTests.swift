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
    var taken = 0
    for seed in 1...Self.samples where try await compare(SettingsGenerator(seed: seed).tree, seed) {
      taken += 1
    }
    // What named refuses shows nothing.
    #expect(taken > Self.samples / 3, "named takes \(taken) of them")
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
      let seen = zones.map { zone in
        "\(zone.name.withoutTrailingDot) \(zone.isInternetClass) \(zone.view ?? "_default") \(zone.clauses.type.map(\.word) ?? "")"
      }
      #expect(seen.sorted() == list.sorted(), story)
      let printed = PrintedConfiguration(try await site.canonical())
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

  /// By keyword: what the zone says, or its view, or `options`.
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
