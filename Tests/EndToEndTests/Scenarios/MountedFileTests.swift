import Glibc
import SystemPackage
import TestSupport
import Testing

/// A single file that is mounted into a container: nothing can be renamed over it.
@Suite(
  "A file that is a mount point", .serialized, .timeLimit(.minutes(5)),
  .enabled(if: geteuid() == 0, "mounting needs root"))
struct MountedFileTests {
  @Test(
    "named.conf.local or the zone file is mounted → check, diff and the pass say so and how to cure it, and nothing is changed",
    arguments: ["named.conf.local", "db.contoso.com"])
  func mounted(file: String) async throws {
    try await withHost { host in
      let before = try host.files()
      let path = host.named.folder.path.appending(file)
      func mounted(_ arguments: String) async throws -> ProgramResult {
        // Nobody beside the program sees the mount.
        try await run(
          "unshare",
          arguments: [
            "-m", "sh", "-c",
            "mount --bind \(path) \(path) && exec \(try Host.program()) --config \(host.configuration) \(arguments)",
          ])
      }
      let diff = try await mounted("diff")
      #expect(diff.status == 1, "\(diff.standardError)")
      #expect(
        diff.standardOutput.contains("+; BEGIN zonebridge cluster.contoso.com"), "what is due")
      for said in [diff.standardError, try await mounted("run --once").standardError] {
        #expect(said.contains("cannot replace \(path)"), "\(said)")
        #expect(said.contains("mount its directory instead"))
      }
      #expect(try host.files() == before)
      #expect(host.changingCommands() == [])
      let check = try await mounted("check")
      #expect(check.status == 1)
      #expect(check.standardOutput.contains("\(path): it is a mount point itself"))
      #expect(try host.files() == before)
      #expect(try await host.zonebridge("--once").status == 0, "without the mount it goes through")
    }
  }
}
