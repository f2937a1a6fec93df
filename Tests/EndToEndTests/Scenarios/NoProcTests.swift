import Glibc
import SystemPackage
import TestSupport
import Testing

/// A root in which an image is built: a plain chroot, where Swift itself would have no arguments.
@Suite(
  "A root without /proc and without a network", .serialized, .timeLimit(.minutes(5)),
  .enabled(if: geteuid() == 0, "unmounting needs root"))
struct NoProcTests {
  /// Runs the program in namespaces of its own, with nothing in /proc.
  private func run(_ arguments: [String], of site: StaticSite) async throws -> ProgramResult {
    try await TestSupport.run(
      "unshare",
      arguments: [
        "--mount", "--net", "sh", "-c",
        "while umount --lazy /proc 2>/dev/null; do :; done; [ ! -e /proc/self ] && exec \"$@\"",
        "sh",
        try Host.program().string,
      ] + arguments,
      environment: ["ZONEBRIDGE_CONFIG": site.configuration.string])
  }

  @Test(
    "no /proc → each command is the one that was asked for, what needs threads is refused, and nothing is written",
    arguments: [
      ([], 64, "Name a command"), (["dif"], 64, "Did you mean diff"), (["--help"], 0, ""),
      (["--version"], 0, ""), (["validate"], 0, ""),
      (["--config", "/nonexistent", "validate"], 78, "/nonexistent"),
      (["diff"], 1, "mount -t proc"), (["run", "--once", "--dry-run"], 1, "mount -t proc"),
      (["run", "--once"], 1, "mount -t proc"), (["run"], 1, "mount -t proc"),
      (["remove", "--all"], 1, "mount -t proc"), (["status"], 1, "mount -t proc"),
    ] as [([String], Int32, String)])
  func asked(arguments: [String], status: Int32, said: String) async throws {
    try await withTemporaryFolder { folder in
      let site = try StaticSite(folder)
      let result = try await run(arguments, of: site)
      #expect(result.status == status, "\(result.standardOutput)\(result.standardError)")
      #expect(result.standardError.contains(said), "\(result.standardError)")
      #expect(try site.files == site.before)
      #expect((try? folder.names(in: "state")) == nil, "not even a state directory is made")
    }
  }
}
