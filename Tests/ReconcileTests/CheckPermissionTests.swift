import DNSNames
import FileChange
import Named
import SystemPackage
import TestSupport
import Testing

@testable import Reconcile
@testable import ReconcileModel

@Suite("check: whether files can be replaced and read", .timeLimit(.minutes(5)))
struct CheckPermissionTests {
  private let agent = UnixUser(name: "agent", user: 700, groups: [700, 800])
  private let named = UnixUser(name: "bind", user: 900, groups: [900])

  /// A file of named's in a directory of the agent's.
  private func file(
    owner: UInt32 = 700, group: UInt32 = 800, mode: CModeT = 0o644, directory: CModeT = 0o755,
    directoryOwner: UInt32 = 700, refusal: Errno? = nil
  ) throws -> ReplacementPreflight {
    var file = try #require(ReplacementPreflight(of: "/etc/passwd"))
    file.metadata = FileMetadata(
      owner: owner, group: group, mode: FilePermissions(rawValue: mode))
    var last = try #require(file.directories.last)
    last.metadata = FileMetadata(
      owner: directoryOwner, group: 0, mode: FilePermissions(rawValue: directory))
    last.refusal = refusal
    file.directories = [last]
    return file
  }

  private func objections(_ file: ReplacementPreflight) -> [(reason: String, remedy: String)] {
    FileObjections(file: file, user: agent, named: named).all
  }

  @Test("nothing is the matter") func sound() throws {
    #expect(objections(try file()).isEmpty)
  }

  @Test("each thing that can be the matter") func faults() throws {
    func only(_ file: ReplacementPreflight) -> (reason: String, remedy: String)? {
      let all = objections(file)
      return all.count == 1 ? all[0] : nil
    }
    #expect(only(try file(refusal: .permissionDenied))?.remedy.contains("setfacl") == true)
    #expect(only(try file(refusal: .readOnlyFileSystem))?.remedy.contains("ReadWritePaths") == true)
    #expect(only(try file(owner: 900))?.remedy.contains("CAP_CHOWN") == true)
    #expect(only(try file(group: 900))?.reason.contains("cannot keep") == true)
    #expect(only(try file(mode: 0o640))?.remedy.contains("chgrp bind") == true)
    #expect(only(try file(directory: 0o750))?.reason.contains("cannot go through") == true)
    #expect(
      only(try file(directory: 0o1777, directoryOwner: 0)) == nil, "the agent owns the file")
    let sticky = objections(try file(owner: 900, directory: 0o1777, directoryOwner: 0))
    #expect(sticky.contains { $0.reason.contains("sticky") })
    var hardLinked = try file()
    hardLinked.linkCount = 2
    #expect(only(hardLinked)?.reason.contains("hard links") == true)
    var immutable = try file()
    immutable.isImmutable = true
    #expect(only(immutable)?.remedy.contains("chattr -ia") == true)
    var mounted = try file()
    mounted.isMountPoint = true
    #expect(only(mounted)?.remedy.hasPrefix("Mount its directory instead, or name a file") == true)
    var listed = try file(mode: 0o640)
    listed.hasACL = true
    #expect(objections(listed).isEmpty, "its ACL may well let named read it")
  }

  @Test("a real file, and a directory that cannot be written") func realFile() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("a/file", "x")
    let file = try #require(ReplacementPreflight(of: path))
    #expect(file.path.lastComponent == "file" && file.linkCount == 1 && !file.isImmutable)
    #expect(file.directories.first?.path == "/")
    #expect(file.directories.last?.path.lastComponent == "a")
    #expect(file.directories.last?.refusal == nil)
    #expect(ReplacementPreflight(of: folder.path.appending("missing")) == nil)
  }

  @Test("the capabilities and groups of a process") func process() throws {
    let folder = try TemporaryFolder()
    for process in 16...18 { try folder.write("proc/\(process)/comm", "named\n") }
    try folder.write(
      "proc/17/status",
      "Name:\tnamed\nUid:\t0\t900\t900\t900\nGid:\t900\t901\t9\t9\nGroups:\t5 6 \nCapEff:\t0000000000000001\n"
    )
    try folder.write("proc/17/cmdline", "/usr/sbin/named\0-f\0-c\0/etc/other.conf\0")
    try folder.write("proc/18/status", "Name:\tnamed\nUid:\t1\t2\t3\t4\nGid:\t1\t1\t1\t1\n")
    try folder.write("proc/18/cmdline", "/usr/sbin/named\0-c/srv/named.conf\0")
    try folder.write(
      "proc/16/status", "Name:\tnamed\nState:\tZ (zombie)\nUid:\t7\t7\t7\t7\nGid:\t7\n")
    try folder.write("proc/16/cmdline", "")
    let proc = folder.path.appending("proc")
    let fields = try #require(ProcessFields(of: "17", in: proc))
    #expect(fields.user == 900 && fields.groups == [901, 5, 6])
    #expect(fields.hasCapability(0) && !fields.hasCapability(1))
    func process(reading path: FilePath) throws -> NamedProcess? {
      NamedProcess.find(
        reading: BINDSettings(
          namedConf: path, zonesIn: path, query: try .init("127.0.0.1:53"), reload: .none),
        in: proc)
    }
    #expect(try process(reading: "/etc/other.conf")?.account.user == 900)
    #expect(try process(reading: "/srv/named.conf")?.identifier == 18)
    #expect(try process(reading: "/etc/bind/named.conf")?.identifier == nil)
  }
}

private typealias CModeT = CInterop.Mode
