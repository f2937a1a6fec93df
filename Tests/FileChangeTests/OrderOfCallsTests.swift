import CLinux
import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import FileChange

/// What cannot be seen in the files afterwards: what had been flushed to disk before a power failure, and
/// who could read a copy from its first moment on.
@Suite(
  "The order of a change, by its system calls", .timeLimit(.minutes(5)),
  .enabled { await canTrace() })
struct OrderOfCallsTests {
  private let folder: TemporaryFolder
  private let journal: Journal

  init() throws {
    folder = try TemporaryFolder()
    // A folder is made with the first file in it.
    try removeFile(folder.write("state/first", ""))
    journal = Journal(in: folder.path.appending("state"))
    let mode: FilePermissions = [.ownerReadWrite, .groupRead]
    try folder.write("conf", Array("old\n".utf8), mode: mode)
    try folder.write("gone", "to be removed\n")
    try folder.write("there/zone", "old zone\n")
  }

  private func read(_ name: String) throws -> FileSnapshot {
    try FileSnapshot.read(folder.path.appending(name))
  }

  /// A file is replaced, one is made, one is removed, all in one directory.
  private func changes() throws -> ChangeSet {
    let owner = FileMetadata(owner: geteuid(), group: getegid(), mode: [.ownerReadWrite])
    return ChangeSet([
      FileReplacement(replacing: try read("conf"), with: Array("new\n".utf8)),
      FileReplacement(
        creating: folder.path.appending("made"), metadata: owner, contents: Array("made\n".utf8)),
      FileReplacement(removing: try read("gone")),
    ])
  }

  /// What has to be on disk before the first file is another.
  private static let preparation = [
    "create state/journal 0600", "write state/journal", "flush state/journal", "flush state",
    "create copy of conf 0600", "write copy of conf", "mode copy of conf 0640",
    "flush copy of conf",
    "create copy of made 0600", "write copy of made", "mode copy of made 0600",
    "flush copy of made",
    "write state/journal", "flush state/journal",
  ]

  private static let end = ["remove state/journal", "flush state"]

