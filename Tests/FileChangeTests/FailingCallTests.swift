import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import FileChange

/// Calls that are interrupted by signals, and calls that fail, one after the other.
@Suite(
  "Interrupted and failing system calls", .timeLimit(.minutes(5)), .enabled { await canTrace() })
struct FailingCallTests {
  private let folder: TemporaryFolder
  private let journal: Journal

  init() throws {
    folder = try TemporaryFolder()
    try removeFile(folder.write("state/first", ""))
    journal = Journal(in: folder.path.appending("state"))
    try reset()
  }

  private func reset() throws {
    try folder.write("conf", "old\n")
    try folder.write("gone", "to be removed\n")
    if geteuid() == 0 {
      #expect(unsafe chown(folder.path.appending("conf").string, 12_345, 0) == 0)
    }
  }

  private func changes() throws -> ChangeSet {
    let conf = try FileSnapshot.read(folder.path.appending("conf"))
    return ChangeSet([
      FileReplacement(replacing: conf, with: Array("new\n".utf8)),
      FileReplacement(
        creating: folder.path.appending("made"), metadata: conf.metadata,
        contents: Array("made\n".utf8)),
      FileReplacement(removing: try FileSnapshot.read(folder.path.appending("gone"))),
    ])
  }

  private static let calls = [
    "openat", "write", "fchown", "fchmod", "fsync", "renameat2", "unlinkat",
  ]

  @Test("given signals that interrupt each call → each is made again, and the change is whole")
  func interrupted() async throws {
    let (changes, journal) = (try changes(), journal)
    let (outcome, trace) = try await tracingSystemCalls(
      injecting: Self.calls.map { "\($0):error=EINTR:when=1+2" }
    ) { try changes.apply(journal: journal) }
    #expect(try outcome.get().files.count == 3)
    let interrupted = Set(trace.steps.filter(\.isInjected).map { String($0.name) })
    #expect(interrupted.isSuperset(of: geteuid() == 0 ? Self.calls : ["fsync", "renameat2"]))
    #expect(try folder.names() == ["conf", "made", "state"])
    #expect(try folder.text("conf") == "new\n")
    #expect(try folder.text("made") == "made\n")
    #expect(try folder.names(in: "state").isEmpty)
  }

  @Test("given a signal while a file is read → it is read to its end")
  func interruptedReading() async throws {
    let path = folder.path.appending("conf")
    let (outcome, trace) = try await tracingSystemCalls(
      "openat,read", injecting: ["openat,read:error=EINTR:when=1+2"]
    ) { try FileSnapshot.read(path) }
    #expect(try outcome.get().bytes == Array("old\n".utf8))
    #expect(trace.steps.filter(\.isInjected).count >= 3)
  }

  @Test("given a signal while the lock is taken → it is taken")
  func interruptedLocking() async throws {
    let directory = folder.path.appending("new-state")
    let (outcome, trace) = try await tracingSystemCalls(
      "mkdirat,openat,flock,ftruncate,pwrite64,fsync",
      injecting: ["mkdirat,openat,flock,ftruncate,pwrite64:error=EINTR:when=1+2"]
    ) { try PassLock.attemptOnce(in: directory) != nil }
    #expect(try outcome.get())
    let interrupted = Set(trace.steps.filter(\.isInjected).map { String($0.name) })
    #expect(interrupted == ["mkdirat", "openat", "flock", "ftruncate", "pwrite64"])
  }

  /// What the operator is told has to name the file, since the disk may be any of several.
  @Test(
    "given a call that fails, whichever → all files are as before, and the error names one",
    arguments: calls)
  func failing(call: String) async throws {
    guard call != "fchown" || geteuid() == 0 else { return }
    var count = 0
    for number in 1... {
      let (changes, journal) = (try changes(), journal)
      let (outcome, trace) = try await tracingSystemCalls(
        injecting: ["\(call):error=EIO:when=\(number)"]
      ) { try changes.apply(journal: journal) }
      guard trace.isInjected else {
        #expect(try outcome.get().files.count == 3)
        break
      }
      count += 1
      let failed = trace.steps.first(where: \.isInjected).map { "\($0.text)" } ?? ""
      let error = #expect(throws: FileChangeError.self, "\(failed)") { _ = try outcome.get() }
      guard case .system(_, let path, .ioError) = error else {
        Issue.record("\(failed): \(String(describing: error))")
        break
      }
      #expect(path.starts(with: folder.path), "\(failed)")
      #expect(try folder.text("conf") == "old\n", "\(failed)")
      #expect(try folder.text("gone") == "to be removed\n", "\(failed)")
      // What could not be taken away is taken away by the next pass.
      if call != "unlinkat" { #expect(try folder.names(in: "state").isEmpty, "\(failed)") }
      _ = try journal.recover()
      #expect(try folder.names() == ["conf", "gone", "state"], "\(failed)")
      #expect(try folder.names(in: "state").isEmpty, "\(failed)")
      try reset()
    }
    // The journal and two copies are opened, written and flushed; two get owner and mode; three are
    // swapped; two old files go, and the journal.
    let least = ["openat": 5, "write": 4, "fchown": 2, "fchmod": 2, "fsync": 8, "renameat2": 3]
    #expect(count >= least[call] ?? 3)
  }

  @Test(
    "given a recovery that fails half way → its journal stays, and the next one ends it",
    arguments: ["renameat2", "unlinkat", "fsync"])
  func failingRecovery(call: String) async throws {
    let files = try changes().replacements.map { try StagedReplacement($0) }
    try journal.begin(files)
    for file in files { try file.stage() }
    try journal.noteStaged(files)
    let journal = journal
    let (outcome, _) = try await tracingSystemCalls(injecting: ["\(call):error=EIO:when=1"]) {
      try journal.recover()
    }
    #expect(throws: FileChangeError.self) { _ = try outcome.get() }
    #expect(try folder.names(in: "state") == ["journal"])
    if call == "renameat2" { #expect(try folder.text("conf") == "old\n") }
    #expect(try journal.recover() == .forward(files.map(\.target)))
    #expect(try folder.names() == ["conf", "made", "state"])
    #expect(try folder.text("conf") == "new\n")
    #expect(try folder.names(in: "state").isEmpty)
  }

  @Test(
    "given a change that cannot be taken back → its files are named, and the journal heals them")
  func notTakenBack() async throws {
    let (changes, journal) = (try changes(), journal)
    let (outcome, _) = try await tracingSystemCalls(injecting: ["renameat2:error=EIO:when=2+"]) {
      try changes.apply(journal: journal)
    }
    let (conf, made) = (folder.path.appending("conf"), folder.path.appending("made"))
    let error = #expect(throws: FileChangeError.self) { _ = try outcome.get() }
    #expect(error == .notPutBack([conf], cause: .system(.create, made, .ioError)))
    #expect(error?.description.hasSuffix("could not be restored: \(conf)") == true)
    #expect(try folder.names(in: "state") == ["journal"])
    #expect(try journal.recover() == .forward(changes.replacements.map(\.path)))
    #expect(try folder.names() == ["conf", "made", "state"])
    #expect(try folder.text("conf") == "new\n")
  }
}
