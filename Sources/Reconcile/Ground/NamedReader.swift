import FileChange
import ReconcileModel
import SystemPackage

extension Reader {
  /// Reads as named does: in its root, and with its rights if its user is known.
  ///
  /// named is root while it reads its configuration for the first time. From then on it is its own user, and
  /// it has to read all files again for whatever we change.
  convenience init(of bind: BINDSettings) {
    let user = Self.user(of: bind)
    self.init(title: "named's user \(user.name)", user: user, root: bind.root.reader.root)
  }

  private static func user(of bind: BINDSettings) -> UnixUser {
    if let user = bind.user { return user }
    let process = NamedProcess.find(reading: bind)
    if let process, process.isSure { return process.account }
    // Root's rights are for a named that surely is ours.
    let seen = process.flatMap { $0.account.user == 0 ? nil : $0.account }
    let namedConf = bind.root.realPath(bind.namedConf)
    guard let presumed = seen ?? NamedProcess.presumedUser else { return owner(of: namedConf) }
    let reader = Reader(user: presumed, root: bind.root.reader.root)
    // If somebody else keeps named.conf itself from that user, named must be another: its owner's.
    if case .notForReader(_, _, let folder)? = reader.objection(to: bind.namedConf),
      let status = try? (folder ?? namedConf).stat(), status.userID.rawValue != presumed.user
    {
      return owner(of: namedConf)
    }
    return presumed
  }

  /// In a container the host may know neither the user nor his groups: the file's is one of them.
  private static func owner(of file: FilePath) -> UnixUser {
    guard let status = try? file.stat() else { return .current }
    var user = UnixUser(number: status.userID.rawValue)
    user.groups.insert(status.groupID.rawValue)
    return user
  }
}
