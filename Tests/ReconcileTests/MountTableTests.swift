import FileChange
import ReconcileModel
import SystemPackage
import TestSupport
import Testing

@testable import Reconcile

/// Who sees which file through which mount, by what /proc says of two processes.
@Suite("Files that named sees through mounts of their own", .timeLimit(.minutes(1)))
struct MountTableTests {
  /// A host with /etc/named.conf, which Red Hat's setup-named-chroot.sh mounts into the chroot, /etc/named as a folder,
  /// and a file with a blank in its name.
  private static let host = """
    21 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw
    22 21 0:5 / /proc rw - proc proc rw
    30 21 8:1 /etc/named.conf /var/named/chroot/etc/named.conf rw - ext4 /dev/sda1 rw
    31 21 8:1 /etc/named /var/named/chroot/etc/named rw - ext4 /dev/sda1 rw
    32 21 8:1 /srv/a\\040b /mnt/a\\040b rw - ext4 /dev/sda1 rw
    """
  /// What the chrooted named's own list says: paths from its root on, and nothing that lies outside.
  private static let chrooted = """
    30 21 8:1 /etc/named.conf /etc/named.conf rw - ext4 /dev/sda1 rw
    31 21 8:1 /etc/named /etc/named rw - ext4 /dev/sda1 rw
    """
  private static let unchrooted = host

  private func point(_ file: FilePath, root: FilePath = "/", named: String?) -> FilePath? {
    NamedMounts(
      root: ServerRoot(root), own: MountTable(parsing: Self.host),
      named: named.map(MountTable.init(parsing:))
    ).point(of: file)
  }

  @Test("named.conf is mounted into named's chroot as a file → told; in a mounted folder → not")
  func chroot() {
    #expect(point("/etc/named.conf", named: Self.chrooted) == "/etc/named.conf")
    #expect(point("/etc/named/zonebridge.conf", named: Self.chrooted) == nil)
    #expect(point("/var/named/db.contoso.com", named: Self.chrooted) == nil)
  }

  @Test("named is not in the chroot where the file is mounted → it sees the file itself")
  func unchrooted() {
    #expect(point("/etc/named.conf", named: Self.unchrooted) == nil)
  }

  @Test("what named sees is not to be known → another mount of the file under the same path counts")
  func unseen() {
    #expect(point("/etc/named.conf", named: nil) == "/var/named/chroot/etc/named.conf")
    #expect(point("/etc/named/zonebridge.conf", named: nil) == nil)
  }

  @Test("a container's named has a file of its own at that path → it is not this one")
  func container() {
    let other = "90 80 8:2 /images/7/named.conf /etc/named.conf rw - ext4 /dev/sdb rw"
    #expect(point("/etc/named.conf", named: other) == nil)
    let same = "90 80 8:1 /etc/named.conf /etc/named.conf rw - ext4 /dev/sda1 rw"
    #expect(point("/etc/named.conf", named: same) == "/etc/named.conf")
  }

  @Test("zonebridge's root is no mount point → the file is compared with the one that named sees")
  func rootWithoutMount() throws {
    let folder = try TemporaryFolder()
    let file = try folder.write("etc/named.conf", "")
    try folder.write("other/named.conf", "")
    let named = MountTable(parsing: "30 21 8:1 /x \(file) rw - ext4 /dev/sda1 rw")
    func point(_ file: FilePath, root: String) -> FilePath? {
      NamedMounts(
        root: ServerRoot(), own: MountTable(parsing: "22 21 0:5 / /proc rw - proc proc rw"),
        named: named, namedRoot: FilePath(root)
      ).point(of: file)
    }
    #expect(point(file, root: "/") == file)
    // named has another file there, or sees the folder.
    #expect(point(file, root: folder.path.appending("other").string) == nil)
    #expect(point(folder.path.appending("other/named.conf"), root: "/") == nil)
  }

  @Test("names that are no UTF-8 → two files are two")
  func bytes() throws {
    func table(_ byte: UInt8) -> MountTable {
      MountTable(
        parsing: Array("32 21 8:1 /srv/db. /mnt/db. rw - ext4 /dev/sda1 rw\n".utf8).flatMap {
          $0 == UInt8(ascii: ".") ? [$0, byte] : [$0]
        })
    }
    func path(_ byte: UInt8) -> FilePath { FilePath(bytes: Array("/mnt/db.".utf8) + [byte]) }
    #expect(table(0xe9).isPoint(path(0xe9)))
    #expect(!table(0xe9).isPoint(path(0xe8)))
    #expect(
      table(0xe9).place(of: path(0xe9))?.path.bytes == Array("/srv/db.".utf8) + [0xe9])
  }

  @Test(
    "a file is mounted elsewhere, not any more, or something else over it → other words; another file → the same"
  )
  func words() {
    let mounted = MountTable(parsing: Self.host)
    let lines = Self.host.split(separator: "\n")
    let unmounted = MountTable(
      parsing: lines.filter { !$0.hasPrefix("30 ") }.joined(separator: "\n"))
    #expect(mounted.words(on: "/etc/named.conf") != unmounted.words(on: "/etc/named.conf"))
    #expect(mounted.words(on: "/etc/bind/db") == unmounted.words(on: "/etc/bind/db"))
    let covered = MountTable(parsing: Self.host + "\n41 21 0:9 / /etc rw - tmpfs tmpfs rw\n")
    #expect(mounted.words(on: "/etc/bind/db") != covered.words(on: "/etc/bind/db"))
  }

  @Test("a mount that another one covers → does not count; blanks are read")
  func details() {
    let table = MountTable(parsing: Self.host)
    #expect(table.points(of: .init(device: "8:1", path: "/srv/a b")) == ["/mnt/a b"])
    let covered = MountTable(
      parsing: Self.host + "\n40 30 0:9 / /var/named/chroot rw - tmpfs tmpfs rw\n")
    #expect(covered.place(of: "/var/named/chroot/x")?.device == "0:9")
    #expect(MountTable(parsing: "nonsense\n").place(of: "/x") == nil)
  }
}
