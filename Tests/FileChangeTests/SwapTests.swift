import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import FileChange

/// What somebody who may write to a file's folder puts in the way, between one step of a change and the next.
@Suite(.timeLimit(.minutes(5))) struct SwapTests {
  private let folder: TemporaryFolder
  private let path: FilePath
  private let owner = uid_t(4711)
  private let before: FileSnapshot

  init() throws {
    folder = try TemporaryFolder()
    path = try folder.write("his/db", "old\n")
    try folder.write("victim/db", "old\n")
    if geteuid() == 0 {
      for name in ["his", "his/db"] {
        try #require(unsafe lchown(folder.path.appending(name).string, owner, owner) == 0)
      }
    }
    before = try FileSnapshot.read(path)
  }

  private func staged() throws -> StagedReplacement {
    let file = try StagedReplacement(FileReplacement(replacing: before, with: Array("new\n".utf8)))
    try file.stage()
    return file
  }

  private func file(_ name: String) -> FilePath { folder.path.appending(name) }

  private func rename(_ name: String, to other: String) throws {
    try #require(unsafe Glibc.rename(file(name).string, file(other).string) == 0)
  }

  private func link(_ name: String, to target: String) throws {
    try makeLink(file(name), to: FilePath(target))
    if geteuid() == 0 { try #require(unsafe lchown(file(name).string, owner, owner) == 0) }
  }

  private func expectVictim(sourceLocation: SourceLocation = #_sourceLocation) throws {
    #expect(try folder.names(in: "victim") == ["db"], sourceLocation: sourceLocation)
    #expect(try folder.text("victim/db") == "old\n", sourceLocation: sourceLocation)
    let status = try file("victim/db").stat()
    #expect(status.userID.rawValue == geteuid(), sourceLocation: sourceLocation)
  }

  // MARK: The folder

  @Test(
    "given a folder that is a link by now → nothing is done where it leads to",
    .enabled(if: geteuid() == 0, "only root can give files to others"))
  func linkedFolder() throws {
    try rename("his", to: "moved")
    try link("his", to: "victim")
    #expect(throws: FileChangeError.strangeLink(path, link: file("his"))) { _ = try staged() }
    try expectVictim()
    #expect(try folder.names(in: "moved") == ["db"])
  }

  @Test("given another folder of that name by now → nothing is done in either")
  func anotherFolder() throws {
    try rename("his", to: "moved")
    // A file of the same state, even.
    try #require(unsafe mkdir(file("his").string, 0o755) == 0)
    try rename("moved/db", to: "his/db")
    #expect(throws: FileChangeError.changedMeanwhile(path)) { _ = try staged() }
    #expect(try folder.names(in: "moved").isEmpty)
    #expect(try folder.names(in: "his") == ["db"])
  }

  @Test("given a folder that is a link from the first step on → all is done in the folder itself")
  func linkedAfterwards() throws {
    let file = try StagedReplacement(FileReplacement(replacing: before, with: Array("new\n".utf8)))
    try rename("his", to: "moved")
    try link("his", to: "victim")
    try file.stage()
    try expectVictim()
    #expect(throws: FileChangeError.self) { try file.checkTargetIsUnchanged() }
    _ = try file.goForward()
    #expect(try folder.text("moved/db") == "new\n")
    try file.swap.goBack()
    _ = try file.swap.removeCompanion()
    #expect(try folder.names(in: "moved") == ["db"])
    #expect(try folder.text("moved/db") == "old\n")
    try expectVictim()
  }

  @Test("given a folder that is another when a file is to be made in it → it is made in neither")
  func madeElsewhere() throws {
    let neighbour = try #require(FileNeighbour(of: path))
    let change = FileReplacement(
      creating: file("his/made"), beside: neighbour, contents: FileContents(Array("new\n".utf8)))
    _ = try StagedReplacement(change)
    try rename("his", to: "moved")
    try rename("victim", to: "his")
    #expect(throws: FileChangeError.changedMeanwhile(file("his/made"))) {
      _ = try ChangeSet([change]).apply()
    }
    #expect(try folder.names(in: "his") == ["db"])
    #expect(try folder.names(in: "moved") == ["db"])
  }

  // MARK: The copy

  enum Decoy: CaseIterable { case nothing, file, link, folder, hardLink }

  private func put(_ decoy: Decoy, at name: String) throws {
    try rename(name, to: "his/taken")
    switch decoy {
    case .nothing: break
    case .file: try folder.write(name, "decoy\n")
    case .link: try link(name, to: "../victim/db")
    case .folder: try #require(unsafe mkdir(file(name).string, 0o755) == 0)
    case .hardLink:
      try #require(unsafe Glibc.link(file("victim/db").string, file(name).string) == 0)
    }
  }

  @Test(
    "given something else in the place of the new copy → the file is not touched, nor the other removed",
    arguments: Decoy.allCases)
  func replacedCopy(decoy: Decoy) throws {
    let staged = try staged()
    let companion = "his/\(staged.swap.companion)"
    try put(decoy, at: companion)
    #expect(throws: FileChangeError.copyReplaced(path)) { _ = try staged.goForward() }
    #expect(try staged.swap.removeCompanion() == nil)
    #expect(try folder.text("his/db") == "old\n")
    let names = try folder.names(in: "his")
    #expect(names.contains("\(staged.swap.companion)") == (decoy != .nothing))
    try expectVictim()
    #expect(FileChangeError.copyReplaced(path).description.contains("replaced the new copy"))
  }

  @Test(
    "given something else in the file's place when it is swapped → it is there again",
    arguments: Decoy.allCases)
  func replacedTarget(decoy: Decoy) throws {
    let staged = try staged()
    try put(decoy, at: "his/db")
    let there = try? file("his/db").stat(followTargetSymlink: false)
    #expect(throws: FileChangeError.self) { _ = try staged.goForward() }
    let now = try? file("his/db").stat(followTargetSymlink: false)
    #expect(there.map(NodeID.init) == now.map(NodeID.init))
    _ = try staged.swap.removeCompanion()
    #expect(Set(try folder.names(in: "his")) == (decoy == .nothing ? ["taken"] : ["db", "taken"]))
    try expectVictim()
  }

  @Test(
    "given something else in the file's place once it is swapped → theirs stays when all is reverted",
    arguments: [Decoy.file, .link, .folder])
  func replacedAfterwards(decoy: Decoy) throws {
    let staged = try staged()
    _ = try staged.goForward()
    try put(decoy, at: "his/db")
    let there = NodeID(try file("his/db").stat(followTargetSymlink: false))
    #expect(throws: FileChangeError.changedMeanwhile(path)) { try staged.swap.goBack() }
    #expect(NodeID(try file("his/db").stat(followTargetSymlink: false)) == there)
    #expect(try folder.text("his/\(staged.swap.companion)") == "old\n")
    try expectVictim()
  }

  /// The copy's inode could be given to a file of his as soon as nobody holds it.
  @Test("given a copy that is removed while it is held → its inode is nobody else's")
  func heldInode() throws {
    let staged = try staged()
    let companion = "his/\(staged.swap.companion)"
    try removeFile(file(companion))
    for number in 0..<50 {
      try folder.write(companion, "decoy \(number)\n")
      #expect(try staged.swap.occupant(of: staged.swap.companion) == .other)
      try removeFile(file(companion))
    }
  }

  @Test("given a removal → what somebody puts in the file's place at the last moment comes back")
  func replacedWhileRemoved() throws {
    let staged = try StagedReplacement(FileReplacement(removing: before))
    try rename("his/db", to: "his/taken")
    try folder.write("his/db", "theirs\n")
    #expect(throws: FileChangeError.changedMeanwhile(path)) { _ = try staged.goForward() }
    #expect(try folder.text("his/db") == "theirs\n")
    #expect(try folder.names(in: "his") == ["db", "taken"])
  }

  // MARK: Edits

  /// As an editor, or `cat >>`, that had the file open before.
  private func append(_ text: String, to open: FileDescriptor) throws {
    try open.writeAll(Array(text.utf8))
  }

  @Test("given a writer who had the file open and saves while it is swapped → he gets it back")
  func savedMeanwhile() throws {
    let open = try FileDescriptor.open(path, .writeOnly, options: .append)
    defer { try? open.close() }
    let other = try FileSnapshot.read(try folder.write("his/other", "other\n"))
    let changes = ChangeSet([
      FileReplacement(replacing: before, with: Array("new\n".utf8)),
      FileReplacement(replacing: other, with: Array("new other\n".utf8)),
    ])
    #expect(throws: FileChangeError.changedMeanwhile(path)) {
      try changes.apply { () throws(FileChangeError) in _ = try? append("edit\n", to: open) }
    }
    #expect(try folder.text("his/db") == "old\nedit\n")
    #expect(try folder.text("his/other") == "other\n")
    #expect(try folder.names(in: "his") == ["db", "other"])
    #expect(FileChangeError.changedMeanwhile(path).isOutdated)
  }

  @Test("given a writer who saves at the last moment → it is kept beside the file, and told")
  func savedAtTheLastMoment() throws {
    let open = try FileDescriptor.open(path, .writeOnly, options: .append)
    defer { try? open.close() }
    let staged = try staged()
    _ = try staged.goForward()
    try staged.swap.expectNoEdit()
    try append("edit\n", to: open)
    let kept = try #require(try staged.swap.removeCompanion())
    #expect(kept.lastComponent?.string.hasPrefix(".db.edited-meanwhile-") == true)
    #expect(try readFile(kept) == Array("old\nedit\n".utf8))
    #expect(try folder.text("his/db") == "new\n")
    #expect(try folder.names(in: "his") == [kept.lastComponent?.string, "db"].compactMap(\.self))
  }

  /// Size and time of modification as they were: only the inode's own time tells.
  @Test("given a writer who sets the time back → his edit is seen all the same")
  func savedWithTime() throws {
    let open = try FileDescriptor.open(path, .readWrite)
    defer { try? open.close() }
    let staged = try staged()
    _ = try staged.goForward()
    let swapped = try #require(staged.swap.displaced)
    var changed = swapped.changed
    while changed == swapped.changed {
      try open.writeAll(toAbsoluteOffset: 0, Array("odd\n".utf8))
      let time = timespec(
        tv_sec: Int(swapped.modified.seconds), tv_nsec: Int(swapped.modified.nanoseconds))
      let times = [time, time]
      try #require(unsafe futimens(open.rawValue, times) == 0)
      changed = FileIdentity(try open.stat()).changed
    }
    #expect(throws: FileChangeError.changedMeanwhile(path)) { try staged.swap.expectNoEdit() }
  }
}
