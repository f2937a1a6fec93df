import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import FileChange

@Suite(.timeLimit(.minutes(5))) struct PassLockTests {
  private let folder: TemporaryFolder
  private var directory: FilePath { folder.path.appending("state") }

  init() throws {
    folder = try TemporaryFolder()
  }

  @Test func onlyOneHoldsIt() async throws {
    let lock = try await PassLock.acquire(in: directory, waiting: .zero)
    await #expect(throws: LockError.held(byPID: getpid(), waited: .zero)) {
      _ = try await PassLock.acquire(in: directory, waiting: .zero)
    }
    let begun = ContinuousClock.now
    await #expect(throws: LockError.held(byPID: getpid(), waited: .milliseconds(200))) {
      _ = try await PassLock.acquire(in: directory, waiting: .milliseconds(200))
    }
    #expect(ContinuousClock.now - begun >= .milliseconds(200))
    release(lock)
    release(try await PassLock.acquire(in: directory, waiting: .zero))
  }

  @Test func aWaiterGetsItWhenItIsReleased() async throws {
    let lock = try await PassLock.acquire(in: directory, waiting: .zero)
    let directory = directory
    let waiter = Task {
      release(try await PassLock.acquire(in: directory, waiting: .seconds(30)))
      return ContinuousClock.now
    }
    let refused = await #expect(throws: LockError.self) {
      _ = try await PassLock.acquire(in: directory, waiting: .milliseconds(150))
    }
    #expect(refused != nil)
    let released = ContinuousClock.now
    release(lock)
    let obtained = try await waiter.value
    #expect(obtained >= released)
    #expect(obtained - released < .seconds(10))
  }

  @Test("the holder makes and removes folders → a waiter is not refused for what is gone again")
  func foldersComeAndGo() async throws {
    let lock = try await PassLock.acquire(in: directory, waiting: .zero)
    let directory = directory
    let state = try PrivateFolder(at: directory)
    let holder = Task {
      let name: FilePath.Component = "zonebridge-scratch"
      while !Task.isCancelled {
        _ = try state.makeFolder(name)
        try state.removeFolder(name)
        await Task.yield()
      }
    }
    for _ in 0..<5000 {
      if let taken = try PassLock.attemptOnce(in: directory) {
        release(taken)
        Issue.record("taken from its holder")
      }
    }
    holder.cancel()
    try await holder.value
    release(lock)
  }

  @Test func tenAtOnceTakeTurns() async throws {
    let directory = directory
    let counter = try folder.write("counter", "0")
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 1...10 {
        group.addTask {
          let lock = try await PassLock.acquire(in: directory, waiting: .seconds(30))
          let number = try #require(Int(String(decoding: try readFile(counter), as: UTF8.self)))
          try await Task.sleep(for: .milliseconds(2))
          try writeFile(counter, Array("\(number + 1)".utf8))
          release(lock)
        }
      }
      try await group.waitForAll()
    }
    #expect(try folder.text("counter") == "10")
  }

  /// flock(1) stands for another zonebridge, or for an operator's script.
  @Test func aKilledHolderBlocksNobody() async throws {
    release(try await PassLock.acquire(in: directory, waiting: .zero))
    let holder = try BackgroundProcess(
      "flock",
      arguments: [
        "--no-fork", directory.appending("lock").string, "sh", "-c", "echo held; exec cat",
      ],
      log: folder.path.appending("log"))
    try await eventually("the lock is taken") { holder.output == "held\n" }
    await #expect(throws: LockError.held(byPID: nil, waited: .zero)) {
      _ = try await PassLock.acquire(in: directory, waiting: .zero)
    }
    try await holder.kill()
    release(try await PassLock.acquire(in: directory, waiting: .zero))
  }

  /// A program that outlives the pass which started it, by a crash say, must not keep the lock.
  @Test func programsDoNotInheritIt() async throws {
    let lock = try await PassLock.acquire(in: directory, waiting: .zero)
    let child = try BackgroundProcess(
      "sh", arguments: ["-c", "echo up; exec cat"], log: folder.path.appending("log"))
    try await eventually("it runs") { child.output == "up\n" }
    let files = try await run("ls", arguments: ["-l", "/proc/\(child.pid)/fd"])
    #expect(files.standardOutput.contains("log"))
    #expect(!files.standardOutput.contains("state/lock"))
    try await child.kill()
    release(lock)
  }

  @Test func theDirectoryIsMadeForItsOwnerAlone() async throws {
    release(try await PassLock.acquire(in: directory, waiting: .zero))
    #expect(try directory.stat().permissions == [.ownerReadWriteExecute])
    #expect(try listFolder(directory) == ["lock"])
  }

  @Test func aDirectoryThatCannotBeUsedIsNamed() async throws {
    let nested = directory.appending("not").appending("there")
    let error = await #expect(throws: LockError.self) {
      _ = try await PassLock.acquire(in: nested, waiting: .seconds(30))
    }
    #expect(
      error == .unusable(.system(.createDirectory, nested, .noSuchFileOrDirectory)))
    let file = try folder.write("file", "")
    let other = await #expect(throws: LockError.self) {
      _ = try await PassLock.acquire(in: file, waiting: .seconds(30))
    }
    #expect(other?.description.contains(file.string) == true)
  }

  /// The state directory is made by the first pass, and the journal of its change lies in it.
  @Test(
    "given a state directory that is made → it is on disk before anything is done in it",
    .enabled { await canTrace() })
  func madeDirectory() async throws {
    let directory = directory
    for expected in [
      ["make state 0700", "flush .", "create state/lock 0600"], ["create state/lock 0600"],
    ] {
      let (outcome, trace) = try await tracingSystemCalls {
        try PassLock.attemptOnce(in: directory) != nil
      }
      #expect(try outcome.get())
      #expect(trace.summary(beneath: folder.path).prefix(expected.count) == expected[...])
    }
  }

  enum Meddling: CaseIterable { case removed, replaced, directoryReplaced }

  /// The lock would be on a file that nobody else finds, so that two passes ran at once.
  @Test(
    "given a lock file that is removed or replaced while it is taken → it is not held",
    .enabled { await canTrace() }, arguments: Meddling.allCases)
  func vanishedLock(meddling: Meddling) async throws {
    let (directory, folder) = (directory, folder)
    let path = directory.appending("lock")
    async let attempt = tracingSystemCalls(
      "openat,flock", injecting: ["flock:delay_enter=2000000:when=1"]
    ) { try PassLock.attemptOnce(in: directory) != nil }
    // It has been opened, and not yet locked.
    try await eventually("the lock file is there") { (try? path.stat()) != nil }
    switch meddling {
    case .removed: try removeFile(path)
    case .replaced:
      try folder.write("other", "")
      #expect(unsafe rename(folder.path.appending("other").string, path.string) == 0)
    case .directoryReplaced:
      #expect(unsafe rename(directory.string, folder.path.appending("old").string) == 0)
      try folder.write("state/lock", "")
    }
    let (outcome, trace) = try await attempt
    #expect(try !outcome.get())
    #expect(trace.steps.contains { $0.name == "flock" && $0.isDone }, "\(trace.steps)")
    let lock = try await PassLock.acquire(in: directory, waiting: .zero)
    let other = try await run("flock", arguments: ["-n", path.string, "true"])
    #expect(other.status == 1)
    release(lock)
  }

  @Test func waitingEndsWithTheTask() async throws {
    let lock = try await PassLock.acquire(in: directory, waiting: .zero)
    let directory = directory
    let waiter = Task { release(try await PassLock.acquire(in: directory, waiting: .seconds(300))) }
    waiter.cancel()
    await #expect(throws: LockError.cancelled) { try await waiter.value }
    release(lock)
  }
}

/// The end of a lock's life.
private func release(_ lock: consuming PassLock) {}
