import DCOSSimulator
import SystemPackage
import TestSupport
import Testing

/// What goes wrong on top of something that went wrong.
@Suite("One thing after the other", .serialized, .timeLimit(.minutes(5)))
struct CombinationTests {
  @Test("a change that was reverted, then rollback → it reverts the one before, which was made")
  func rollbackAfterPutBack() async throws {
    try await withHost { host in
      let local = try host.text("named.conf.local")
      #expect(try await host.zonebridge("--once").status == 0)
      let first = try host.text("named.conf.local")
      try await host.configure(cluster: ["forwarders: [127.0.20.99]"])
      let failed = try await host.zonebridge("--once", "--accept", "prod")
      #expect(failed.status == 1, "\(failed.standardError)")
      #expect(failed.standardError.contains("so it was reverted"), "\(failed.standardError)")
      #expect(try host.text("named.conf.local") == first)
      let list = try await host.zonebridge("rollback", "--list")
      #expect(
        list.standardOutput.split(separator: "\n").count == 1, "what was put back is none of them")
      let back = try await host.zonebridge("rollback")
      #expect(back.status == 0, "\(back.standardError)")
      #expect(try host.text("named.conf.local") == local)
      #expect(try !host.text("db.contoso.com").contains("DNAME"))
      #expect(
        try await host.zonebridge("rollback", "--last", "2").status == 0,
        "and that is a change, too")
      #expect(try await host.zonebridge("rollback", "--last", "9").status == 1)
    }
  }
}

extension CutOffTests {
  @Test(
    "killed at any rename around an UPDATE → the next pass heals, and knows whose the record is")
  func dynamicZone() async throws {
    let setup = NamedSetup(
      local: """
        zone "contoso.com" { type primary; file "db.contoso.com"; update-policy local; };

        """,
      files: ["db.contoso.com": Host.zone])
    try await withHost(setup) { host in
      let folder = host.named.folder.path
      func target() async throws -> String {
        try await host.named.dig("+short", "cluster.contoso.com", "DNAME")
      }
      var killed: [Int] = []
      // Once at least behind the UPDATE, when there is a record that nobody has spoken of since.
      var isServed: [Bool] = []
      for number in 1... {
        _ = try await run(
          "taskset",
          arguments: [
            "-c", "0", "strace", "-f", "-qq", "-o", "\(folder)/trace", "-e", "trace=renameat2",
            "-e",
            "inject=renameat2:signal=SIGKILL:when=\(number)", try Host.program().string,
            "--config", host.configuration.string, "--once",
          ])
        let wasKilled = try host.text("trace").contains("SIGKILL")
        if wasKilled {
          killed.append(number)
          isServed.append(try await !target().isEmpty)
        }
        let healed = try await host.zonebridge("--once")
        #expect(healed.status == 0, "\(number): \(healed.standardError)\(healed.standardOutput)")
        #expect(try await target().contains("dcos.directory."), "\(number)")
        #expect(try await host.answer("www.contoso.com") == ["192.0.2.80"])
        let removed = try await host.zonebridge("remove", "--all")
        #expect(removed.status == 0, "\(number): \(removed.standardError)")
        #expect(try await target() == "", "\(number): it is known whose it is")
        if !wasKilled { break }
      }
      #expect(killed.count >= 4, "\(killed)")
      #expect(isServed.contains(true) && isServed.contains(false), "\(isServed)")
    }
  }
}
