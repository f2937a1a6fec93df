import FileChange
import ReconcileModel
import SystemPackage

/// What keeps a file from being replaced, or named from reading the new one.
struct FileObjections {
  let file: ReplacementPreflight
  /// Who replaces it.
  let user: UnixUser
  /// Who reads it; nil where that is not known.
  let named: UnixUser?
  /// The mount of this single file through which named sees it; nil where it sees the folder.
  var mountedAt: FilePath?

  /// Each with its remedy, the worst first.
  var all: [(reason: String, remedy: String)] {
    [mountPoint, mountForNamed, hardLinks, immutability, directory, ownership].compactMap(\.self)
      + reading
  }

  private var mountPoint: (String, String)? {
    guard file.isMountPoint else { return nil }
    return (
      "it is a mount point itself, as is a single file that is mounted into a container, and cannot be replaced",
      "Mount its directory instead, or name a file in a mounted folder as bind.zones-in"
    )
  }

  private var mountForNamed: (String, String)? {
    guard !file.isMountPoint, let mountedAt else { return nil }
    let error = MountedFileError(path: file.path, point: mountedAt)
    return (error.cause, error.remedySentence)
  }

  private var hardLinks: (String, String)? {
    guard file.linkCount > 1 else { return nil }
    return (
      "the file has \(file.linkCount) hard links, and replacing it would separate them",
      "Remove the others, which this lists: find / -samefile \(file.path)"
    )
  }

  private var immutability: (String, String)? {
    guard file.isImmutable else { return nil }
    return (
      "it is immutable or append-only", "chattr -ia \(file.path)"
    )
  }

  private var directory: (String, String)? {
    guard let directory = file.directories.last else { return nil }
    if directory.isImmutable {
      return (
        "its directory \(directory.path) is immutable or append-only, so that no file in it can be replaced",
        "chattr -ia \(directory.path)"
      )
    }
    if let refusal = directory.refusal {
      return (
        "\(user.name) cannot write in its directory \(directory.path): \(refusal)",
        PermissionCheck.remedy(
          of: refusal,
          """
          The file is replaced by a rename, for which the directory has to be writable: let \
          \(user.name) write there (setfacl -m u:\(user.name):rwx \(directory.path)), or run \
          zonebridge as a user that may
          """, directory.path)
      )
    }
    // In a directory with the sticky bit only owners rename (inode(7)).
    if directory.metadata.mode.contains(.saveText), user.user != 0,
      ![directory.metadata.owner, file.metadata.owner].contains(user.user)
    {
      return (
        "its directory \(directory.path) has the sticky bit, so that only owners replace files in it",
        "chmod -t \(directory.path)"
      )
    }
    return nil
  }

  private var ownership: (String, String)? {
    let (owner, group) = (file.metadata.owner, file.metadata.group)
    let keeps = owner == user.user && (user.groups.contains(group) || user.user == 0)
    guard !keeps, !user.givesFilesAway else { return nil }
    return (
      """
      it belongs to \(UnixUser.name(of: owner)) (group \(group)), which \(user.name) cannot keep when replacing it
      """,
      """
      Give zonebridge CAP_CHOWN (AmbientCapabilities=CAP_CHOWN in its unit), or the file to \
      \(user.name) with a group of its own: chown \(user.name) \(file.path)
      """
    )
  }

  private var reading: [(String, String)] {
    guard let named else { return [] }
    let barred = file.directories.filter { !named.mayEnter($0.metadata) }.map { directory in
      (
        "named's user \(named.name) cannot go through \(directory.path)",
        "chmod o+x \(directory.path), or give it to a group that \(named.name) is in"
      )
    }
    // The mode does not show what an ACL grants in addition.
    if file.hasACL || named.mayRead(file.metadata) { return barred }
    return barred + [
      (
        "named's user \(named.name) cannot read it",
        "chgrp \(named.name) \(file.path) && chmod g+r \(file.path)"
      )
    ]
  }
}
