import FileChange
import Glibc
import SystemPackage

/// A user, as the kernel judges access to files by it.
struct UnixUser: Hashable, Sendable {
  var name: String
  var user: UInt32
  var groups: Set<UInt32>
  /// Whether it may give files away (CAP_CHOWN).
  var givesFilesAway = false

  /// The user that this process runs as.
  static var current: UnixUser {
    var groups: Set<UInt32> = [getegid()]
    let count = getgroups(0, nil)
    if count > 0 {
      var list = [gid_t](repeating: 0, count: Int(count))
      let filled = unsafe getgroups(count, &list)
      if filled > 0 { groups.formUnion(list.prefix(Int(filled))) }
    }
    let fields = ProcessFields(of: "self")
    return UnixUser(
      name: UnixUser.name(of: geteuid()), user: geteuid(), groups: groups,
      givesFilesAway: fields?.hasCapability(0) ?? (geteuid() == 0))
  }

  /// A user of this host by name; nil where there is none.
  init?(named name: String) {
    guard let entry = unsafe getpwnam(name) else { return nil }
    let (user, group) = unsafe (entry.pointee.pw_uid, entry.pointee.pw_gid)
    var list = [gid_t](repeating: 0, count: 256)
    var count = CInt(list.count)
    let found = unsafe getgrouplist(name, group, &list, &count)
    self.init(
      name: name, user: user,
      groups: Set(found < 0 ? [group] : Array(list.prefix(Int(count)))))
  }

  init(name: String, user: UInt32, groups: Set<UInt32>, givesFilesAway: Bool = false) {
    self.name = name
    self.user = user
    self.groups = groups
    self.givesFilesAway = givesFilesAway
  }

  static func name(of user: UInt32) -> String {
    userName(user)
  }

  /// Whether the mode lets this user read a file; for root it always does.
  func mayRead(_ metadata: FileMetadata) -> Bool {
    may(metadata, .ownerRead, .groupRead, .otherRead)
  }

  /// Whether the mode lets this user go through a directory.
  func mayEnter(_ metadata: FileMetadata) -> Bool {
    may(metadata, .ownerExecute, .groupExecute, .otherExecute)
  }

  /// The first of the three classes that the user belongs to decides (POSIX, "file access permissions").
  private func may(
    _ metadata: FileMetadata, _ owner: FilePermissions, _ group: FilePermissions,
    _ other: FilePermissions
  ) -> Bool {
    if user == 0 { return true }
    if metadata.owner == user { return metadata.mode.contains(owner) }
    if groups.contains(metadata.group) { return metadata.mode.contains(group) }
    return metadata.mode.contains(other)
  }
}
