package import SystemPackage

/// What was being done to a file when the operating system refused.
package enum FileOperation: String, Sendable {
  case attribute = "give the new copy the extended attributes (ACL, SELinux label) of"
  case chown = "give the new copy the owner and group of"
  case chmod = "give the new copy the mode of"
  case create = "create"
  case createDirectory = "create the directory"
  case lock = "lock"
  case open = "open"
  case read = "read"
  case remove = "remove"
  case replace = "replace"
  case resolve = "find"
  case stage = "write a new copy beside"
  case sync = "flush to disk"
}

/// Why files could not be read or changed.
///
/// Unless it is ``notPutBack(_:cause:)``, every file is as it was before, and no temporary file is
/// left.
package indirect enum FileChangeError: Error, Equatable, Sendable {
  /// A system call failed.
  case system(FileOperation, FilePath, Errno)
  /// The path leads to something that is no regular file: a directory, a FIFO, a device.
  case notRegular(FilePath, kind: String)
  /// The path is a symbolic link, and what it points to does not exist.
  case danglingLink(FilePath)
  /// The file has further names (hard links), which would go on showing the old contents.
  case hardLinked(FilePath, count: Int)
  /// The path leads over a symbolic link that is not followed (see ``LinkRule``).
  case strangeLink(FilePath, link: FilePath)
  /// The program on whose behalf it was to be read may not read it, or not go through a folder on the way
  /// (see ``Reader``).
  case notForReader(FilePath, String, folder: FilePath?)
  /// The file has more bytes than are read.
  case tooLarge(FilePath, size: Int64, limit: Int64)
  /// Somebody wrote to the file all the while it was read.
  case changedWhileReading(FilePath)
  /// The file is not as it was when the change was worked out.
  case changedMeanwhile(FilePath)
  /// A file that was to be created is there already.
  case alreadyExists(FilePath)
  /// What somebody else wrote was about to be lost, and has another name now; the file is as it was.
  case keptBeside(FilePath, at: FilePath)
  /// Somebody has taken the new copy's name for something else; the file is as it was.
  case copyReplaced(FilePath)
  /// The journal of a change that was cut off is not what was written.
  case damagedJournal(FilePath)
  /// The journal of a change that was cut off may have been written by somebody else.
  case foreignJournal(FilePath, owner: UInt32)
  /// What the journal of a change that was cut off says of a file is not what is there.
  case unprovenJournal(FilePath, file: FilePath, reason: String)
  /// Somebody else could control what is read from there.
  case exposed(Exposure)
  /// The state directory belongs to another user.
  case foreignState(FilePath, owner: UInt32, user: UInt32)
  /// Two changes of one set lead to the same file.
  case namedTwice(FilePath, FilePath)
  /// The change failed half way, and these files could not be restored.
  case notPutBack([FilePath], cause: FileChangeError)

  /// Whether the change was planned from contents that are no longer there.
  package var isOutdated: Bool {
    switch self {
    case .changedMeanwhile, .alreadyExists: true
    default: false
    }
  }

  /// Whether there is simply no such file.
  package var isNotFound: Bool {
    if case .system(_, _, .noSuchFileOrDirectory) = self { true } else { false }
  }
}

extension FileChangeError: CustomStringConvertible {
  /// What is wrong.
  package var cause: String {
    switch self {
    case .system(let operation, let path, let code):
      "cannot \(operation.rawValue) \(path): \(code)"
    case .notRegular(let path, let kind): "\(path) is a \(kind), not a regular file"
    case .danglingLink(let path): "\(path) is a symbolic link to a file that does not exist"
    case .hardLinked(let path, let count):
      """
      \(path) has \(count) hard links; replacing it would leave the old contents under the other names
      """
    case .strangeLink(let path, let link):
      """
      zonebridge does not follow the symbolic link \(link)\(link == path ? "" : " on the way to \(path)"): its owner \
      is neither root, nor the user that zonebridge runs as, nor the owner of the link's target
      """
    case .notForReader(let path, let reader, nil):
      "\(reader) may not read \(path), so zonebridge does not read it either"
    case .notForReader(let path, let reader, let folder?):
      """
      \(reader) may not go through \(folder), so zonebridge does not look for \(path) there either
      """
    case .tooLarge(let path, let size, let limit):
      "\(path) has \(Self.amount(size)); zonebridge reads no file with more than \(Self.amount(limit))"
    case .changedWhileReading(let path):
      "\(path) was being written to each time it was read"
    case .changedMeanwhile(let path):
      "\(path) was changed by somebody else in the meantime; their version stays"
    case .alreadyExists(let path):
      "cannot create \(path): it exists already, and was not changed"
    case .keptBeside(let path, let kept):
      "\(path) was changed by somebody else in the meantime; their version is in \(kept)"
    case .copyReplaced(let path):
      """
      somebody who may write to its directory replaced the new copy of \(path); the file is as it was
      """
    case .foreignJournal(let path, let owner):
      """
      \(path) describes a change that was cut off, and others may have written it (it belongs to user \(owner)); \
      zonebridge did nothing that it says
      """
    case .unprovenJournal(let path, let file, let reason):
      "\(path) describes a change that was cut off and cannot be completed: \(file) \(reason)"
    case .exposed(let exposure): exposure.cause
    case .foreignState(let path, let owner, let user):
      """
      the state directory \(path) belongs to \(userName(owner)), and this is \(userName(user)), who does not act on \
      what others wrote there
      """
    case .damagedJournal(let path):
      "\(path) is damaged, so a change that was cut off cannot be completed"
    case .namedTwice(let path, let other):
      path == other
        ? "\(path) would be changed twice at once"
        : "\(path) and \(other) are the same file, which would be changed twice at once"
    case .notPutBack(let paths, let cause):
      "\(cause); and could not be restored: "
        + paths.map(\.string).joined(separator: ", ")
    }
  }

