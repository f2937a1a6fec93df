import BINDText
import DNSNames
import FileChange
import Glibc
import Named
import SystemPackage
import TestSupport
import Testing

@testable import Reconcile
@testable import ReconcileModel

/// What earlier passes have read counts for as long as the files are what they were.
@Suite(.timeLimit(.minutes(5))) struct FileCacheTests {
  /// A memory for which all files have been left alone for long.
  private static func trusting() -> FileCache { FileCache { Int64(time(nil)) + 3600 } }

  @Test func anUnchangedFileIsNotReadAgain() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("db", "a TXT x\n")
    let memory = Self.trusting()
    let first = try memory.read(path)
    #expect(try memory.read(path).bytes.sharesStorage(with: first.bytes))
    memory.forgetUnused()
    let link = folder.path.appending("link")
    try #require(unsafe symlink("db", link.string) == 0)
    let again = try memory.read(link)
    #expect(again.bytes.sharesStorage(with: first.bytes))
    #expect(again.path == link)
    #expect(again.realPath == first.realPath)
  }

  @Test("an edit is seen although size and modification time are what they were")
  func anEditIsSeen() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("db", "a TXT x\n")
    let memory = Self.trusting()
    let first = try memory.read(path)
    // In the same tick of the file system's clock the edit could not be told; the memory would not
    // trust so young a file.
    var edited = first.identity
    while edited.changed == first.identity.changed {
      try folder.write("db", "a TXT y\n")
      let modified = timespec(
        tv_sec: Int(first.identity.modified.seconds),
        tv_nsec: Int(first.identity.modified.nanoseconds))
      let times = [modified, modified]
      try #require(unsafe utimensat(AT_FDCWD, path.string, times, 0) == 0)
      edited = FileIdentity(try path.stat())
    }
    #expect(edited.size == first.identity.size)
    #expect(edited.modified == first.identity.modified)
    #expect(edited.inode == first.identity.inode)
    #expect(try memory.read(path).bytes == Array("a TXT y\n".utf8))
  }

  @Test func aFileThatWasChangedJustNowIsReadAgain() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("db", "a TXT x\n")
    let memory = FileCache()
    let first = try memory.read(path)
    #expect(try !memory.read(path).bytes.sharesStorage(with: first.bytes))
  }

  /// The file system's clock and ours may be a tick apart, and a second is what old file systems keep.
  @Test("changed 2 s ago → read again; 3 s ago → known", arguments: [(2, false), (3, true)])
  func age(seconds: Int64, isKnown: Bool) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("db", "a TXT x\n")
    let changed = FileIdentity(try path.stat()).changed.seconds
    let memory = FileCache { changed + seconds }
    let first = try memory.read(path)
    #expect(try memory.read(path).bytes.sharesStorage(with: first.bytes) == isKnown)
  }

  @Test func aLinkIsFollowedEachTime() throws {
    let folder = try TemporaryFolder()
    let first = try folder.write("one", "1")
    try folder.write("two", "2")
    let link = folder.path.appending("link")
    let memory = Self.trusting()
    for (target, contents) in [("one", "1"), ("two", "2"), ("one", "1")] {
      _ = unsafe unlink(link.string)
      try #require(unsafe symlink(target, link.string) == 0)
      #expect(try memory.read(link).bytes == Array(contents.utf8))
    }
    _ = unsafe unlink(first.string)
    #expect(throws: FileChangeError.danglingLink(link)) { try memory.read(link) }
  }

  @Test func whatAPassHadNoUseForIsForgotten() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("db", "a TXT x\n")
    let memory = Self.trusting()
    let first = try memory.read(path)
    memory.forgetUnused()
    memory.forgetUnused()
    let second = try memory.read(path)
    #expect(!second.bytes.sharesStorage(with: first.bytes))
    memory.forget(second)
    #expect(try !memory.read(path).bytes.sharesStorage(with: second.bytes))
  }

  @Test func anOutlineIsMadeForItsOriginAndNames() throws {
    let folder = try TemporaryFolder()
    let memory = Self.trusting()
    let snapshot = try memory.read(try folder.write("db", "@ TXT x\na TXT x\n"))
    for origin in [try DomainName("one.example"), try DomainName("two.example")] {
      for names in [WatchedNames(), WatchedNames(owners: [origin], parents: [origin])] {
        let outline = try memory.outline(
          of: snapshot, origin: origin, owner: nil, watching: names)
        #expect(outline.origin == origin)
        #expect(outline.records(of: origin).count == 1)
        #expect(outline.owners(below: origin).count == 1)
      }
    }
  }

  @Test("passes one after the other read what has changed, and nothing else")
  func passes() async throws {
    let files = [
      "named.conf":
        "include \"FOLDER/acl.conf\";\nzone \"contoso.com\" { type primary; file \"FOLDER/db\"; };\n",
      "acl.conf": "acl a { any; };\n",
      "db": """
      $TTL 60
      @ SOA ns.example.net. h.example.net. 7 1 1 1 1
      @ NS ns.example.net.
      $INCLUDE FOLDER/hosts
      """ + "\n",
      "hosts": "www A 192.0.2.1\n",
    ]
    try await withSite(files, aliases: ["x.contoso.com"]) { site in
      let pass = Pass(
        desired: site.desired, tools: try NamedTools.locate(), files: Self.trusting())
      func propose() async throws -> Proposal {
        try await pass.propose(observers: ClusterObservers(site.desired.clusters), now: 0)
      }
      let first = try await propose()
      let second = try await propose()
      #expect(
        first.actual.snapshots.map(\.path.lastComponent?.string) == [
          "named.conf", "acl.conf", "db", "hosts",
        ])
      for (one, other) in zip(first.actual.snapshots, second.actual.snapshots) {
        #expect(one.bytes.sharesStorage(with: other.bytes), "\(one.path)")
      }
      _ = try await pass.apply(second)
      let third = try await propose()
      #expect(third.plan.isEmpty)
      let isKept = zip(second.actual.snapshots, third.actual.snapshots).map {
        $0.bytes.sharesStorage(with: $1.bytes)
      }
      #expect(isKept == [false, true, false, true])
      let edited = try site.folder.write("hosts", "www A 192.0.2.2\n")
      let fourth = try await propose()
      #expect(fourth.actual.snapshots.last?.bytes == (try readFile(edited)))
    }
  }
}

extension ActualState {
  /// All files that were read.
  fileprivate var snapshots: [FileSnapshot] {
    tree.files.map(\.snapshot)
      + zones.compactMap { try? $0.text?.get() }.flatMap(\.files).map(\.snapshot)
  }
}

extension [UInt8] {
  /// Whether both are one piece of memory, and so one was not read.
  fileprivate func sharesStorage(with other: [UInt8]) -> Bool {
    unsafe withUnsafeBufferPointer { one in
      unsafe other.withUnsafeBufferPointer { unsafe one.baseAddress == $0.baseAddress }
    }
  }
}
