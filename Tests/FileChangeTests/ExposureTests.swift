import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import FileChange

/// Who else could write what zonebridge goes by.
@Suite(.timeLimit(.minutes(5))) struct ExposureTests {
  private let folder: TemporaryFolder
  private let root: FilePath

  init() throws {
    folder = try TemporaryFolder()
    root = try Walk.place(of: folder.path).realPath
  }

  private static let isRoot = geteuid() == 0
  private static let needsRoot: Comment = "only root can give files to others"
  private static let stranger = uid_t(4711)

  private func path(_ name: String) -> FilePath { root.pushing(FilePath(name)) }

  private func mode(_ name: String, _ mode: mode_t) throws {
    try #require(unsafe chmod(path(name).string, mode) == 0)
  }

  private func give(_ name: String, to user: uid_t) throws {
    try #require(unsafe lchown(path(name).string, user, user) == 0)
  }

  @Test(
    "given a file's mode → exposed where it lets others write, and only then",
    arguments: [
      (0o600, false), (0o644, false), (0o640, false), (0o755, false), (0o664, true),
      (0o602, true), (0o620, true), (0o666, true),
    ] as [(mode_t, Bool)])
  func modes(mode: mode_t, isExposed: Bool) throws {
    try folder.write("dir/file", "x\n")
    try self.mode("dir/file", mode)
    let exposure = try Exposure.ofFile(path("dir/file"))
    #expect((exposure != nil) == isExposed)
    guard let exposure else { return }
    #expect(exposure.cause.hasPrefix("\(path("dir/file")) can be written by others (mode 0"))
    #expect(exposure.remedy.hasSuffix("chmod go-w \(path("dir/file"))"))
  }

  @Test(
    "given a folder on the way → exposed where others can put another file in it",
    arguments: [
      (0o755, false), (0o700, false), (0o1777, false), (0o1775, false), (0o775, true),
      (0o777, true), (0o757, true),
    ] as [(mode_t, Bool)])
  func folders(mode: mode_t, isExposed: Bool) throws {
    for place in ["dir/file", "dir/inner/file"] {
      try folder.write(place, "x\n")
      try self.mode("dir", mode)
      let exposure = try Exposure.ofFile(path(place))
      #expect((exposure != nil) == isExposed, "\(place)")
      if let exposure {
        #expect(exposure.path == path("dir") && exposure.isFolder)
        #expect(exposure.cause.contains("the folder \(path("dir")) lets others"))
        #expect(exposure.remedy.hasSuffix("chmod go-w \(path("dir"))"))
      }
      try self.mode("dir", 0o755)
    }
  }

  @Test(
    "given a file of somebody else's → exposed, sticky bit or not",
    .enabled(if: isRoot, needsRoot))
  func owners() throws {
    try folder.write("dir/file", "x\n")
    #expect(try Exposure.ofFile(path("dir/file")) == nil)
    try mode("dir", 0o1777)
    #expect(try Exposure.ofFile(path("dir/file")) == nil)
    try give("dir/file", to: Self.stranger)
    let exposure = try #require(try Exposure.ofFile(path("dir/file")))
    #expect(exposure.kind == .foreign(owner: Self.stranger))
    #expect(exposure.path == path("dir/file"))
    #expect(exposure.remedy.hasSuffix("chown root \(path("dir/file"))"))
    // To the user himself it is his.
    #expect(try Exposure.ofFile(path("dir/file"), for: Self.stranger) == nil)
  }

  @Test(
    "given a folder of somebody else's → what he puts there is not believed, nor a link of his",
    .enabled(if: isRoot, needsRoot))
  func foreignFolder() throws {
    try folder.write("dir/file", "x\n")
    try folder.write("root's", "x\n")
    try give("dir", to: Self.stranger)
    #expect(try Exposure.ofFile(path("dir/file")) == nil)
    try makeLink(path("dir/link"), to: path("root's"))
    try give("dir/link", to: Self.stranger)
    #expect(throws: FileChangeError.self) { try Exposure.ofFile(path("dir/link")) }
    // Where something is made and used by its path, he could take it away.
    #expect(throws: FileChangeError.self) {
      try PrivateFolder(at: path("dir")).expectKept()
    }
  }

  @Test(
    "given a file that may be anybody's → exposed all the same where others than he may write",
    .enabled(if: isRoot, needsRoot))
  func foreign() throws {
    try folder.write("dir/file", "x\n")
    try give("dir/file", to: Self.stranger)
    #expect(try Exposure.ofFile(path("dir/file"), mayBeForeign: true) == nil)
    try mode("dir/file", 0o660)
    #expect(
      try Exposure.ofFile(path("dir/file"), mayBeForeign: true)?.kind
        == .writable([.ownerReadWrite, .groupReadWrite]))
  }

  @Test("given an ACL that lets somebody write → exposed, since its mask is in the mode")
  func accessList() async throws {
    let file = try folder.write("dir/file", "x\n")
    // Not every host has the program, and not every file system has them.
    let result = try? await run("setfacl", arguments: ["-m", "u:4711:rw", file.string])
    guard result?.status == 0 else { return }
    #expect(try Exposure.ofFile(path("dir/file")) != nil)
  }

  @Test("given a link → its target is checked, and the path to it")
  func link() throws {
    try folder.write("open/file", "x\n")
    try makeLink(path("link"), to: path("open/file"))
    #expect(try Exposure.ofFile(path("link")) == nil)
    try mode("open", 0o777)
    #expect(try Exposure.ofFile(path("link"))?.path == path("open"))
  }
}
