import Glibc
package import SystemPackage

/// Why the lock could not be had.
package enum LockError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Another process held it all the while; its process ID where it could be read.
  case held(byPID: Int32?, waited: Duration)
  /// The lock's file or directory cannot be used.
  case unusable(FileChangeError)
  /// The task was cancelled while it waited.
  case cancelled

  /// What is wrong.
  package var cause: String {
    switch self {
    case .held(let pid, let waited):
      "another pass "
        + (pid.map { "(process \($0)) " } ?? "")
        + "holds the lock"
        + (waited > .zero ? ", and did not release it within \(waited)" : "")
    case .unusable(let error): error.cause
    case .cancelled: "stopped while waiting for the lock"
    }
  }

  /// What helps; nil where nothing is known to.
  package var remedy: String? {
    if case .unusable(let error) = self { error.remedy } else { nil }
  }

  package var description: String {
    if case .unusable(let error) = self { "\(error)" } else { cause }
  }
}

/// The right to change files and named: one process has it at a time.
///
/// It is a lock by flock(2) on a file in the state directory. The kernel gives it up when its
/// holder ends, in whatever way, so that a crashed holder blocks nobody; the file stays.
package struct PassLock: ~Copyable, Sendable {
  /// The lock's name in the state directory.
  package static let fileName: FilePath.Component = "lock"
  private static let pollInterval = Duration.milliseconds(50)

  /// The directory that the lock is in: what is kept there is reached by plain names from now on, so that it makes no
  /// difference where the directory's path leads.
  package let folder: PrivateFolder
  private let file: OpenFile

  private init(file: consuming OpenFile, in folder: PrivateFolder) {
    self.file = file
    self.folder = folder
  }

  deinit {
    // So that nobody reads the name of a former holder.
    _ = ftruncate(file.descriptor, 0)
    // A program that is just being started has, until it takes over, a copy of the descriptor:
    // closing this one would leave it the lock for that moment.
    _ = flock(file.descriptor, LOCK_UN)
  }

  /// Waits for the lock, in the directory, which is made if only it is missing.
  /// - Parameters:
  ///   - directory: the state directory, on a local file system.
  ///   - waiting: how long to go on trying; zero for a single try.
  ///   - clock: what the waiting is measured by.
  /// - Returns: the lock, which is held for as long as it lives.
  /// - Throws: ``LockError``.
  package static func acquire(
    in directory: FilePath, waiting: Duration, clock: some Clock<Duration> = ContinuousClock()
  ) async throws(LockError) -> PassLock {
    let deadline = clock.now.advanced(by: waiting)
    while true {
      do throws(FileChangeError) {
        if let lock = try attemptOnce(in: directory) { return lock }
      } catch {
        throw .unusable(error)
      }
      guard clock.now < deadline else {
        throw .held(byPID: holder(in: directory), waited: waiting)
      }
      do {
        try await clock.sleep(for: pollInterval)
      } catch {
        throw .cancelled
      }
    }
  }

  /// Ends the hold, where a scope would end it too early or too late.
  package consuming func release() {}

  /// Nil while another holds it.
  static func attemptOnce(in directory: FilePath) throws(FileChangeError) -> PassLock? {
    let path = directory.appending(fileName)
    try make(directory)
    let state = try PrivateFolder(at: directory)
    try state.expectUnexposed(for: .pass)
    try state.expectUnexposedEntries(for: .pass)
    let folder = state.folder
    let file = try folder.open(
      fileName, flags: O_RDWR | O_CREAT | O_NONBLOCK | O_NOCTTY, mode: 0o600, for: .lock, of: path)
    let status = try file.status(for: .lock)
    guard status.type == .regular else {
      throw .notRegular(path, kind: fileKind(of: status.type))
    }
    // The holder's number is written into it, and so into whatever else it is.
    guard status.linkCount <= 1 else {
      throw .exposed(Exposure(.hardLinks(Int(status.linkCount)), of: path, for: geteuid()))
    }
    let descriptor = file.descriptor
    do throws(FileChangeError) {
      try attempt(.lock, path) { flock(descriptor, LOCK_EX | LOCK_NB) }
    } catch .system(_, _, .wouldBlock) {
      return nil
    }
    // Somebody may have removed the file, or the directory, between the two calls; the lock would
    // then be on a file that nobody else finds.
    guard let current = try folder.status(of: fileName, for: .lock, of: path),
      NodeID(current) == NodeID(status), try isStill(folder, at: directory)
    else { return nil }
    let lock = PassLock(file: file, in: state)
    try lock.recordHolder()
    return lock
  }

  /// Whether the path leads to the same directory.
  private static func isStill(
    _ folder: Folder, at directory: FilePath
  ) throws(FileChangeError) -> Bool {
    do throws(FileChangeError) {
      return try Walk.folder(at: directory).identity == folder.identity
    } catch  where error.isNotFound {
      return false
    }
  }

  /// Makes the directory if only it is missing.
  private static func make(_ directory: FilePath) throws(FileChangeError) {
    guard let name = directory.lastComponent, name.kind == .regular else { return }
    let parent = directory.removingLastComponent()
    let folder: Folder
    do throws(FileChangeError) {
      folder = try Walk.folder(at: parent.isEmpty ? "." : parent)
    } catch .system(_, _, let code) {
      throw .system(.createDirectory, directory, code)
    }
    do throws(FileChangeError) {
      // What zonebridge keeps may contain parts of named.conf, and so keys.
      try folder.makeFolder(name, mode: 0o700, of: directory)
      // Else a power failure could take a journal away by taking the directory away that it is in.
      try folder.flush()
    } catch .system(_, _, .fileExists) {
    }
  }

  private func recordHolder() throws(FileChangeError) {
    let descriptor = file.descriptor
    let text = Array("\(getpid())\n".utf8)
    try attempt(.lock, file.path) { ftruncate(descriptor, 0) }
    try attempt(.lock, file.path) {
      unsafe text.withUnsafeBytes { buffer in
        unsafe pwrite(descriptor, buffer.baseAddress, buffer.count, 0)
      }
    }
  }

  private static func holder(in directory: FilePath) -> Int32? {
    guard let file = try? FileSnapshot.read(directory.appending(fileName), limit: 64) else {
      return nil
    }
    return Int32(String(decoding: file.bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
  }
}
