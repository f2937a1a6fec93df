import FileChange
import ReconcileModel
import SystemPackage

extension Reader {
  /// named, as far as it can be known who that is: whoever reads these files reads them in its root and with
  /// its rights.
  ///
  /// named is root while it reads its configuration for the first time. From then on it is its own user, and
  /// it has to read all files again for whatever we change.
  convenience init(of bind: BINDSettings) {
    let user = Self.user(of: bind)
    self.init(
      title: "named's user \(user.name)", user: user, root: bind.root.isChanged ? bind.root.path : nil)
  }

  private static func user(of bind: BINDSettings) -> UnixUser {
    if let user = bind.user { return user }
    let process = NamedProcess.find(reading: bind)
    // Root's rights are for a named that surely is ours.
    if let process, process.identifier != nil, process.isSure || process.account.user != 0 {
      return process.account
    }
    guard let presumed = NamedProcess.presumedUser else { return owner(of: bind.namedConf) }
    let reader = Reader(user: presumed, root: bind.root.isChanged ? bind.root.path : nil)
    // If root keeps named.conf itself from that user, named must be another: its owner's.
    if case .notForReader(let file, _, let folder)? = reader.objection(to: bind.namedConf),
      let status = try? (folder ?? file).stat(),
      [0, UnixUser.current.user].contains(status.userID.rawValue)
    {
      return owner(of: bind.namedConf)
    }
    return presumed
  }

  private static func owner(of file: FilePath) -> UnixUser {
    (try? file.stat()).map { UnixUser(number: $0.userID.rawValue) } ?? .current
  }
}
