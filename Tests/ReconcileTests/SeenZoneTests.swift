import BINDText
import DNSNames
import SystemPackage
import TestSupport
import Testing

@testable import Reconcile
@testable import ReconcileModel

/// What zonebridge sees of a zone's files, compared with what named makes of them.
///
/// `ZONEBRIDGE_SAMPLES` tells how many zones; each seed is another one.
@Suite(.serialized, .timeLimit(.minutes(60))) struct SeenZoneTests {
  private static let samples = UInt64(ProcessEnvironmentNumber("ZONEBRIDGE_SAMPLES") ?? 150)
  private static let zone = "contoso.com"

  @Test("generated zones of every form → the names, types and serial that named prints")
  func generated() async throws {
    var taken = 0
    for seed in 1...Self.samples where try await compare(ZoneTextGenerator(seed: seed).files, seed)
    {
      taken += 1
    }
    // What named refuses shows nothing.
    #expect(taken > Self.samples / 5, "named takes \(taken) of them")
  }

  /// - Returns: whether named takes the zone.
  private func compare(_ files: [String: String], _ seed: UInt64) async throws -> Bool {
    try await withTemporaryFolder { folder in
      try folder.write("sub/x", "")
      for (name, text) in files {
        try folder.write(name, text.replacing("FOLDER", with: folder.path.string))
      }
      guard let (made, targets) = try await compiled(folder) else { return false }
      let story: Comment = "seed \(seed): \(files)"
      let names = Set(made.keys)
      let zone = try DomainName(Self.zone)
      let text: ZoneText
      do {
        text = try self.text(folder)
      } catch {
        Issue.record(error, story)
        return true
      }
      let below = text.files.flatMap { $0.outline.owners(below: zone, first: .max).first }
      #expect(Set(below).union([zone]) == names, story)
      for name in names {
        let types = text.files.flatMap { $0.outline.records(of: name) }.map(\.type.rawValue)
        #expect(Set(types) == made[name], "\(name), \(story)")
      }
      #expect(text.soa?.record.serial.description == "7", story)
      // What leads to names does so from the origin of its own line.
      for (name, targets) in targets {
        for file in text.files {
          for record in file.outline.records(of: name) where ["NS", "DNAME"].contains(record.type) {
            let target = file.target(of: record)
            #expect(target.map(targets.contains) == true, "\(name), \(story)")
          }
        }
      }

      // The same by one reading that watches some of the names.
      var random = SeededGenerator(seed: seed)
      let watched = names.union(names.compactMap(\.parent)).filter { $0.isBelow(zone) }
        .sorted { "\($0)" < "\($1)" }.shuffled(using: &random).prefix(5)
      let aliases = watched.map { Alias(owner: $0, cluster: "prod") }
      let watching = try self.text(folder, aliases)
      for name in watched {
        let hidden = Set(
          watching.files.flatMap { $0.outline.owners(below: name, first: 10).first })
        let wanted = names.filter { $0.isBelow(name) }
        #expect(hidden == wanted || hidden.count >= 10, "\(name), \(story)")
        let types = watching.files.flatMap { $0.outline.records(of: name) }.map(\.type.rawValue)
        #expect(Set(types) == made[name] ?? [], "\(name), \(story)")
      }
      return true
    }
  }

  private func text(_ folder: TemporaryFolder, _ aliases: [Alias] = []) throws -> ZoneText {
    let tree = ConfigurationTree(directory: folder.path, root: ServerRoot())
    let reader = ZoneTextReader(tree: tree, files: NamedFiles(), aliases: aliases)
    return try reader.text(
      beginningWith: try NamedFiles().read(folder.path.appending("db")),
      origin: DomainName(Self.zone)
    ).get()
  }

  /// The types of each name that named's own reader makes, and where its NS and DNAME records lead; nil where it refuses
  /// the zone.
  private func compiled(
    _ folder: TemporaryFolder
  ) async throws -> (types: [DomainName: Set<String>], targets: [DomainName: Set<DomainName>])? {
    let result = try await run(
      "named-compilezone",
      arguments: [
        "-i", "none", "-k", "ignore", "-n", "ignore", "-r", "ignore", "-f", "text", "-F", "text",
        "-w",
        folder.path.string, "-o", "-", Self.zone, folder.path.appending("db").string,
      ])
    guard result.status == 0 else { return nil }
    var types: [DomainName: Set<String>] = [:]
    var targets: [DomainName: Set<DomainName>] = [:]
    for line in result.standardOutput.split(separator: "\n") {
      let words = line.split { $0 == " " || $0 == "\t" }
      // Blanks in a name are written \032.
      guard words.count > 3, words[2] == "IN" else { continue }
      let name = try DomainName(String(words[0]))
      types[name, default: []].insert(String(words[3]))
      guard words[3] == "NS" || words[3] == "DNAME" else { continue }
      targets[name, default: []].insert(try DomainName(String(words[4])))
    }
    return (types, targets)
  }
}