  /// What helps; nil where nothing is known to.
  package var remedy: String? {
    switch self {
    case .system(_, let path, let code): Self.remedy(for: code, path: path)
    case .danglingLink: "create the file or remove the link"
    case .hardLinked(let path, _): "Find them with: find / -samefile \(path)"
    case .damagedJournal, .unprovenJournal: "Check the files that it names, then remove it"
    case .exposed(let exposure): exposure.remedy
    case .foreignState(_, let owner, user: 0):
      """
      Run it as that user, with the capabilities of the unit where it needs them (zonebridge(8), By hand): \
      runuser -u \(userArgument(owner)) -- zonebridge …
      """
    case .foreignState(let path, let owner, let user):
      """
      Run it as \(userName(owner)); or, if its contents are right: chown -R \(userArgument(user)) \(path)
      """
    case .foreignJournal(_, let owner):
      "If user \(owner) makes passes here, run zonebridge once as that user; otherwise remove the file"
    case .strangeLink(_, let link):
      "If it is right, give it to root: chown -h root \(link)"
    case .notForReader(let path, _, let folder):
      """
      Remove what names it. Only if named has to read it, allow that (\(Self.permission(path, folder))); if named runs \
      as another user, set bind.user
      """
    case .tooLarge(let path, _, _): "If it is sparse by mistake (ls -ls \(path)), replace it"
    case .keptBeside(_, let kept):
      "If that version is right, move it into the file's place: \(kept)"
    case .copyReplaced, .notRegular, .changedWhileReading, .changedMeanwhile, .alreadyExists,
      .namedTwice, .notPutBack:
      nil
    }
  }

  package var description: String {
    let link =
      switch self {
      case .hardLinked, .damagedJournal, .foreignJournal, .unprovenJournal, .strangeLink, .tooLarge,
        .keptBeside, .notForReader, .exposed, .foreignState:
        ". "
      default: "; "
      }
    return cause + (remedy.map { link + $0 } ?? "")
  }

  private static func permission(_ path: FilePath, _ folder: FilePath?) -> String {
    folder.map { "chmod, chgrp or setfacl on \($0)" }
      ?? "chgrp and chmod g+r, or setfacl, on \(path)"
  }

  /// So many bytes, in the largest unit of which there is one at least.
  private static func amount(_ bytes: Int64) -> String {
    let units = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
    let index = max(0, (Int64.bitWidth - 1 - max(bytes, 1).leadingZeroBitCount) / 10)
    return "\(bytes >> (10 * index)) \(units[index])"
  }

  private static func remedy(for code: Errno, path: FilePath) -> String? {
    switch code {
    case .permissionDenied:
      "the user that zonebridge runs as needs write permission on the file's directory as well as "
        + "on the file, and an AppArmor or SELinux profile has to allow it"
    case .notPermitted:
      "only root can keep a file's owner, and nobody can replace an immutable file "
        + "(see: lsattr \(path))"
    case .readOnlyFileSystem:
      "the file system is mounted read-only; under systemd the directory has to be in "
        + "ReadWritePaths="
    case .noSpace:
      "make room on the file system, in blocks (df) and in inodes (df -i)"
    case .diskQuotaExceeded:
      "the user that zonebridge runs as is over its disk quota"
    case .resourceBusy:
      "the file is a mount point itself, as is a single file that is mounted into a container; "
        + "mount its directory instead, or have the blocks in a file of a mounted folder"
    case .ioError:
      "the disk reports an error; see the kernel's log (dmesg)"
    case .resourceTemporarilyUnavailable:
      "another program holds a lease on the file (fcntl(2), F_SETLEASE)"
    case .tooManySymbolicLinkLevels:
      "the symbolic links lead in a circle"
    default:
      nil
    }
  }
}
