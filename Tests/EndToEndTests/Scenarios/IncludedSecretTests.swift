import Glibc
import SystemPackage
import TestSupport
import Testing

/// Files that only root may read, named in files that others may write.
@Suite("Secrets in included files", .serialized, .timeLimit(.minutes(5)))
struct IncludedSecretTests {
  private static let isRoot = geteuid() == 0
  private static let needsRoot: Comment = "only root reads what named's user may not"
  private static let secret = "hunter2secret"

  private func zonebridge(_ host: Host, _ arguments: [String]) async throws {
    let result = try await host.zonebridge(arguments)
    for text in [result.standardOutput, result.standardError] {
      #expect(!text.contains(Self.secret), "\(arguments): \(text)")
    }
  }

  @Test(
    "a token of root's, included by a file of named's user → in nothing that is printed, kept or told",
    .enabled(if: isRoot, needsRoot),
    arguments: ["db.contoso.com", "named.conf.local"],
    [
      "eyJhbGciOiJIUzI1NiJ9.\(secret)", "x \(secret) IN A 192.0.2.1\n",
      "key \"k\" { secret \"\(secret)", "\(secret) x;\n",
    ])
  func token(file: String, text: String) async throws {
    try await withHost { host in
      let vault = try TemporaryFolder()
      let path = try vault.write("token", Array(text.utf8), mode: [.ownerReadWrite])
      let line = file.hasPrefix("db") ? "$INCLUDE \(path)\n" : "include \"\(path)\";\n"
      let before = try host.text(file)
      try host.named.write(file, before + line)
      try await host.rest(file)
      let agent = try host.start()
      try await eventually("the agent says why it does nothing") {
        try host.text("agent.log").contains("may not read \(path)")
      }
      try await zonebridge(host, ["status"])
      try await zonebridge(host, ["status", "--json"])
      try await agent.stop()
      for command in [
        ["diff"], ["diff", "--json"], ["run", "--once"], ["run", "--once", "--log-format", "json"],
        ["status", "--json"], ["check"], ["check", "--json"], ["remove", "--all"],
      ] {
        try await zonebridge(host, command)
      }
      #expect(try host.text(file) == before + line)
      try host.expectNone(of: [Self.secret])
    }
  }
}
