import FileChange
import Glibc
import SystemPackage
import TestSupport
import Testing

/// What the operating system refuses, for real: each time all files stay as they were.
@Suite(.timeLimit(.minutes(5))) struct RefusedChangeTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  /// In a process of its own, whose files may not grow beyond a limit.
  @Test("a file that cannot be written whole → no file is touched")
  func aFileThatCannotBeWrittenWhole() async throws {
    try folder.write("first", "one\n")
    try folder.write("second", "two\n")
    await #expect(processExitsWith: .success) { [path = folder.path.string as String] in
      let folder = FilePath(path)
      let changes = ChangeSet([
        FileReplacement(
          replacing: try FileSnapshot.read(folder.appending("first")), with: [1, 2, 3]),
        FileReplacement(
          replacing: try FileSnapshot.read(folder.appending("second")),
          with: [UInt8](repeating: 1, count: 100_000)),
      ])
      signal(SIGXFSZ, SIG_IGN)
      var limit = rlimit(rlim_cur: 50_000, rlim_max: rlim_t(bitPattern: -1))
      #expect(unsafe setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
      let error = #expect(throws: FileChangeError.self) { try changes.apply() }
      #expect(error?.description.contains("second: File too large") == true)
    }
    try expectUntouched()
  }

  @Test("a directory without write permission → reported with the remedy, no file touched")
  func aDirectoryThatOneMayNotWriteTo() async throws {
    try folder.write("first", "one\n")
    try folder.write("second", "two\n")
    #expect(unsafe chmod(folder.path.string, 0o555) == 0)
    await #expect(processExitsWith: .success) { [path = folder.path.string as String] in
      let folder = FilePath(path)
      let before = try FileSnapshot.read(folder.appending("first"))
      if geteuid() == 0 { #expect(seteuid(65_534) == 0) }
      let error = #expect(throws: FileChangeError.self) {
        try ChangeSet([FileReplacement(replacing: before, with: [1])]).apply()
      }
      #expect(error == .system(.stage, folder.appending("first"), .permissionDenied))
      #expect(error?.description.contains("the file's directory") == true)
    }
    #expect(unsafe chmod(folder.path.string, 0o755) == 0)
    try expectUntouched()
  }

  /// A directory that everybody may write to, and a file whose owner is another.
  @Test(
    "an owner that cannot be kept → refused, no file touched",
    .enabled(if: geteuid() == 0, "only root can become another user"))
  func anOwnerThatCannotBeKept() async throws {
    try folder.write("first", "one\n")
    try folder.write("second", "two\n")
    #expect(unsafe chmod(folder.path.string, 0o777) == 0)
    await #expect(processExitsWith: .success) { [path = folder.path.string as String] in
      let first = FilePath(path).appending("first")
      let before = try FileSnapshot.read(first)
      #expect(seteuid(65_534) == 0)
      let error = #expect(throws: FileChangeError.self) {
        try ChangeSet([FileReplacement(replacing: before, with: [1])]).apply()
      }
      #expect(error == .system(.chown, first, .notPermitted))
    }
    try expectUntouched()
  }

  @Test(
    "a full file system → reported with the remedy, no file touched, no copy left",
    .enabled(if: canMount, cannotMount))
  func aFullFileSystem() async throws {
    let mount = try await mountedFolder(options: "size=64k")
    defer { unmount(mount) }
    try writeFile(mount.appending("first"), Array("one\n".utf8))
    try writeFile(mount.appending("second"), Array("two\n".utf8))
    let second = try FileSnapshot.read(mount.appending("second"))
    let error = #expect(throws: FileChangeError.self) {
      try ChangeSet([
        FileReplacement(
          replacing: try FileSnapshot.read(mount.appending("first")), with: [1, 2, 3]),
        FileReplacement(replacing: second, with: [UInt8](repeating: 1, count: 100_000)),
      ]).apply()
    }
    #expect(error == .system(.stage, second.path, .noSpace))
    #expect(error?.description.contains("df -i") == true)
    #expect(try listFolder(mount) == ["first", "second"])
    #expect(try readFile(mount.appending("first")) == Array("one\n".utf8))
  }

  @Test(
    "a file system without a free inode → refused, no copy left",
    .enabled(if: canMount, cannotMount))
  func aFileSystemWithoutInodesLeft() async throws {
    // The root takes one.
    let mount = try await mountedFolder(options: "nr_inodes=2")
    defer { unmount(mount) }
    try writeFile(mount.appending("first"), Array("one\n".utf8))
    let first = try FileSnapshot.read(mount.appending("first"))
    #expect(throws: FileChangeError.system(.stage, first.path, .noSpace)) {
      try ChangeSet([FileReplacement(replacing: first, with: [1])]).apply()
    }
    #expect(try listFolder(mount) == ["first"])
  }

  @Test("a read-only file system → reported with the remedy", .enabled(if: canMount, cannotMount))
  func aReadOnlyFileSystem() async throws {
    let mount = try await mountedFolder(options: "size=64k")
    defer { unmount(mount) }
    try writeFile(mount.appending("first"), Array("one\n".utf8))
    let first = try FileSnapshot.read(mount.appending("first"))
    _ = try await run("mount", arguments: ["-o", "remount,ro", mount.string])
    let error = #expect(throws: FileChangeError.self) {
      try ChangeSet([FileReplacement(replacing: first, with: [1])]).apply()
    }
    #expect(error == .system(.stage, first.path, .readOnlyFileSystem))
    #expect(error?.description.contains("ReadWritePaths=") == true)
  }

  /// As when a single file is handed into a container: it can be read, and not be replaced.
  ///
  /// The files that were replaced before it are put back.
  @Test(
    "a swap that fails half way → the files before it are as they were",
    .enabled(if: canMount, cannotMount), arguments: [0, 1, 2])
  func aSwapThatFailsHalfWayIsPutBack(position: Int) async throws {
    let names = ["first", "second", "third"]
    for name in names { try folder.write(name, Array("\(name)\n".utf8), mode: [.ownerReadWrite]) }
    let created = folder.path.appending("created")
    let stuck = folder.path.appending(names[position])
    _ = try await run("mount", arguments: ["--bind", stuck.string, stuck.string])
    defer { unmount(stuck) }
    let before = try names.map { try FileSnapshot.read(folder.path.appending($0)) }

    let error = #expect(throws: FileChangeError.self) {
      try ChangeSet(
        [
          FileReplacement(creating: created, metadata: before[0].metadata, contents: [1])
        ] + before.map { FileReplacement(replacing: $0, with: $0.bytes + [1]) }
      ).apply()
    }
    #expect(error == .system(.replace, stuck, .resourceBusy))
    #expect(error?.description.contains("mount its directory") == true)
    #expect(try folder.names() == names.sorted())
    for before in before {
      let after = try FileSnapshot.read(before.path)
      #expect(after.bytes == before.bytes)
      #expect(after.metadata == before.metadata)
    }
  }

  @Test("given a new file in no directory, or in the place of one → no file is touched")
  func noPlace() throws {
    try folder.write("first", "one\n")
    try folder.write("second", "two\n")
    let metadata = FileMetadata(owner: geteuid(), group: getegid(), mode: [.ownerReadWrite])
    let missing = folder.path.appending("missing")
    for (path, error) in [
      ("/", .notRegular("/", kind: "directory")),
      (missing.appending("db"), .system(.resolve, missing, .noSuchFileOrDirectory)),
      (folder.path, .alreadyExists(folder.path)),
    ] as [(FilePath, FileChangeError)] {
      #expect(throws: error) {
        try ChangeSet([
          FileReplacement(
            replacing: try FileSnapshot.read(folder.path.appending("first")), with: [1]),
          FileReplacement(creating: path, metadata: metadata, contents: [1]),
        ]).apply()
      }
    }
    try expectUntouched()
  }

  @Test("given an error of the system → the message says what the operator can do")
  func cures() {
    let cures: [(Errno, String)] = [
      (.permissionDenied, "write permission on the file's directory"), (.notPermitted, "lsattr /x"),
      (.readOnlyFileSystem, "ReadWritePaths="), (.noSpace, "df -i"),
      (.diskQuotaExceeded, "disk quota"),
      (.resourceBusy, "mount its directory"), (.ioError, "dmesg"),
      (.tooManySymbolicLinkLevels, "in a circle"),
    ]
    for (code, words) in cures {
      let text = FileChangeError.system(.stage, "/x", code).description
      #expect(text.hasPrefix("cannot write a new copy beside /x: \(code); "))
      #expect(text.contains(words), "\(text)")
    }
    let bare = FileChangeError.system(.lock, "/x", .badFileDescriptor).description
    #expect(bare == "cannot lock /x: Bad file descriptor")
  }

  @Test("given an error → it says whether a new look would help")
  func kinds() {
    let missing = FileChangeError.system(.open, "/x", .noSuchFileOrDirectory)
    #expect(missing.isNotFound && !missing.isOutdated)
    for error in [FileChangeError.changedMeanwhile("/x"), .alreadyExists("/x")] {
      #expect(error.isOutdated && !error.isNotFound)
    }
    for error in [
      FileChangeError.system(.open, "/x", .permissionDenied), .hardLinked("/x", count: 2),
      .danglingLink("/x"), .changedWhileReading("/x"), .damagedJournal("/x"),
      .notPutBack(["/x"], cause: .changedMeanwhile("/x")),
    ] {
      #expect(!error.isOutdated && !error.isNotFound)
    }
  }

  private func expectUntouched() throws {
    #expect(try folder.names() == ["first", "second"])
    #expect(try folder.text("first") == "one\n")
    #expect(try folder.text("second") == "two\n")
  }

  private func mountedFolder(options: String) async throws -> FilePath {
    try folder.write("mount/covered", "")
    let path = folder.path.appending("mount")
    let result = try await run(
      "mount", arguments: ["-t", "tmpfs", "-o", options, "tmpfs", path.string])
    try #require(result.status == 0, "\(result.standardError)")
    return path
  }

  private func unmount(_ path: FilePath) {
    _ = unsafe umount2(path.string, CInt(MNT_DETACH))
  }
}

private let cannotMount: Comment = "only root may mount, and not in every container"

private let canMount: Bool = {
  guard geteuid() == 0, let folder = try? TemporaryFolder() else { return false }
  guard unsafe mount("tmpfs", folder.path.string, "tmpfs", 0, nil) == 0 else { return false }
  return unsafe umount2(folder.path.string, CInt(MNT_DETACH)) == 0
}()
