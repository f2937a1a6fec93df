import Glibc
import SystemPackage

/// A user, as the kernel judges access to files by it.
package struct UnixUser: Hashable, Sendable {
  package var name: String
  package var user: UInt32
  package var groups: Set<UInt32>
  /// Whether it may give files away (CAP_CHOWN).
  package var givesFilesAway = false

  /// A user of this host by name; nil where there is none.
  package init?(named name: String) {
    guard let entry = unsafe getpwnam(name) else { return nil }
    let (user, group) = unsafe (entry.pointee.pw_uid, entry.pointee.pw_gid)
    self.init(name: name, user: user, groups: Self.groups(of: name, first: group))
  }

  /// A user of this host by number, with its groups where the host knows it.
  package init(number user: UInt32) {
    guard let entry = unsafe getpwuid(user) else {
      self.init(name: "user \(user)", user: user, groups: [])
      return
    }
    let name = unsafe String(cString: entry.pointee.pw_name)
    let group = unsafe entry.pointee.pw_gid
    self.init(name: name, user: user, groups: Self.groups(of: name, first: group))
  }

  package init(name: String, user: UInt32, groups: Set<UInt32>, givesFilesAway: Bool = false) {
    self.name = name
    self.user = user
    self.groups = groups
    self.givesFilesAway = givesFilesAway
  }

  private static func groups(of name: String, first group: UInt32) -> Set<UInt32> {
    var list = [gid_t](repeating: 0, count: 256)
    var count = CInt(list.count)
    let found = unsafe getgrouplist(name, group, &list, &count)
    return Set(found < 0 ? [group] : Array(list.prefix(Int(count))))
  }

  package static func name(of user: UInt32) -> String {
    userName(user)
  }
}

extension UnixUser {
  /// What is asked for, by its bit in a class of the mode.
  private enum Permission: UInt16 {
    case read = 4
    /// Of a directory: to look up what is in it.
    case search = 1
  }

  /// Whether this user may read a file, by its mode and ACL; root always may.
  package func mayRead(_ metadata: FileMetadata, _ list: AccessList? = nil) -> Bool {
    may(.read, metadata, list)
  }

  /// Whether this user may go through a directory.
  package func mayEnter(_ metadata: FileMetadata, _ list: AccessList? = nil) -> Bool {
    may(.search, metadata, list)
  }

  private func may(
    _ permission: Permission, _ metadata: FileMetadata, _ list: AccessList?
  ) -> Bool {
    if user == 0 { return true }
    let wanted = permission.rawValue
    let mode = UInt16(metadata.mode.rawValue)
    // The first of the classes that the user belongs to decides (POSIX, "file access permissions").
    if metadata.owner == user { return mode >> 6 & wanted != 0 }
    if let list { return list.grants(wanted, to: self, group: metadata.group) }
    if groups.contains(metadata.group) { return mode >> 3 & wanted != 0 }
    return mode & wanted != 0
  }
}
