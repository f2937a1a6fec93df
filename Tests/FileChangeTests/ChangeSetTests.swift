import FileChange
import Glibc
import SystemPackage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct ChangeSetTests {
  private let folder: TemporaryFolder
  private let new = Array("new contents\n".utf8)

  init() throws {
    folder = try TemporaryFolder()
  }

  // MARK: One file

  @Test(arguments: [0o644, 0o640, 0o600, 0o664, 0o400, 0o2644, 0o777] as [mode_t])
  func ownerGroupAndModeAreKept(mode: mode_t) throws {
    let path = try folder.write("file", "old\n")
    // root can give a file to anybody; others keep what they have.
    if geteuid() == 0 { #expect(unsafe chown(path.string, 12_345, 54_321) == 0) }
    #expect(unsafe chmod(path.string, mode) == 0)
    let before = try FileSnapshot.read(path)

    _ = try ChangeSet([FileReplacement(replacing: before, with: new)]).apply()

    let after = try FileSnapshot.read(path)
    #expect(after.bytes == new)
    #expect(after.metadata == before.metadata)
    #expect(after.metadata.mode.rawValue == mode)
    #expect(after.identity.inode != before.identity.inode)
    #expect(try folder.names() == ["file"])
  }

  /// /etc/bind is set-group-ID on Debian: what is created there gets the directory's group.
  @Test(.enabled(if: geteuid() == 0, "only root can give a directory to another group"))
  func theGroupIsTheFilesAndNotTheDirectorys() throws {
    try folder.write("bind/file", "old\n")
    let directory = folder.path.appending("bind")
    #expect(unsafe chown(directory.string, 0, 54_321) == 0)
    #expect(unsafe chmod(directory.string, 0o2755) == 0)
    let before = try FileSnapshot.read(directory.appending("file"))
    #expect(before.metadata.group != 54_321)
    _ = try ChangeSet([FileReplacement(replacing: before, with: new)]).apply()
    #expect(try FileSnapshot.read(directory.appending("file")).metadata == before.metadata)
  }

  @Test func aLinkStaysALink() throws {
    try folder.write("real/file", "old\n")
    try folder.write("links/unrelated", "")
    try link("links/inner", to: "../real/file")
    try link("outer", to: "links/inner")
    let path = folder.path.appending("outer")
    let change = FileReplacement(replacing: try FileSnapshot.read(path), with: new)
    _ = try ChangeSet([change]).apply()

    #expect(try path.stat(followTargetSymlink: false).type == .symbolicLink)
    #expect(try folder.read("real/file") == new)
    #expect(try folder.names() == ["links", "outer", "real"])
    #expect(try folder.names(in: "links") == ["inner", "unrelated"])
    #expect(try folder.names(in: "real") == ["file"])
  }

  @Test(
    "given a chroot with links that begin at its root → files behind them are changed there, and back"
  )
  func linksInAChroot() throws {
    let chroot = folder.path.appending("chroot")
    // The same path leads to another file on the host.
    let host = folder.path.appending("zones")
    let inside = chroot.appending(host.components)
    for path in [host, inside] {
      try folder.write("\(path.string.dropFirst(folder.path.string.count + 1))/db", "old\n")
    }
    let below = String(inside.string.dropFirst(folder.path.string.count + 1))
    try link("chroot/db", to: "\(host)/db")
    try link("chroot/folder", to: host.string)
    let reader = Reader(root: chroot)
    for name in ["db", "folder/db"] {
      let before = try FileSnapshot.read(chroot.pushing(FilePath(name)), as: reader)
      let change = try ChangeSet([FileReplacement(replacing: before, with: new)]).apply()
      #expect(try folder.read("\(below)/db") == new)
      try change.undo()
      #expect(try folder.text("\(below)/db") == "old\n")
    }

    let made = chroot.appending("folder/new")
    let neighbour = try #require(
      FileNeighbour(of: chroot.appending("folder/db"), below: chroot))
    let contents = FileContents(new)
    for replacement in [
      FileReplacement(creating: made, beside: neighbour, contents: contents),
      FileReplacement(
        creating: made, below: chroot, metadata: neighbour.metadata, contents: contents),
    ] {
      let change = try ChangeSet([replacement]).apply()
      #expect(try folder.names(in: below) == ["db", "new"])
      try change.undo()
      #expect(try folder.names(in: below) == ["db"])
    }

    let removed = try FileSnapshot.read(chroot.appending("folder/db"), as: reader)
    let removal = try ChangeSet([FileReplacement(removing: removed)]).apply()
    #expect(try folder.names(in: below).isEmpty)
    try removal.undo()

    let before = try FileSnapshot.read(chroot.appending("db"), as: reader)
    try removeFile(chroot.appending("db"))
    try folder.write("chroot/other", "old\n")
    try link("chroot/db", to: "/other")
    #expect(throws: FileChangeError.changedMeanwhile(before.path)) {
      try ChangeSet([FileReplacement(replacing: before, with: new)]).apply()
    }
    for name in ["zones/db", "chroot/other", "\(below)/db"] {
      #expect(try folder.text(name) == "old\n", "\(name)")
    }
    #expect(try folder.names() == ["chroot", "zones"])
  }

  @Test func theSameBytesAreNoChange() throws {
    let path = try folder.write("file", "old\n")
    let before = try FileSnapshot.read(path)
    let change = ChangeSet([FileReplacement(replacing: before, with: before.bytes)])
    #expect(change.isEmpty)
    #expect(try change.apply().files.isEmpty)
    #expect(try FileSnapshot.read(path).identity == before.identity)
  }

  @Test func aFileIsCreatedWithTheMetadataGiven() throws {
    let path = folder.path.appending("db.new")
    var metadata = FileMetadata(owner: geteuid(), group: getegid(), mode: [.ownerReadWrite])
    if geteuid() == 0 { metadata.group = 54_321 }
    let applied = try ChangeSet([
      FileReplacement(creating: path, metadata: metadata, contents: new)
    ]).apply()
    let after = try FileSnapshot.read(path)
    #expect(after.bytes == new)
    #expect(after.metadata == metadata)
    #expect(after.linkCount == 1)
    #expect(try folder.names() == ["db.new"])
    try applied.undo()
    #expect(try folder.names().isEmpty)
  }

  @Test func aFileIsNotCreatedOverAnother() throws {
    let path = try folder.write("db.new", "somebody's\n")
    try link("dangling", to: "nowhere")
    let metadata = FileMetadata(owner: geteuid(), group: getegid(), mode: [.ownerReadWrite])
    let dangling = folder.path.appending("dangling")
    for (path, error) in [
      (path, FileChangeError.alreadyExists(path)), (dangling, .danglingLink(dangling)),
    ] {
      #expect(throws: error) {
        try ChangeSet([FileReplacement(creating: path, metadata: metadata, contents: new)]).apply()
      }
    }
    #expect(try folder.text("db.new") == "somebody's\n")
    #expect(try folder.names() == ["dangling", "db.new"])
  }

  @Test func aFileIsRemoved() throws {
    let path = try folder.write("file", Array("old\n".utf8), mode: [.ownerRead])
    let before = try FileSnapshot.read(path)
    let applied = try ChangeSet([FileReplacement(removing: before)]).apply()
    #expect(try folder.names().isEmpty)
    try applied.undo()
    let after = try FileSnapshot.read(path)
    #expect(after.bytes == before.bytes)
    #expect(after.metadata == before.metadata)
  }

  @Test func aFileWithFurtherNamesIsRefused() throws {
    let path = try folder.write("file", "old\n")
    #expect(unsafe Glibc.link(path.string, folder.path.appending("twin").string) == 0)
    let before = try FileSnapshot.read(path)
    #expect(throws: FileChangeError.hardLinked(path, count: 2)) {
      try ChangeSet([FileReplacement(replacing: before, with: new)]).apply()
    }
    #expect(try folder.text("file") == "old\n")
    #expect(try folder.names() == ["file", "twin"])
  }

  /// The longest name that a file may have leaves no room for a longer one beside it.
  @Test func theLongestNameWillDo() throws {
    let name = String(repeating: "n", count: 255)
    let path = try folder.write(name, "old\n")
    let before = try FileSnapshot.read(path)
    _ = try ChangeSet([FileReplacement(replacing: before, with: new)]).apply()
    #expect(try folder.read(name) == new)
    #expect(try folder.names() == [name])
  }

  /// named may read the file at any moment.
  @Test func aReaderSeesTheOldOrTheNewFileAndNothingElse() async throws {
    let old = [UInt8](repeating: UInt8(ascii: "o"), count: 300_000)
    let new = [UInt8](repeating: UInt8(ascii: "n"), count: 200_000)
    let path = try folder.write("file", old)
    let seen = try await withThrowingTaskGroup(of: Set<[UInt8]>.self) { group in
      group.addTask {
        var seen: Set<[UInt8]> = []
        while !Task.isCancelled {
          seen.insert(try readFile(path))
          await Task.yield()
        }
        return seen
      }
      for _ in 1...10 {
        for contents in [new, old] {
          let before = try FileSnapshot.read(path)
          _ = try ChangeSet([FileReplacement(replacing: before, with: contents)]).apply()
          await Task.yield()
        }
      }
      group.cancelAll()
      return try await group.next() ?? []
    }
    #expect(seen.isSubset(of: [old, new]))
    #expect(!seen.isEmpty)
  }

  // MARK: Changed by somebody else

  enum Meddling: String, CaseIterable {
    case appended, sameSizeAndTime, replaced, removed, chmod, relinked
  }

  @Test(arguments: Meddling.allCases)
  func whatSomebodyElseChangedIsNotTouched(meddling: Meddling) throws {
    try folder.write("dir/first", "first\n")
    try folder.write("dir/file", "old\n")
    try folder.write("dir/other", "old\n")
    try link("file", to: "dir/file")
    let path = folder.path.appending("file")
    let real = folder.path.appending("dir/file")
    let first = try FileSnapshot.read(folder.path.appending("dir/first"))
    let before = try FileSnapshot.read(path)

    switch meddling {
    case .appended:
      try writeFile(real, Array("old\nand newer\n".utf8))
    case .sameSizeAndTime:
      var status = stat()
      #expect(unsafe stat(real.string, &status) == 0)
      try writeFile(real, Array("odd\n".utf8))
      let times = [status.st_atim, status.st_mtim]
      #expect(unsafe utimensat(AT_FDCWD, real.string, times, 0) == 0)
    case .replaced:
      #expect(unsafe rename(folder.path.appending("dir/other").string, real.string) == 0)
    case .removed:
      #expect(unsafe unlink(real.string) == 0)
    case .chmod:
      #expect(unsafe Glibc.chmod(real.string, 0o600) == 0)
    case .relinked:
      #expect(unsafe unlink(path.string) == 0)
      try link("file", to: "dir/other")
    }
    let names = try folder.names(in: "dir")
    let contents = try? folder.read("dir/file")

    #expect(throws: FileChangeError.changedMeanwhile(path)) {
      try ChangeSet([
        FileReplacement(replacing: first, with: new), FileReplacement(replacing: before, with: new),
      ]).apply()
    }
    #expect(try folder.text("dir/first") == "first\n")
    #expect((try? folder.read("dir/file")) == contents)
    #expect(try folder.names(in: "dir") == names)
  }

  // MARK: Several files

  @Test func oneFileUnderTwoNamesIsNotChangedTwice() throws {
    let path = try folder.write("file", "old\n")
    try link("alias", to: "file")
    let alias = folder.path.appending("alias")
    #expect(throws: FileChangeError.namedTwice(path, alias)) {
      try ChangeSet([
        FileReplacement(replacing: try FileSnapshot.read(path), with: new),
        FileReplacement(replacing: try FileSnapshot.read(alias), with: new + new),
      ]).apply()
    }
    #expect(try folder.text("file") == "old\n")
    #expect(try folder.names() == ["alias", "file"])
  }

  @Test func allIsUndone() throws {
    let replaced = try FileSnapshot.read(try folder.write("replaced", "one\n"))
    let removed = try FileSnapshot.read(try folder.write("removed", "two\n"))
    let created = folder.path.appending("elsewhere/created")
    try folder.write("elsewhere/neighbour", "")
    let applied = try ChangeSet([
      FileReplacement(replacing: replaced, with: new),
      FileReplacement(creating: created, metadata: replaced.metadata, contents: new),
      FileReplacement(removing: removed),
    ]).apply()
    #expect(applied.files.map(\.path) == [replaced.path, created, removed.path])
    #expect(try folder.names() == ["elsewhere", "replaced"])
    #expect(try folder.names(in: "elsewhere") == ["created", "neighbour"])

    try applied.undo()
    #expect(try folder.names() == ["elsewhere", "removed", "replaced"])
    #expect(try folder.names(in: "elsewhere") == ["neighbour"])
    for before in [replaced, removed] {
      let after = try FileSnapshot.read(before.path)
      #expect(after.bytes == before.bytes)
      #expect(after.metadata == before.metadata)
    }
  }

  @Test func nothingIsUndoneOverAnEdit() throws {
    let first = try FileSnapshot.read(try folder.write("first", "one\n"))
    let second = try FileSnapshot.read(try folder.write("second", "two\n"))
    let applied = try ChangeSet([
      FileReplacement(replacing: first, with: new), FileReplacement(replacing: second, with: new),
    ]).apply()
    try writeFile(first.path, Array("an operator's\n".utf8))
    #expect(throws: FileChangeError.changedMeanwhile(first.path)) { try applied.undo() }
    #expect(try folder.text("first") == "an operator's\n")
    #expect(try folder.read("second") == new)
    #expect(try folder.names() == ["first", "second"])
  }

  @Test("given files of which some are to go back → the others are not touched")
  func someAreUndone() throws {
    let first = try FileSnapshot.read(try folder.write("first", "one\n"))
    let second = try FileSnapshot.read(try folder.write("second", "two\n"))
    let made = folder.path.appending("made")
    let applied = try ChangeSet([
      FileReplacement(replacing: first, with: new), FileReplacement(replacing: second, with: new),
      FileReplacement(creating: made, metadata: first.metadata, contents: new),
    ]).apply()
    let kept = [try FileSnapshot.read(second.path).identity, try FileSnapshot.read(made).identity]
    try applied.undo(only: [first.path])
    #expect(try folder.text("first") == "one\n")
    #expect(try [second.path, made].map { try FileSnapshot.read($0).identity } == kept)
    try applied.undo(only: [])
    #expect(try [second.path, made].map { try FileSnapshot.read($0).identity } == kept)
  }

  /// A zone goes back with a higher serial than it had.
  @Test(
    "given a file that is restored with other contents → it has these, and its old owner and mode")
  func undoneWithOtherContents() throws {
    let zone = try FileSnapshot.read(
      try folder.write("zone", Array("41\n".utf8), mode: [.ownerReadWrite, .groupReadWrite]))
    let conf = try FileSnapshot.read(try folder.write("conf", "old\n"))
    let applied = try ChangeSet([
      FileReplacement(replacing: zone, with: Array("42\n".utf8)),
      FileReplacement(replacing: conf, with: new),
    ]).apply()
    try applied.undo(contents: [zone.path: FileContents(Array("43\n".utf8))])
    #expect(try folder.text("zone") == "43\n")
    #expect(try FileSnapshot.read(zone.path).metadata == zone.metadata)
    #expect(try folder.text("conf") == "old\n")
  }

  @Test("given a change of no file → what belongs to it is done, and its failure is the change's")
  func nothingAndWhatBelongsToIt() {
    var count = 0
    #expect(throws: Never.self) { try ChangeSet([]).apply { count += 1 } }
    #expect(count == 1)
    #expect(throws: FileChangeError.changedMeanwhile("/x")) {
      try ChangeSet([]).apply { () throws(FileChangeError) in throw .changedMeanwhile("/x") }
    }
  }

  private func link(_ name: String, to target: String) throws {
    #expect(unsafe symlink(target, folder.path.appending(name).string) == 0)
  }
}