  @Test("given a power failure at any moment → what heals it has been flushed to disk before")
  func change() async throws {
    let (changes, journal, path) = (try changes(), journal, folder.path)
    let (outcome, trace) = try await tracingSystemCalls {
      try changes.apply(journal: journal) { () throws(FileChangeError) in
        _ = unsafe mkdir(path.appending("belongs-to-it").string, 0o700)
      }
    }
    #expect(try outcome.get().files.count == 3)
    #expect(
      trace.summary(beneath: path) == Self.preparation + [
        "exchange copy of conf with conf", "rename copy of made to made",
        "rename gone to copy of gone",
        "flush .",
        // What belongs to the change is done while the files can still be swapped back.
        "make belongs-to-it 0700",
        "remove copy of conf", "remove copy of gone", "flush .",
      ] + Self.end)
  }

  @Test("given files of two directories → both directories are flushed before the old files go")
  func directories() async throws {
    let changes = ChangeSet(
      try ["conf", "there/zone"].map {
        FileReplacement(replacing: try read($0), with: Array("new\n".utf8))
      })
    let (outcome, trace) = try await tracingSystemCalls { try changes.apply() }
    #expect(try outcome.get().files.count == 2)
    let steps = trace.summary(beneath: folder.path)
    // The order of the two is of no matter.
    let swapped = try #require(steps.firstIndex(of: "exchange there/copy of zone with there/zone"))
    #expect(Set(steps[(swapped + 1)...].prefix(2)) == ["flush .", "flush there"])
    #expect(
      steps[(swapped + 3)...].prefix(2) == ["remove copy of conf", "remove there/copy of zone"])
    #expect(Set(steps[(swapped + 5)...]) == ["flush .", "flush there"])
    #expect(steps.count == swapped + 7)
  }

  @Test("given a change that is undone → it is reverted by the same safe steps")
  func undo() async throws {
    let applied = try changes().apply()
    let journal = journal
    let (outcome, trace) = try await tracingSystemCalls { try applied.undo(journal: journal) }
    _ = try outcome.get()
    #expect(
      trace.summary(beneath: folder.path) == [
        "create state/journal 0600", "write state/journal", "flush state/journal", "flush state",
        "create copy of gone 0600", "write copy of gone", "mode copy of gone 0644",
        "flush copy of gone",
        "create copy of conf 0600", "write copy of conf", "mode copy of conf 0640",
        "flush copy of conf",
        "write state/journal", "flush state/journal",
        "rename copy of gone to gone", "rename made to copy of made",
        "exchange copy of conf with conf",
        "flush .", "remove copy of made", "remove copy of conf", "flush .",
      ] + Self.end)
    #expect(try folder.text("conf") == "old\n")
  }

  @Test(
    "given a failure of what belongs to a change → old files swapped back, then the journal goes")
  func swappedBack() async throws {
    let (changes, journal, path) = (try changes(), journal, folder.path)
    let (outcome, trace) = try await tracingSystemCalls {
      try changes.apply(journal: journal) { () throws(FileChangeError) in
        throw .changedMeanwhile(path)
      }
    }
    #expect(throws: FileChangeError.changedMeanwhile(path)) { _ = try outcome.get() }
    #expect(
      trace.summary(beneath: path) == Self.preparation + [
        "exchange copy of conf with conf", "rename copy of made to made",
        "rename gone to copy of gone",
        "flush .",
        "rename copy of gone to gone", "rename made to copy of made",
        "exchange copy of conf with conf",
        "remove copy of conf", "remove copy of made", "flush .",
      ] + Self.end)
    #expect(try folder.names() == ["conf", "gone", "state", "there"])
    #expect(try folder.text("conf") == "old\n")
  }

  @Test("given a file system without exchange → there is no moment without the file or the old one")
  func severalSteps() async throws {
    let changes = ChangeSet([
      FileReplacement(replacing: try read("conf"), with: Array("new\n".utf8))
    ])
    let (outcome, trace) = try await tracingSystemCalls(
      injecting: ["renameat2:error=EINVAL:when=1"]
    ) { try changes.apply() }
    #expect(try outcome.get().files.count == 1)
    #expect(
      trace.summary(beneath: folder.path).suffix(6) == [
        "link conf to keeper of conf", "rename copy of conf to conf",
        "rename keeper of conf to copy of conf", "flush .", "remove copy of conf", "flush .",
      ])
    #expect(try folder.text("conf") == "new\n")
    #expect(try folder.names() == ["conf", "gone", "state", "there"])
  }

  @Test("given a file system that knows no careful rename → a new file is made, and over no other")
  func createdInSteps() async throws {
    let owner = FileMetadata(owner: geteuid(), group: getegid(), mode: [.ownerReadWrite])
    let made = folder.path.appending("made")
    let changes = ChangeSet([
      FileReplacement(creating: made, metadata: owner, contents: Array("made\n".utf8))
    ])
    let (outcome, trace) = try await tracingSystemCalls(
      injecting: ["renameat2:error=EINVAL:when=1"]
    ) { try changes.apply() }
    #expect(try outcome.get().files.count == 1)
    #expect(
      trace.summary(beneath: folder.path).suffix(3) == [
        "link copy of made to made", "remove copy of made", "flush .",
      ])
    try outcome.get().undo()

    // Somebody makes the file between the last look and the swap.
    let (other, _) = try await tracingSystemCalls(
      injecting: ["renameat2:error=EINVAL:when=1", "linkat,link:error=EEXIST:when=1"]
    ) { try changes.apply() }
    #expect(throws: FileChangeError.alreadyExists(made)) { _ = try other.get() }
    #expect(try folder.names() == ["conf", "gone", "state", "there"])
  }

  /// named.conf may hold keys: a mode that comes before the owner would let the wrong users in.
  @Test(
    "given a file with secrets → its copy is closed until it has its owner, and then gets its mode",
    .enabled(if: geteuid() == 0), arguments: [0o640, 0o600, 0o400, 0o660] as [mode_t])
  func modes(mode: mode_t) async throws {
    let path = folder.path.appending("conf").string
    #expect(unsafe chown(path, 12_345, 54_321) == 0)
    #expect(unsafe chmod(path, mode) == 0)
    let before = try read("conf")
    let changes = ChangeSet([FileReplacement(replacing: before, with: Array("new\n".utf8))])
    let (outcome, trace) = try await tracingSystemCalls { try changes.apply() }
    #expect(try outcome.get().files.count == 1)
    #expect(
      trace.summary(beneath: folder.path) == [
        "create copy of conf 0600", "write copy of conf", "owner copy of conf 12345:54321",
        "mode copy of conf 0\(String(mode, radix: 8))", "flush copy of conf",
        "exchange copy of conf with conf", "flush .", "remove copy of conf", "flush .",
      ])
    #expect(try read("conf").metadata == before.metadata)
  }

  @Test("given a file with attributes → its copy has them before it is seen")
  func attributes() async throws {
    let path = folder.path.appending("conf").string
    let value = Array("mine".utf8)
    guard unsafe setxattr(path, "user.note", value, value.count, 0) == 0 else { return }
    let changes = ChangeSet([
      FileReplacement(replacing: try read("conf"), with: Array("new\n".utf8))
    ])
    let (outcome, trace) = try await tracingSystemCalls { try changes.apply() }
    #expect(try outcome.get().files.count == 1)
    #expect(
      trace.summary(beneath: folder.path).prefix(6) == [
        "create copy of conf 0600", "write copy of conf", "attribute copy of conf \"user.note\"",
        "mode copy of conf 0640", "flush copy of conf", "exchange copy of conf with conf",
      ])
  }

  @Test("given a change that was cut off → its end is flushed before the journal goes")
  func recovery() async throws {
    let files = try changes().replacements.map { try StagedReplacement($0) }
    try journal.begin(files)
    for file in files { try file.stage() }
    try journal.noteStaged(files)
    _ = try files[0].goForward()
    let journal = journal
    let (outcome, trace) = try await tracingSystemCalls { try journal.recover() }
    #expect(try outcome.get() == .forward(files.map(\.target)))
    #expect(
      trace.summary(beneath: folder.path) == [
        "rename copy of made to made", "rename gone to copy of gone", "remove copy of conf",
        "remove copy of gone", "flush .", "remove state/journal", "flush state",
      ])
  }

  @Test("given a change of nothing → no file is made or flushed, the journal neither")
  func nothing() async throws {
    let before = try read("conf")
    let changes = ChangeSet([FileReplacement(replacing: before, with: before.bytes)])
    let journal = journal
    let (outcome, trace) = try await tracingSystemCalls { try changes.apply(journal: journal) }
    #expect(try outcome.get().files.isEmpty)
    #expect(trace.summary(beneath: folder.path) == [])
  }
}
