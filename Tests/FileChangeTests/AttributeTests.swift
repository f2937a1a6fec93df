import CLinux
import FileChange
import Glibc
import SystemPackage
import TestSupport
import Testing

/// What else a file has besides its bytes, owner and mode.
@Suite(.timeLimit(.minutes(5))) struct AttributeTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try folder.write("file", "old\n")
  }

  private var file: FilePath { folder.path.appending("file") }

  /// An ACL as the kernel keeps it (linux/posix_acl_xattr.h): owner, a further user, group, mask, others.
  private static func list(user: UInt32) -> [UInt8] {
    let entries: [(tag: UInt16, permissions: UInt16, id: UInt32)] = [
      (0x01, 6, .max), (0x02, 4, user), (0x04, 4, .max), (0x10, 4, .max), (0x20, 0, .max),
    ]
    func bytes(_ value: some FixedWidthInteger) -> [UInt8] {
      unsafe withUnsafeBytes(of: value.littleEndian) { unsafe Array($0) }
    }
    return bytes(UInt32(2))
      + entries.flatMap { bytes($0.tag) + bytes($0.permissions) + bytes($0.id) }
  }

  private static func set(_ name: String, _ value: [UInt8], on path: FilePath) -> Bool {
    unsafe setxattr(path.string, name, value, value.count, 0) == 0
  }

  /// Whether the file system of temporary folders keeps both.
  private static let keepsAttributes: Bool = {
    guard let folder = try? TemporaryFolder(), (try? folder.write("file", "")) != nil else {
      return false
    }
    let file = folder.path.appending("file")
    return set("user.note", [1], on: file)
      && set("system.posix_acl_access", list(user: 4711), on: file)
  }()

  /// Only root may, and not on every file system.
  private static func canMakeImmutable() async throws -> Bool {
    try await withTemporaryFolder { folder in
      try folder.write("file", "")
      let file = folder.path.appending("file").string
      guard try await run("chattr", arguments: ["+i", file]).status == 0 else { return false }
      return try await run("chattr", arguments: ["-i", file]).status == 0
    }
  }

  private func value(_ name: String) -> [UInt8]? {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = unsafe getxattr(file.string, name, &buffer, buffer.count)
    return count < 0 ? nil : Array(buffer.prefix(count))
  }

  private func change() throws -> AppliedChanges {
    let before = try FileSnapshot.read(file)
    return try ChangeSet([FileReplacement(replacing: before, with: Array("new\n".utf8))]).apply()
  }

  @Test(.enabled(if: keepsAttributes, "the file system keeps no attributes or access lists"))
  func attributesAndAccessListsStay() throws {
    let list = Self.list(user: 4711)
    try #require(Self.set("user.note", Array("mine".utf8), on: file))
    try #require(Self.set("system.posix_acl_access", list, on: file))
    let mode = try file.stat().permissions
    let applied = try change()
    #expect(try folder.text("file") == "new\n")
    #expect(value("user.note") == Array("mine".utf8))
    #expect(value("system.posix_acl_access") == list)
    #expect(try file.stat().permissions == mode)
    try applied.undo()
    #expect(value("system.posix_acl_access") == list)
  }

  @Test(.enabled(if: keepsAttributes, "the file system keeps no attributes or access lists"))
  func whatTheDirectoryGivesToNewFilesIsNotGiven() throws {
    try #require(Self.set("system.posix_acl_default", Self.list(user: 4712), on: folder.path))
    _ = try change()
    #expect(try folder.text("file") == "new\n")
    #expect(value("system.posix_acl_access") == nil)
  }

  @Test(
    .enabled("only root may make a file immutable, and not on every file system") {
      try await canMakeImmutable()
    })
  func anImmutableFileIsToldWithTheCure() async throws {
    let result = try await run("chattr", arguments: ["+i", file.string])
    try #require(result.status == 0, "\(result.standardError)")
    let error = #expect(throws: FileChangeError.self) { try change() }
    _ = try await run("chattr", arguments: ["-i", file.string])
    #expect(error?.description.contains("lsattr \(file)") == true, "\(error as Any)")
    #expect(try folder.text("file") == "old\n")
    #expect(try listFolder(folder.path) == ["file"])
  }
}
