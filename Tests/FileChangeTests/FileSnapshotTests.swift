import Dispatch
import FileChange
import Glibc
import Synchronization
import SystemPackage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct FileSnapshotTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  @Test(arguments: [0, 1, 4096, 65_535, 65_536, 3_000_000])
  func readsFilesOfAnySize(size: Int) throws {
    let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    let path = try folder.write("file", bytes, mode: [.ownerReadWrite, .groupRead])
    let snapshot = try FileSnapshot.read(path)
    #expect(snapshot.bytes == bytes)
    #expect(snapshot.path == path)
    #expect(snapshot.identity.size == Int64(size))
    #expect(snapshot.metadata.mode == [.ownerReadWrite, .groupRead])
    #expect(snapshot.metadata.owner == geteuid())
  }

  @Test func followsLinksAndRemembersBothPaths() throws {
    try folder.write("real/named.conf.local", "zone\n")
    try link("links/second", to: "../real/named.conf.local")
    try link("first", to: "links/second")
    let snapshot = try FileSnapshot.read(folder.path.appending("first"))
    #expect(snapshot.path == folder.path.appending("first"))
    #expect(snapshot.realPath.lastComponent == "named.conf.local")
    #expect(try snapshot.realPath.stat(followTargetSymlink: false).type == .regular)
    #expect(snapshot.bytes == Array("zone\n".utf8))
  }

  @Test func whatIsNotThereIsTold() {
    let path = folder.path.appending("missing")
    let error = #expect(throws: FileChangeError.self) { try FileSnapshot.read(path) }
    #expect(error?.isNotFound == true)
    #expect(error?.description.contains(path.string) == true)
    #expect(error?.description.contains("No such file or directory") == true)
  }

  /// A FIFO would keep its reader waiting, and a device does what it likes.
  @Test(.timeLimit(.minutes(1)))
  func whatIsNoRegularFileIsRefused() throws {
    let fifo = folder.path.appending("fifo")
    #expect(unsafe mkfifo(fifo.string, 0o600) == 0)
    for (path, kind) in [
      (fifo, "FIFO"), (folder.path, "directory"), (FilePath("/dev/null"), "device"),
    ] {
      #expect(throws: FileChangeError.notRegular(path, kind: kind)) {
        try FileSnapshot.read(path)
      }
    }
    try link("to-fifo", to: "fifo")
    #expect(throws: FileChangeError.self) {
      try FileSnapshot.read(folder.path.appending("to-fifo"))
    }
  }

  /// A sparse file takes no room on the disk, and may claim more bytes than there is memory.
  @Test("given a file with more bytes than are read → it is reported, and none is read")
  func tooLarge() throws {
    let path = try folder.write("sparse", "")
    try #require(unsafe truncate(path.string, 15 << 40) == 0)
    let error = #expect(throws: FileChangeError.self) { try FileSnapshot.read(path) }
    #expect(error == .tooLarge(path, size: 15 << 40, limit: 512 << 20))
    #expect(error?.description.contains("has 15 TiB") == true, "\(error as Any)")
    #expect(error?.description.contains("more than 512 MiB") == true, "\(error as Any)")

    try #require(unsafe truncate(path.string, 1001) == 0)
    #expect(throws: FileChangeError.tooLarge(path, size: 1001, limit: 1000)) {
      try FileSnapshot.read(path, limit: 1000)
    }
    #expect(try FileSnapshot.read(path, limit: 1001).bytes.count == 1001)
  }

  /// Who has made it may keep others from opening it for as long as the kernel's lease-break-time.
  @Test("given a file with a lease on it → its reader does not wait")
  func leased() throws {
    let path = try folder.write("file", "x\n")
    let file = try FileDescriptor.open(path, .readWrite)
    defer { try? file.close() }
    // The holder is told by this signal that somebody else wants the file.
    signal(SIGIO, SIG_IGN)
    // fcntl(2): F_SETLEASE, F_WRLCK.
    guard fcntl(file.rawValue, 1024, 1) == 0 else { return }
    let error = #expect(throws: FileChangeError.self) { try FileSnapshot.read(path) }
    #expect(error == .system(.open, path, .resourceTemporarilyUnavailable))
    #expect(error?.description.contains("lease") == true, "\(error as Any)")
  }

  @Test func brokenLinksAreRefused() throws {
    try link("dangling", to: "nowhere")
    try link("circle", to: "circle")
    let dangling = folder.path.appending("dangling")
    #expect(throws: FileChangeError.danglingLink(dangling)) { try FileSnapshot.read(dangling) }
    let circle = #expect(throws: FileChangeError.self) {
      try FileSnapshot.read(folder.path.appending("circle"))
    }
    #expect(circle?.description.contains("circle") == true)
  }

  /// Files under /proc have no size until they are read, as has a file that grows.
  @Test func aFileThatIsNotAsLongAsItSaysIsNotTrusted() {
    #expect(throws: FileChangeError.changedWhileReading("/proc/self/status")) {
      try FileSnapshot.read("/proc/self/status")
    }
  }

  @Test(
    "a file that is saved in place while it is read → as it was or as it is, and no mix of both",
    .timeLimit(.minutes(1)))
  func aFileThatIsSavedMeanwhile() throws {
    let path = folder.path.appending("large")
    let file = try FileDescriptor.open(
      path, .readWrite, options: .create, permissions: .ownerReadWrite)
    defer { try? file.close() }
    let size = 64 << 20
    try file.resize(to: Int64(size))
    var meetings = 0
    for round in UInt8(1)...200 where meetings < 10 {
      // The file system's clock has to move on, or the time of this change would be that of the one before.
      let last = try path.stat().st_ctim
      while Self.coarseTime <= last { usleep(1_000) }
      let isOver = Mutex(false)
      let hasMet = Mutex(false)
      let writer = DispatchGroup()
      DispatchQueue(label: "writer").async(group: writer) {
        while !Self.isOpenTwice(path) { if isOver.withLock(\.self) { return } }
        _ = try? file.writeAll(toAbsoluteOffset: 0, [round])
        _ = try? file.writeAll(toAbsoluteOffset: Int64(size - 1), [round])
        hasMet.withLock { $0 = Self.isOpenTwice(path) }
      }
      let snapshot = try FileSnapshot.read(path)
      isOver.withLock { $0 = true }
      writer.wait()
      if hasMet.withLock(\.self) { meetings += 1 }
      #expect(snapshot.bytes.first == snapshot.bytes.last)
    }
    #expect(meetings > 0, "the file was never saved while it was read")
  }

  /// What the kernel takes for the time of a change.
  private static var coarseTime: timespec {
    var time = timespec()
    unsafe clock_gettime(CLOCK_REALTIME_COARSE, &time)
    return time
  }

  private static func isOpenTwice(_ path: FilePath) -> Bool {
    let inode = try? path.stat().inode
    let descriptors = (try? listFolder("/proc/self/fd")) ?? []
    return descriptors.count { (try? FilePath("/proc/self/fd/\($0)").stat().inode) == inode } > 1
  }

  private func link(_ name: String, to target: String) throws {
    let path = folder.path.appending(name)
    _ = unsafe mkdir(path.removingLastComponent().string, 0o755)
    #expect(unsafe symlink(target, path.string) == 0)
  }
}

private func <= (one: timespec, other: timespec) -> Bool {
  (one.tv_sec, one.tv_nsec) <= (other.tv_sec, other.tv_nsec)
}
