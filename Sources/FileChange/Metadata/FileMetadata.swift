import Glibc
package import SystemPackage

/// Tells one state of a file from every other: which file it is, and when it last changed.
///
/// The inode's change time catches what the modification time does not: `touch -d`, `cp -p` and
/// editors that set it back, and a change of owner or mode.
package struct FileIdentity: Hashable, Sendable {
  /// A point in time as the file system keeps it.
  package struct Timestamp: Hashable, Sendable {
    package let seconds: Int64
    package let nanoseconds: Int64

    init(seconds: Int64, nanoseconds: Int64) {
      self.seconds = seconds
      self.nanoseconds = nanoseconds
    }
  }

  package let device: UInt64
  package let inode: UInt64
  package let size: Int64
  package let modified: Timestamp
  package let changed: Timestamp

  init(device: UInt64, inode: UInt64, size: Int64, modified: Timestamp, changed: Timestamp) {
    self.device = device
    self.inode = inode
    self.size = size
    self.modified = modified
    self.changed = changed
  }

  package init(_ status: Stat) {
    device = UInt64(status.deviceID.rawValue)
    inode = UInt64(status.inode.rawValue)
    size = status.size
    modified = Timestamp(
      seconds: Int64(status.st_mtim.tv_sec), nanoseconds: Int64(status.st_mtim.tv_nsec))
    changed = Timestamp(
      seconds: Int64(status.st_ctim.tv_sec), nanoseconds: Int64(status.st_ctim.tv_nsec))
  }

  /// Which file it is, whatever has been done to it.
  package var node: NodeID { NodeID(device: device, inode: inode) }
}

/// Whose a file is and what may be done with it.
package struct FileMetadata: Hashable, Sendable {
  package var owner: UInt32
  package var group: UInt32
  /// The permission bits, set-user-ID, set-group-ID and sticky bit included.
  package var mode: FilePermissions

  package init(owner: UInt32, group: UInt32, mode: FilePermissions) {
    self.owner = owner
    self.group = group
    self.mode = mode
  }

  package init(_ status: Stat) {
    self.init(
      owner: status.userID.rawValue, group: status.groupID.rawValue, mode: status.permissions)
  }
}
