/// The POSIX ACL of a file (acl(5)), as the kernel keeps it in an extended attribute.
package struct AccessList: Sendable {
  /// What an entry is about, by the kernel's numbers (linux/posix_acl_xattr.h).
  private enum Tag: UInt16 {
    case owner = 0x01
    case user = 0x02
    case group = 0x04
    case namedGroup = 0x08
    case mask = 0x10
    case other = 0x20
  }

  private struct Entry {
    let tag: Tag
    let permissions: UInt16
    let id: UInt32
  }

  static let attribute = "system.posix_acl_access"
  private static let version: UInt32 = 2

  private let entries: [Entry]

  /// Reads the attribute's value; nil for one that is no list.
  init?(_ bytes: [UInt8]) {
    func number(at offset: Int, _ count: Int) -> UInt32 {
      bytes[offset..<(offset + count)].reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }
    guard bytes.count >= 4, (bytes.count - 4).isMultiple(of: 8),
      number(at: 0, 4) == Self.version
    else { return nil }
    var entries: [Entry] = []
    for offset in stride(from: 4, to: bytes.count, by: 8) {
      guard let tag = Tag(rawValue: UInt16(number(at: offset, 2))) else { return nil }
      entries.append(
        Entry(
          tag: tag, permissions: UInt16(number(at: offset + 2, 2)), id: number(at: offset + 4, 4)))
    }
    self.entries = entries
  }

  /// Whether somebody has a permission who is not the file's owner: the algorithm of acl(5).
  func grants(_ wanted: UInt16, to user: UnixUser, group: UInt32) -> Bool {
    let mask = entries.first { $0.tag == .mask }?.permissions ?? .max
    if let own = entries.first(where: { $0.tag == .user && $0.id == user.user }) {
      return own.permissions & mask & wanted != 0
    }
    let groups = entries.filter {
      $0.tag == .group && user.groups.contains(group)
        || $0.tag == .namedGroup && user.groups.contains($0.id)
    }
    if !groups.isEmpty { return groups.contains { $0.permissions & mask & wanted != 0 } }
    return entries.contains { $0.tag == .other && $0.permissions & wanted != 0 }
  }
}
