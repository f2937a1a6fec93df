import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import FileChange

/// Files that are read on behalf of another program, with its rights and in its root.
@Suite(.timeLimit(.minutes(5))) struct ReaderTests {
  private let folder: TemporaryFolder
  private let root: FilePath

  init() throws {
    folder = try TemporaryFolder()
    root = try Walk.place(of: folder.path).realPath
  }

  private static let user = UnixUser(name: "somebody", user: 4711, groups: [4811, 4812])
  private static let isRoot = geteuid() == 0
  private static let needsRoot: Comment = "only root can give files to others"

  private func reader(root: FilePath? = nil) -> Reader {
    Reader(title: "named's user somebody", user: Self.user, root: root)
  }

  private func text(_ name: String, _ reader: Reader) throws -> String {
    let path = name.hasPrefix("/") ? FilePath(name) : root.appending(name)
    return String(decoding: try FileSnapshot.read(path, as: reader).bytes, as: UTF8.self)
  }

  private func setMode(_ name: String, _ mode: CInterop.Mode) throws {
    try #require(unsafe chmod(root.appending(name).string, mode) == 0)
  }

  @Test(
    "given owner, group and mode → what the kernel would say to the user",
    arguments: [
      (4711, 1, 0o400, true), (4711, 4811, 0o044, false), (1, 4811, 0o040, true),
      (1, 4812, 0o604, false), (1, 1, 0o004, true), (1, 1, 0o640, false), (0, 0, 0o600, false),
    ] as [(UInt32, UInt32, CInterop.Mode, Bool)])
  func mode(owner: UInt32, group: UInt32, mode: CInterop.Mode, may: Bool) {
    let metadata = FileMetadata(owner: owner, group: group, mode: FilePermissions(rawValue: mode))
    #expect(Self.user.mayRead(metadata) == may)
    #expect(UnixUser(name: "root", user: 0, groups: []).mayRead(metadata))
    let search = FilePermissions(rawValue: mode >> 2 & 0o111)
    #expect(Self.user.mayEnter(FileMetadata(owner: owner, group: group, mode: search)) == may)
  }

  /// The attribute as the kernel has it: a version, then tag, permissions and number of each entry.
  private func list(_ entries: (UInt16, UInt16, UInt32)...) -> AccessList? {
    func bytes(_ number: UInt32, _ count: Int) -> [UInt8] {
      (0..<count).map { UInt8(truncatingIfNeeded: number >> (8 * UInt32($0))) }
    }
    return AccessList(
      bytes(2, 4)
        + entries.flatMap { bytes(UInt32($0.0), 2) + bytes(UInt32($0.1), 2) + bytes($0.2, 4) })
  }

  @Test("given an ACL → its entry for the user, then those of its groups, each within the mask")
  func accessLists() throws {
    let (owner, user, group, namedGroup, mask, other):
      (UInt16, UInt16, UInt16, UInt16, UInt16, UInt16) =
        (1, 2, 4, 8, 16, 32)
    let file = FileMetadata(owner: 1, group: 4811, mode: [.groupRead, .otherRead])
    func may(_ list: AccessList?) throws -> Bool {
      let read = try #require(list)
      return Self.user.mayRead(file, read)
    }
    #expect(
      try may(list((owner, 6, 0), (user, 4, 4711), (group, 0, 0), (mask, 4, 0), (other, 0, 0))))
    #expect(
      try !may(list((owner, 6, 0), (user, 0, 4711), (group, 4, 0), (mask, 4, 0), (other, 4, 0))))
    #expect(
      try !may(list((owner, 6, 0), (user, 4, 4711), (group, 4, 0), (mask, 0, 0), (other, 4, 0))))
    #expect(
      try may(
        list((owner, 6, 0), (group, 0, 0), (namedGroup, 4, 4812), (mask, 7, 0), (other, 0, 0))))
    #expect(
      try !may(
        list((owner, 6, 0), (group, 0, 0), (namedGroup, 4, 9), (mask, 7, 0), (other, 4, 0))))
    #expect(AccessList([1, 0, 0, 0]) == nil)
    #expect(AccessList([2, 0, 0, 0, 1]) == nil)
  }

  @Test(
    "given a file that the user may not read → refused, whoever we are; with the right → read",
    .enabled(if: isRoot, needsRoot), arguments: [Walk.Method.openat2, .stepByStep])
  func unreadable(method: Walk.Method) throws {
    try Walk.$method.withValue(method) {
      let path = try folder.write("a/secret", Array("hunter2".utf8), mode: [.ownerReadWrite])
      let error = #expect(throws: FileChangeError.self) { try text("a/secret", reader()) }
      #expect(
        error == .notForReader(root.appending("a/secret"), "named's user somebody", folder: nil))
      #expect(try FileSnapshot.read(path).bytes.count == 7)
      try setMode("a/secret", 0o640)
      try #require(unsafe chown(path.string, 0, 4812) == 0)
      #expect(try text("a/secret", reader()) == "hunter2")
    }
  }

  @Test(
    "given a folder that the user may not enter → refused, whether there is such a file or not",
    .enabled(if: isRoot, needsRoot))
  func closedFolder() throws {
    try folder.write("closed/b/open", "hunter2")
    let reader = reader()
    #expect(try text("closed/b/open", reader) == "hunter2")
    try setMode("closed", 0o700)
    for name in ["closed/b/open", "closed/b/none", "closed/none/none"] {
      let error = #expect(throws: FileChangeError.self) { try text(name, self.reader()) }
      #expect(
        error
          == .notForReader(
            root.appending(name), "named's user somebody", folder: root.appending("closed")))
      #expect(FileState(of: root.appending(name), as: self.reader()) == nil)
    }
    try makeLink(root.appending("way"), to: "closed/b")
    #expect(throws: FileChangeError.self) { try text("way/open", self.reader()) }
  }

  @Test(
    "given another folder in the place of one that was walked to → it is asked itself",
    .enabled(if: isRoot, needsRoot))
  func swappedFolder() throws {
    try folder.write("way/inner/file", "open")
    try folder.write("other/inner/file", "hunter2")
    try setMode("other", 0o700)
    let reader = reader()
    #expect(try text("way/inner/file", reader) == "open")
    try #require(
      unsafe rename(root.appending("way").string, root.appending("old").string) == 0)
    try #require(
      unsafe rename(root.appending("other").string, root.appending("way").string) == 0)
    #expect(throws: FileChangeError.self) { try text("way/inner/file", reader) }
  }

  @Test(
    "given a hard link to a file that the user may not read → refused under that name as well",
    .enabled(if: isRoot, needsRoot))
  func hardLink() throws {
    let path = try folder.write("root/secret", Array("hunter2".utf8), mode: [.ownerReadWrite])
    try folder.write("zones/x", "")
    try #require(unsafe link(path.string, root.appending("zones/db").string) == 0)
    #expect(throws: FileChangeError.self) { try text("zones/db", reader()) }
  }

  @Test("given /dev/null, or a link to it → an empty file for a reader, and none for us")
  func null() throws {
    try makeLink(root.appending("masked"), to: "/dev/null")
    #expect(try text("/dev/null", reader()) == "")
    #expect(try text("masked", reader()) == "")
    #expect(throws: FileChangeError.self) { try FileSnapshot.read("/dev/null") }
    #expect(throws: FileChangeError.self) { try text("/dev/zero", reader()) }
    #expect(throws: FileChangeError.self) { try text("/dev", reader()) }
  }

  @Test("given a root of the reader's → links in it lead into it, absolute ones and by ..")
  func links() throws {
    try folder.write("jail/etc/file", "inside")
    try folder.write("etc/file", "hunter2")
    try makeLink(root.appending("jail/absolute"), to: "/etc/file")
    try makeLink(root.appending("jail/relative"), to: "../../etc/file")
    try makeLink(root.appending("jail/folder"), to: "/etc")
    let reader = Reader(root: root.appending("jail"))
    for name in ["etc/file", "absolute", "relative", "folder/file", "../etc/file"] {
      let snapshot = try FileSnapshot.read(
        root.appending("jail").pushing(FilePath(name)), as: reader)
      #expect(String(decoding: snapshot.bytes, as: UTF8.self) == "inside", "\(name)")
      #expect(snapshot.realPath == root.appending("jail/etc/file"), "\(name)")
    }
  }

  @Test("given a pattern → the names as glob(3) has them, of folders that the user may list")
  func patterns() throws {
    for name in ["z/b.conf", "z/a.conf", "z/.hidden.conf", "z/other", "y/c.conf"] {
      try folder.write(name, "")
    }
    func names(_ pattern: String) -> [String] {
      reader().paths(matching: root.pushing(FilePath(pattern))).map {
        String($0.string.dropFirst(root.string.count + 1))
      }
    }
    #expect(names("z/*.conf") == ["z/a.conf", "z/b.conf"])
    #expect(names("?/[a-c].conf") == ["y/c.conf", "z/a.conf", "z/b.conf"])
    #expect(names("*/c.conf") == ["y/c.conf"])
    #expect(names("z/*.none") == [])
    if Self.isRoot {
      try setMode("z", 0o711)
      #expect(names("z/*.conf") == [])
    }
  }

  @Test("given a large file → piece by piece, and what stands at a border comes whole")
  func scan() throws {
    let size = 1 << 20
    let bytes = [UInt8](repeating: 0x20, count: size - 3) + Array("needle".utf8)
    let path = try folder.write("large", bytes)
    var pieces = 0
    var isFound = false
    try reader().scan(path, overlap: 16) { piece in
      pieces += 1
      #expect(piece.count <= size + 16)
      isFound = isFound || String(decoding: piece, as: UTF8.self).contains("needle")
      return false
    }
    #expect(pieces == 2 && isFound)
    #expect(throws: FileChangeError.tooLarge(path, size: Int64(bytes.count), limit: 100)) {
      try reader().scan(path, limit: 100, overlap: 16) { _ in false }
    }
  }
}
