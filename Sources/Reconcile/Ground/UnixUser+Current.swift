import FileChange
import Glibc

extension UnixUser {
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
}
