import Foundation
import SystemPackage
import TestSupport
import Testing

@Suite("A dry run", .serialized, .timeLimit(.minutes(5)))
struct DryRunTests {
  @Test("prints the patch that gives exactly what the pass writes, and touches nothing")
  func patch() async throws {
    try await withHost { host in
      let files = try host.files()
      let preview = try await host.zonebridge("run", "--once", "--dry-run")
      #expect(preview.status == 2, "\(preview.standardError)")
      #expect(preview.standardOutput.contains("\n# rndc reconfig\n"))
      #expect(preview.standardOutput.contains("\n# rndc reload contoso.com\n"))
      #expect(try await host.zonebridge("diff").standardOutput == preview.standardOutput)
      #expect(try host.files() == files)
      #expect(!FileManager.default.fileExists(atPath: host.state.string))
      #expect(host.changingCommands().isEmpty)

      try await withTemporaryFolder { root in
        let folder = root.path.appending(host.named.folder.path.components)
        try FileManager.default.createDirectory(
          atPath: folder.string, withIntermediateDirectories: true)
        let names = ["named.conf", "named.conf.local", "db.contoso.com"]
        for name in names {
          try writeFile(folder.appending(name), try host.named.folder.read(name))
        }
        let check = try await run(
          "git", arguments: ["apply", "--check", "-"], workingDirectory: root.path,
          input: preview.standardOutput)
        #expect(check.status == 0, "\(check.standardError)")
        let patched = try await run(
          "patch", arguments: ["-p1", "-d", root.path.string], input: preview.standardOutput)
        #expect(patched.status == 0, "\(patched.standardOutput)")
        #expect(try await host.zonebridge("--once").status == 0)
        for name in names {
          #expect(try readFile(folder.appending(name)) == host.named.folder.read(name))
        }
      }
      #expect(try await host.zonebridge("diff").status == 0)
    }
  }

  @Test("as JSON") func json() async throws {
    try await withHost { host in
      let result = try await host.zonebridge("diff", "--json")
      #expect(result.status == 2)
      let object = try JSONSerialization.jsonObject(with: Data(result.standardOutput.utf8))
      let report = try #require(object as? [String: Any])
      #expect(report["result"] as? String == "pending")
      #expect((report["commands"] as? [String])?.first == "rndc reconfig")
    }
  }
}
