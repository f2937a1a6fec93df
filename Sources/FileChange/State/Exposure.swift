import Glibc
package import SystemPackage

/// What lets somebody other than root and the intended user control a file's contents.
///
/// A file is controlled by its owner, by whoever may write to it, and by whoever may replace it, which depends on each
/// folder on the path.
package struct Exposure: Hashable, Sendable {
  package enum Kind: Hashable, Sendable {
    /// It belongs to another user.
    case foreign(owner: UInt32)
    /// Its mode lets others write. Of an ACL the mode shows the mask (acl(5)).
    case writable(FilePermissions)
    /// It leads elsewhere, where nothing has to.
    case symbolicLink
    /// It has other names, elsewhere.
    case hardLinks(Int)
  }

  package let path: FilePath
  package let kind: Kind
  package let isFolder: Bool
  /// Whom it should belong to.
  package let user: UInt32

  /// Nil where only root and the user can change what is there.
  init?(_ status: Stat, at path: FilePath, for user: UInt32) {
    let owner = status.userID.rawValue
    if status.type == .symbolicLink {
      kind = .symbolicLink
    } else if owner != 0, owner != user {
      kind = .foreign(owner: owner)
    } else if !status.permissions.isDisjoint(with: [.groupWrite, .otherWrite]) {
      kind = .writable(status.permissions)
    } else {
      return nil
    }
    self.path = path
    self.user = user
    isFolder = status.type == .directory
  }

  package init(_ kind: Kind, of path: FilePath, for user: UInt32, isFolder: Bool = false) {
    self.kind = kind
    self.path = path
    self.user = user
    self.isFolder = isFolder
  }

  /// What lets somebody else change a file; nil where nothing does.
  /// - Parameters:
  ///   - path: the file; symbolic links are followed as by ``LinkRule``.
  ///   - mayBeForeign: whether its owner may be anybody, since it is for him to say what is in it.
  ///   - user: the user that it is for.
  /// - Returns: the first thing that does.
  /// - Throws: why that cannot be seen.
  package static func ofFile(
    _ path: FilePath, mayBeForeign: Bool = false, for user: UInt32 = geteuid()
  ) throws(FileChangeError) -> Exposure? {
    let place = try Walk.place(of: path)
    let status = try place.existing(path)
    let exposure = Exposure(status, at: place.realPath, for: user)
    if let exposure {
      guard case .foreign = exposure.kind, mayBeForeign else { return exposure }
      guard status.permissions.isDisjoint(with: [.groupWrite, .otherWrite]) else {
        return Exposure(.writable(status.permissions), of: place.realPath, for: user)
      }
    }
    return try onTheWay(to: place.folder, for: user, mayBeForeign: true)
  }

  /// The first folder, from the root down, in which somebody else can put another in the next one's place.
  ///
  /// In a folder with the sticky bit, such as /tmp, only its owner can, and the owner of what he replaces. The owner of a
  /// folder can put nothing there that would be believed, since neither the file nor a link to another would be root's
  /// or the user's; but he can take things away while they are used.
  static func onTheWay(
    to folder: Folder, for user: UInt32, mayBeForeign: Bool
  ) throws(FileChangeError) -> Exposure? {
    var path: FilePath = "/"
    var names = folder.path.components[...]
    while true {
      let status = try Walk.folder(at: path).ownStatus()
      let isShared = !status.permissions.isDisjoint(with: [.groupWrite, .otherWrite])
      if isShared, !status.permissions.contains(.saveText) {
        return Exposure(.writable(status.permissions), of: path, for: user, isFolder: true)
      }
      let owner = status.userID.rawValue
      if !mayBeForeign, owner != 0, owner != user {
        return Exposure(.foreign(owner: owner), of: path, for: user, isFolder: true)
      }
      guard let name = names.popFirst() else { return nil }
      path.append(name)
    }
  }
}

extension Exposure: CustomStringConvertible {
  /// What is wrong.
  package var cause: String { (isFolder ? "the folder " : "") + "\(path) \(fault)" }

  /// What is wrong, as a predicate.
  private var fault: String {
    switch kind {
    case .foreign(let owner) where isFolder:
      "belongs to \(userName(owner)), who can put anything into it"
    case .foreign(let owner):
      "belongs to \(userName(owner)), not to \(userName(user))\(user == 0 ? "" : " or root")"
    case .writable(let mode) where isFolder:
      "lets others put anything into it (mode \(Self.octal(mode)))"
    case .writable(let mode): "can be written by others (mode \(Self.octal(mode)))"
    case .symbolicLink: "is a symbolic link"
    case .hardLinks(let count): "has \(count) hard links"
    }
  }

  /// What helps.
  package var remedy: String {
    switch kind {
    case .foreign where isFolder:
      "Choose another folder, or: chown \(userArgument(user)) \(path)"
    case .foreign: "If its contents are right: chown \(userArgument(user)) \(path)"
    case .writable where isFolder: "Choose another folder, or: chmod go-w \(path)"
    case .writable: "If its contents are right: chmod go-w \(path)"
    case .symbolicLink, .hardLinks: "Remove it: rm \(path)"
    }
  }

  package var description: String { "\(cause). \(remedy)" }

  private static func octal(_ mode: FilePermissions) -> String {
    "0\(String(mode.rawValue, radix: 8))"
  }
}
