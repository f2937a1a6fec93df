package import FileChange

/// Which file it is, and in which state.
package struct FileMark: Codable, Hashable, Sendable {
  package var device: UInt64
  package var inode: UInt64
  package var size: Int64
  package var seconds: Int64
  package var nanoseconds: Int64

  package init(_ identity: FileIdentity) {
    device = identity.device
    inode = identity.inode
    size = identity.size
    seconds = identity.modified.seconds
    nanoseconds = identity.modified.nanoseconds
  }
}
