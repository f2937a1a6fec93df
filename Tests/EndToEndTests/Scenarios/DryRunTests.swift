import Foundation
import SystemPackage
import TestSupport
import Testing

@Suite("A dry run", .serialized, .timeLimit(.minutes(5)))
struct DryRunTests {
  @Test(
    "TMPDIR is empty or relative → it does not count, and the zone's file is not called missing")
  func relativeTemporaryFolder() async throws {
    try await withHost { host in
      for folder in ["", "."] {
        let preview = try await host.zonebridge("diff", environment: ["TMPDIR": folder])
        #expect(preview.status == 2, "\(preview.standardError)")
      }
    }
  }

  @Test("prints the patch that gives exactly what the pass writes, and touches nothing")
  func patch() async throws {
    try await withHost { host in
      let files = try host.files()
      let preview = try await host.zonebridge("run", "--once", "--dry-run")
      #expect(preview.status == 2, "\(preview.standardError)")
      #expect(preview.standardOutput.hasPrefix("# pending: +1 cluster, +1 alias"))
      #expect(preview.standardOutput.contains("\n# cluster prod: new\n"))
      #expect(
        preview.standardOutput.hasSuffix(
          "\n# apply this with: zonebridge run --once --config \(host.configuration)\n"))
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

  @Test(
    "named is down, or does not know the key → told, with the status that the pass would have, and nothing changed"
  )
  func preconditions() async throws {
    try await withHost { host in
      let wrong = try host.named.folder.write(
        "wrong.conf",
        try host.text("rndc.conf").replacing(
          "include \"\(host.named.folder.path)/rndc.key\";",
          with: "key \"zonebridge-test\" { algorithm hmac-sha256; secret \"d3Jvbmc=\"; };"))
      try await host.configure(rndc: wrong)
      let files = try host.files()
      let refused = try await host.zonebridge("diff")
      #expect(refused.status == 1 && refused.standardOutput.contains("+++ b/"))
      #expect(
        refused.standardError.contains(
          "named: failed: a pass could not reach named's control channel, and would change nothing: "
        ),
        "\(refused.standardError)")
      #expect(try await host.zonebridge("--once").status == 1)
      #expect(try host.files() == files)

      try await host.configure()
      let second = host.named.folder.path.appending("second")
      try FileManager.default.linkItem(
        atPath: host.named.folder.path.appending("db.contoso.com").string, toPath: second.string)
      let linked = try await host.zonebridge("diff")
      #expect(linked.status == 1 && linked.standardError.contains("hard links"), "\(linked)")
      try removeFile(second)

      try await host.named.stop()
      let down = try await host.zonebridge("--once", "--dry-run")
      #expect(down.status == 1, "\(down)")
      #expect(down.standardError.contains("A pass would change the files all the same"), "\(down)")
      #expect(try host.files() == files)
    }
  }

  @Test("named is down, and all that is due is held → held, and named is mentioned")
  func heldWhileDown() async throws {
    try await withHost { host in
      let zone = try host.text("db.contoso.com")
      try host.named.folder.write("db.contoso.com", zone + "below.cluster A 192.0.2.1\n")
      try await host.configure()
      try await host.named.stop()
      let held = try await host.zonebridge("diff")
      #expect(held.status == 3 && held.standardError.contains("named is not running"), "\(held)")
      #expect(held.standardOutput.isEmpty, "\(held)")
    }
  }
}
