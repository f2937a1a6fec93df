import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import zonebridge

@Suite(.timeLimit(.minutes(2))) struct TextfileTests {
  private let families = [MetricFamily("a", .gauge, "A.").with(1.0)]
  private let text = "# HELP a A.\n# TYPE a gauge\na 1\n"

  @Test func itIsWrittenAnewForEverybodyToRead() async throws {
    try await withTemporaryFolder { folder in
      try folder.write("z.prom", Array("old".utf8), mode: .ownerReadWrite)
      let before = try folder.path.appending("z.prom").stat().inode
      try Textfile.write(families, to: folder.path.appending("z.prom"))
      #expect(try folder.text("z.prom") == text)
      #expect(try folder.names() == ["z.prom"])
      let status = try folder.path.appending("z.prom").stat()
      #expect(status.permissions == [.ownerReadWrite, .groupRead, .otherRead])
      // Another file by a rename: a reader that has the old one open reads it to its end.
      #expect(status.inode != before)
    }
  }

  @Test("A link that waits under the copy's name does not choose what is written.")
  func links() async throws {
    try await withTemporaryFolder { folder in
      let victim = try folder.write("victim", "mine\n")
      try makeLink(folder.path.appending(".z.prom.\(getpid())"), to: victim)
      try Textfile.write(families, to: folder.path.appending("z.prom"))
      #expect(try folder.text("victim") == "mine\n")
      #expect(try folder.text("z.prom") == text)
    }
  }

  @Test(
    "a directory that its owner has made a link to another's → nothing is written there",
    .enabled(if: geteuid() == 0, "only root can give files to others"))
  func linkedDirectory() async throws {
    try await withTemporaryFolder { folder in
      try folder.write("victim/keep", "")
      let link = folder.path.appending("node-exporter")
      try makeLink(link, to: folder.path.appending("victim"))
      try Textfile.write(families, to: link.appending("z.prom"))
      #expect(try folder.names(in: "victim") == ["keep", "z.prom"], "root's link is followed")
      try removeFile(folder.path.pushing("victim/z.prom"))
      #expect(unsafe lchown(link.string, 4711, 4711) == 0)
      let error = #expect(throws: TextfileError.self) {
        try Textfile.write(families, to: link.appending("z.prom"))
      }
      #expect(error?.cause.contains("does not follow the symbolic link") == true)
      #expect(try folder.names(in: "victim") == ["keep"])
    }
  }

  @Test func whatKeepsItFromBeingWrittenIsToldWithTheCure() async throws {
    try await withTemporaryFolder { folder in
      let missing = folder.path.appending("none").appending("z.prom")
      let error = try #require(throws: TextfileError.self) {
        try Textfile.write(families, to: missing)
      }
      #expect(error.code == .noSuchFileOrDirectory)
      #expect("\(error)".contains("--collector.textfile.directory=\(folder.path)/none"))

      try folder.write("d.prom/file", "")
      let directory = folder.path.appending("d.prom")
      #expect(throws: TextfileError.self) { try Textfile.write(families, to: directory) }
      #expect(try folder.names() == ["d.prom"])
    }
  }
}
