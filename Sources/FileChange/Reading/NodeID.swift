package import SystemPackage

/// Which file or folder it is on this host, whatever it is called and whatever is in it.
///
/// It is nobody else's for as long as the file is held open, or has a name.
package struct NodeID: Hashable, Sendable {
  package let device: UInt64
  package let inode: UInt64

  init(device: UInt64, inode: UInt64) {
    self.device = device
    self.inode = inode
  }

  package init(_ status: Stat) {
    self.init(
      device: UInt64(status.deviceID.rawValue), inode: UInt64(status.inode.rawValue))
  }
}
