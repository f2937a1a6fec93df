import Glibc
import Synchronization
package import SystemPackage

/// A program on whose behalf we read: by its paths, and nothing that it could not read itself.
///
/// We may read what it may not. Who can write the files that it reads can have them name any other
/// (`$INCLUDE`, `include`). So each folder on the way is asked whether the program's user may look
/// something up in it, and each file whether that user may read it, by mode and ACL: of the folders as
/// they are walked through, of the file as it is open.
package final class Reader: Sendable {
  /// What it is called in messages, such as `named's user bind`.
  package let title: String
  /// Whose rights count; nil for ours alone.
  package let user: UnixUser?
  /// The directory that it was chrooted to, where its links lead; nil for none.
  package let root: FilePath?
  /// The folders that its user may walk to, without a link on the way: each is asked once.
  private let open = Mutex<[FilePath: NodeID]>([:])

  package init(title: String = "", user: UnixUser? = nil, root: FilePath? = nil) {
    self.title = title
    self.user = user
    self.root = root
  }

  /// Our own rights, with links that lead as in a chroot; nil where there is none.
  static func of(_ root: FilePath?) -> Reader? { root.map { Reader(root: $0) } }

  /// Which file a path leads to; nil where there is none that can be seen.
  package func node(of path: FilePath) -> NodeID? {
    // Where links lead as for anybody, the kernel finds it faster.
    guard root != nil else { return (try? path.stat()).map(NodeID.init) }
    return (try? Walk.place(of: path, as: self))?.status.map(NodeID.init)
  }

  /// Whether a folder has been walked to by this path, and was this one.
  func knows(_ path: FilePath) -> NodeID? { open.withLock { $0[path] } }

  /// Notes a folder through which a walk came without links.
  func note(_ folder: Folder) {
    open.withLock { $0[folder.path] = folder.identity }
  }

  /// Why its user cannot read a file; nil where it can, or that is not why the file cannot be read.
  package func objection(to path: FilePath) -> FileChangeError? {
    do throws(FileChangeError) {
      let place = try Walk.place(of: path, as: self)
      guard let name = place.name, place.status?.type == .regular else { return nil }
      let file = try place.folder.open(
        name, flags: O_RDONLY | O_NONBLOCK | O_NOCTTY, for: .open, of: path)
      try judge(file, file.status(for: .read))
    } catch .notForReader(let path, let title, let folder) {
      return .notForReader(path, title, folder: folder)
    } catch {
      return nil
    }
    return nil
  }

  func judge(_ folder: Folder, onTheWayTo path: FilePath) throws(FileChangeError) {
    guard let user, user.user != 0 else { return }
    guard user.mayEnter(folder.metadata, folder.accessList) else {
      throw .notForReader(path, title, folder: folder.path)
    }
  }

  func judge(
    _ file: borrowing OpenFile, _ status: Stat
  ) throws(FileChangeError) {
    guard let user, user.user != 0 else { return }
    guard user.mayRead(FileMetadata(status), file.accessList) else {
      throw .notForReader(file.path, title, folder: nil)
    }
  }
}
