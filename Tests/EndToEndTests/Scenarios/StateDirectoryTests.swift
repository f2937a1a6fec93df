import FileChange
import Glibc
import SystemPackage
import TestSupport
import Testing

/// Each command, in a state directory that another user has, or could have, written to.
@Suite(
  "A state directory of somebody else's", .timeLimit(.minutes(5)),
  .enabled(if: geteuid() == 0, "only root can give files to others"))
struct StateDirectoryTests {
  private static let passes = [
    ["run", "--once"], ["adopt"], ["remove", "--all"], ["rollback"], ["run"],
  ]
  private static let previews = [
    ["diff"], ["adopt", "--dry-run"], ["remove", "--all", "--dry-run"], ["rollback", "--dry-run"],
    ["rollback", "--list"], ["status"],
  ]

  /// A site after its first pass, which as root has changed something that can be put back.
  private func withSite(_ body: (StaticSite) async throws -> Void) async throws {
    try await withTemporaryFolder { folder in
      let site = try StaticSite(folder)
      #expect(try await site.pass().status == 0)
      try await body(try site.asItIs())
    }
  }

  private func give(_ site: StaticSite, _ user: String) async throws {
    let state = site.folder.path.appending("state").string
    #expect(try await run("chown", arguments: ["-R", user, state]).status == 0)
  }

  private func remedies(_ site: StaticSite, _ command: [String]) async throws -> String {
    let before = try site.folder.names(in: "state") + site.folder.names(in: "state/history")
    let result = try await site.zonebridge(command)
    #expect(result.status == 1, "\(command): \(result.standardError)")
    let errors = result.standardError.split(separator: "\n").filter { $0.contains("error: ") }
    #expect(errors.count == 1, "\(result.standardError)")
    #expect(try site.files == site.before, "\(command)")
    #expect(
      try site.folder.names(in: "state") + site.folder.names(in: "state/history") == before,
      "\(command)")
    return result.standardError
  }

  @Test("given another user's → root makes no pass, and may look; as that user it goes on")
  func foreign() async throws {
    try await withSite { site in
      try await give(site, "nobody")
      for command in Self.passes {
        let text = try await remedies(site, command)
        #expect(text.contains("belongs to nobody, and this is root"), "\(command)")
        #expect(text.contains("runuser -u nobody -- zonebridge"), "\(command)")
      }
      for command in Self.previews {
        let result = try await site.zonebridge(command)
        #expect(!result.standardError.contains("belongs to"), "\(command)")
        #expect(result.status == 0 || result.status == 2, "\(command): \(result.standardError)")
      }
      // The user alone may not write BIND's files; with the unit's capabilities he may, as the manual says.
      let program = site.folder.path.appending("program")
      try writeFile(
        program, try readFile(try Host.program()),
        mode: [.ownerReadWriteExecute, .groupReadExecute, .otherReadExecute])
      let rights = "-all,+chown,+dac_override,+fowner"
      let removed = try await run(
        "setpriv",
        arguments: [
          "--reuid=nobody", "--regid=nogroup", "--init-groups", "--inh-caps=\(rights)",
          "--ambient-caps=\(rights)", program.string, "--config", site.configuration.string,
          "remove", "--all",
        ])
      #expect(removed.status == 0, "\(removed.standardError)")
      #expect(!(try site.folder.text("bind/db.com")).contains("DNAME"))
    }
  }

  @Test(
    "given one that others may write to → neither a pass nor a preview goes by it",
    arguments: ["state", "state/history", "state/history/1.json", "state/names"])
  func writable(name: String) async throws {
    try await withSite { site in
      let path = site.folder.path.pushing(FilePath(name)).string
      #expect(unsafe chmod(path, 0o777) == 0)
      for command in Self.passes + Self.previews where command != ["status"] {
        let text = try await remedies(site, command)
        #expect(text.contains("chmod go-w \(path)"), "\(command): \(text)")
      }
      for command in ["check", "status"] {
        let result = try await site.zonebridge([command, "--json"])
        #expect(result.status == 1, "\(command)")
        #expect(result.standardOutput.contains("chmod go-w \(path)"), "\(command)")
      }
    }
  }

  @Test("given a journal that another user has planted → root removes nothing by it")
  func planted() async throws {
    try await withSite { site in
      let victim = try site.folder.write("victim/precious", "precious\n")
      let old = FileIdentity(try victim.stat())
      try site.folder.write(
        "state/journal",
        """
        # zonebridge is changing these files; the next pass ends what was cut off.
        remove \(victim) \(victim.removingLastComponent())/.precious.zonebridge-1 \
        \(old.device) \(old.inode) \(old.size) \(old.modified.seconds) \(old.modified.nanoseconds)
        end
        staged -

        """)
      try await give(site, "nobody")
      for command in Self.passes {
        _ = try await remedies(site, command)
        #expect(try site.folder.text("victim/precious") == "precious\n", "\(command)")
      }
    }
  }
}
