import FileChange
import Glibc
import ReconcileModel
import SystemPackage
import TestSupport
import Testing

@testable import Reconcile

/// What passes that were cut off leave, and what only looks like it.
@Suite("Tidying up the state directory", .timeLimit(.minutes(5)))
struct StateDirectoryTests {
  private let folder: TemporaryFolder
  private let state: StateDirectory

  init() throws {
    folder = try TemporaryFolder()
    state = StateDirectory(folder.path.appending("state"))
    try folder.write("state/names", "x\n")
    try folder.write("victim/precious", "precious\n")
  }

  private func path(_ name: String) -> FilePath { folder.path.pushing(FilePath(name)) }

  private func makePrivate(_ name: String) throws {
    try #require(unsafe chmod(path(name).string, 0o700) == 0)
  }

  @Test("given what a pass left that was cut off → it goes")
  func leftovers() throws {
    try folder.write("state/zonebridge-scratch-0123456789abc/0.candidate", "secret\n")
    try folder.write("state/zonebridge-scratch-0123456789abc/12.candidate", "secret\n")
    try folder.write("state/zonebridge-scratch-0000000000000/0.candidate", "secret\n")
    for name in try folder.names(in: "state") where name != "names" {
      try makePrivate("state/\(name)")
    }
    for name in ["status.json", "clusters", "names", "zones", "setbacks", "dynamic-records"] {
      try folder.write("state/.\(name).zonebridge-0a1b", "half\n")
    }
    try state.tidyUp()
    #expect(try folder.names(in: "state") == ["names"])
  }

  @Test(
    "given folders of an operator's whose names begin as ours do → nothing in them is touched",
    arguments: [
      "zonebridge-backup", "zonebridge-x", "zonebridge-scratch-", "zonebridge-scratch-backup",
      "zonebridge-scratch-0123456789abcd", "zonebridge-scratch-0123456789ABC",
      "zonebridge-scratch-0123456789ab.", "zonebridge-123456",
    ])
  func foreignFolders(name: String) throws {
    for file in ["0.candidate", "prod.yaml"] { try folder.write("state/\(name)/\(file)", "x\n") }
    try makePrivate("state/\(name)")
    try state.tidyUp()
    try removeFile(path("state/\(name)/prod.yaml"))
    try state.tidyUp()
    #expect(try folder.names(in: "state/\(name)") == ["0.candidate"])
  }

  @Test("given our name on a link, or on a folder with more in it → nothing is touched")
  func planted() throws {
    try makePrivate("victim")
    try folder.write("victim/0.candidate", "x\n")
    try removeFile(path("victim/precious"))
    let name = "zonebridge-scratch-0123456789abc"
    try makeLink(path("state/\(name)"), to: path("victim"))
    try state.tidyUp()
    #expect(try folder.names(in: "victim") == ["0.candidate"])
    #expect(try folder.names(in: "state") == ["names", name])

    try removeFile(path("state/\(name)"))
    for file in ["0.candidate", "x.candidate"] { try folder.write("state/\(name)/\(file)", "x\n") }
    try makePrivate("state/\(name)")
    try state.tidyUp()
    #expect(try folder.names(in: "state/\(name)") == ["0.candidate", "x.candidate"])
  }

  @Test(
    "given a directory that is held, and another in its place → all goes on in the one that is held"
  )
  func held() async throws {
    let lock = try await PassLock.acquire(in: state.path, waiting: .zero)
    let held = StateDirectory(lock.folder)
    try folder.write("state/.clusters.zonebridge-0a1b", "half\n")
    try BlockIndex(zones: []).write(in: held)
    try #require(unsafe rename(state.path.string, path("moved").string) == 0)
    for name in ["names", "zones", "history/7.json", ".clusters.zonebridge-0a1b"] {
      try folder.write("state/\(name)", "another's\n")
    }
    let before = try folder.names(in: "state")
    #expect(BlockIndex.read(in: held) == BlockIndex(zones: []))
    try OwnedRecords().write(in: held)
    try ClusterMemories().write(in: held, over: ClusterMemories())
    let change = ChangeSet([
      FileReplacement(
        creating: path("new"), metadata: FileMetadata(owner: 0, group: 0, mode: .ownerReadWrite),
        contents: Array("new\n".utf8))
    ])
    _ = try change.apply(journal: held.journal) { () throws(FileChangeError) in
      #expect((try? folder.names(in: "moved").contains("journal")) == true)
    }
    #expect(try held.journal.recover() == .nothing)
    #expect(ChangeHistory(in: held).numbers == [])
    try held.tidyUp()
    #expect(try folder.names(in: "state") == before)
    #expect(try folder.text("state/zones") == "another's\n")
    #expect(try folder.names(in: "moved") == ["dynamic-records", "lock", "names", "zones"])
  }

  @Test("given a scratch folder → nobody else may look into it, and it goes with its value")
  func scratch() throws {
    let directory = state.path
    func use() throws {
      let scratch = try ScratchFolder(in: try PrivateFolder(at: directory))
      let file = try scratch.write(FileContents(Array("secret\n".utf8)))
      let made = file.removingLastComponent()
      #expect(made.removingLastComponent() == directory)
      #expect(try made.stat().permissions == [.ownerReadWriteExecute])
      #expect(try file.stat().permissions == [.ownerReadWrite])
      try folder.write("reserved", "x\n")
      #expect(
        unsafe rename(path("reserved").string, scratch.reserve().string) == 0, "as a checker does")
    }
    try use()
    #expect(try folder.names(in: "state") == ["names"])
  }

  @Test("given a place for it where others can put what they like → it is made in the usual one")
  func exposedScratch() throws {
    try #require(unsafe chmod(path("victim").string, 0o777) == 0)
    let scratch = try ScratchFolder(in: try PrivateFolder(at: path("victim")))
    let file = try scratch.write(FileContents(Array("secret\n".utf8)))
    #expect(file.removingLastComponent().removingLastComponent() != path("victim"))
    #expect(try folder.names(in: "victim") == ["precious"])
    try #require(unsafe chmod(path("victim").string, 0o1777) == 0)
    let other = try ScratchFolder(in: try PrivateFolder(at: path("victim")))
    #expect(other.reserve().removingLastComponent().removingLastComponent() == path("victim"))
  }
}
