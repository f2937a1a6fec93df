import Glibc
import SystemPackage
import TestSupport
import Testing

/// File systems that take nothing more.
@Suite(
  "Full and read-only file systems",
  .enabled("only root may mount, and not in every container") { await canMount() },
  .timeLimit(.minutes(10)))
struct DiskTests {
  /// A site whose BIND files are on a file system of their own.
  private func withSite(
    _ options: String, _ body: (StaticSite, FilePath) async throws -> Void
  ) async throws {
    try await withTemporaryFolder { folder in
      try folder.write("bind/first", "")
      let point = folder.path.appending("bind")
      try await mount(["-t", "tmpfs", "-o", options, "tmpfs", point.string])
      do {
        try await body(try StaticSite(folder), point)
      } catch {
        _ = try? await run("umount", arguments: [point.string])
        throw error
      }
      _ = try await run("umount", arguments: [point.string])
    }
  }

  private func mount(_ arguments: [String]) async throws {
    let result = try await run("mount", arguments: arguments)
    try #require(result.status == 0, "\(result.standardError)")
  }

  private func expect(_ site: StaticSite, says words: String) async throws {
    let result = try await site.pass()
    #expect(result.status == 1)
    #expect(result.standardError.contains("nothing was changed"), "\(result.standardError)")
    #expect(result.standardError.contains("\(site.folder.path)/bind/"), "\(result.standardError)")
    #expect(result.standardError.contains(words), "\(result.standardError)")
    #expect(try site.files == site.before)
    #expect(
      try site.folder.names(in: "state").sorted() == [
        "history", "lock", "names", "status.json", "zones",
      ])
    // named-checkzone and its like write elsewhere.
    #expect(try site.folder.names(in: "tmp") == ["keep"])
  }

  private func expectHealed(_ site: StaticSite) async throws {
    let result = try await site.pass()
    #expect(result.status == 0, "\(result.standardError)")
    #expect(try site.folder.text("bind/db.com").contains("DNAME"))
    #expect(try site.folder.names(in: "bind").allSatisfy { !$0.hasPrefix(".") })
  }

  @Test("no block left → 1 with what to do, no file touched, and the next pass heals it")
  func full() async throws {
    try await withSite("size=64k") { site, point in
      let filler = point.appending("filler")
      _ = try await run("dd", arguments: ["if=/dev/zero", "of=\(filler)", "bs=4k"])
      try removeFile(filler)
      _ = try await run("dd", arguments: ["if=/dev/zero", "of=\(filler)", "bs=4k"])
      let before = try site.files
      let result = try await site.pass()
      #expect(result.status == 1)
      #expect(
        result.standardError.contains("No space left on device; make room on the file system"),
        "\(result.standardError)")
      #expect(try site.files == before)
      try removeFile(filler)
      try await expectHealed(site)
    }
  }

  @Test("no inode left → 1 with what to do, no file touched, and the next pass heals it")
  func inodes() async throws {
    // The root of the file system, and the three files.
    try await withSite("nr_inodes=4") { site, point in
      try await expect(site, says: "No space left on device; make room on the file system")
      try await mount(["-o", "remount,nr_inodes=100", point.string])
      try await expectHealed(site)
    }
  }

  @Test("mounted read-only → 1 with what to do, no file touched, and the next pass heals it")
  func readOnly() async throws {
    try await withSite("size=1m") { site, point in
      try await mount(["-o", "remount,ro", point.string])
      try await expect(site, says: "Read-only file system; the file system is mounted read-only")
      try await mount(["-o", "remount,rw", point.string])
      try await expectHealed(site)
    }
  }
}

/// Whether file systems can be mounted here; only root may, and not in every container.
private func canMount() async -> Bool {
  guard geteuid() == 0 else { return false }
  return
    (try? await withTemporaryFolder { folder in
      let path = folder.path.string
      guard try await run("mount", arguments: ["-t", "tmpfs", "tmpfs", path]).status == 0 else {
        return false
      }
      return try await run("umount", arguments: [path]).status == 0
    }) ?? false
}
