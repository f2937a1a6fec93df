import Foundation
import SystemPackage
import TestSupport
import Testing

/// Secrets where nobody expects them: beside what is changed, in included files, and in damaged files of the state.
@Suite("Secrets that somebody has left about", .serialized, .timeLimit(.minutes(5)))
struct PlantedSecretTests {
  private static let secret = "VE9QU0VDUkVUVE9QU0VDUkVUVE9QU0VDUkVUVE9QU0U="

  private func expectNone(
    _ site: StaticSite, _ occasion: String, _ commands: [[String]],
    sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    for command in commands {
      let result = try await site.zonebridge(command)
      for text in [result.standardOutput, result.standardError] {
        #expect(
          !text.contains(Self.secret), "\(occasion), \(command): \(text)",
          sourceLocation: sourceLocation)
      }
    }
  }

  /// Every form in which diagnostics are written, and every command that tells of the state.
  private static let commands =
    ["journal", "text", "prefix", "json"].flatMap { format in
      [
        ["diff", "--log-format", format], ["run", "--once", "--log-format", format],
        ["rollback", "--dry-run", "--log-format", format],
      ]
    } + [
      ["diff", "--json"], ["run", "--once", "--json"], ["status"], ["status", "--json"],
      ["check"], ["check", "--json"], ["rollback", "--list"], ["adopt", "--dry-run"],
      ["remove", "--dry-run"],
    ]

  @Test("a key beside what is changed, and in an included file → in no output")
  func includes() async throws {
    try await withTemporaryFolder { folder in
      let site = try StaticSite(folder)
      let key = "key \"transfer\" { algorithm hmac-sha256; secret \"\(Self.secret)\"; };\n"
      try folder.write("bind/keys.conf", key)
      try folder.write(
        "bind/named.conf",
        String(decoding: site.before["named.conf"] ?? [], as: UTF8.self)
          + "include \"\(folder.path)/bind/keys.conf\";\n"
          + key.replacing("transfer", with: "other"))
      try await expectNone(site, "as they are", Self.commands)
      // And where they cannot be read to their end.
      for (name, text) in [
        ("keys.conf", "key \"x\" { secret \"\(Self.secret)\n"),
        ("keys.conf", "secret \(Self.secret) }\n"), ("keys.conf", "\(Self.secret)"),
      ] {
        try folder.write("bind/\(name)", text)
        try await expectNone(site, text, [["diff"], ["run", "--once"], ["check"], ["status"]])
      }
    }
  }

  @Test("each file of the state, damaged and with a secret in it → in no output")
  func state() async throws {
    try await withTemporaryFolder { folder in
      let site = try StaticSite(folder)
      #expect(try await site.pass().status == 0)
      for name in [
        "names", "zones", "clusters", "setbacks", "dynamic-records", "status.json",
        "history/1.json", "history/2.json", "history/pending", "journal", "lock", "unknown",
      ] {
        try folder.write("state/\(name)", "\(Self.secret) \(Self.secret)\n")
        try await expectNone(
          site, name,
          [
            ["diff"], ["status"], ["status", "--json"], ["check"], ["rollback", "--list"],
            ["run", "--once"],
          ])
        if name == "journal" { try? removeFile(folder.path.pushing("state/journal")) }
      }
    }
  }
}
