import FileChange
import ReconcileModel
import SystemPackage

/// How named sees the files that are replaced: a single file that is mounted into its chroot or container stays the old
/// one when another is renamed into its place here.
struct NamedMounts: Sendable {
  private let root: ServerRoot
  private let own: MountTable
  /// Nil where named runs elsewhere, or this user may not see what it sees.
  private let named: MountTable?
  /// Where this process sees what named has as its root; nil where it does not see it.
  private let namedRoot: FilePath?

  init(root: ServerRoot, own: MountTable, named: MountTable?, namedRoot: FilePath? = nil) {
    self.root = root
    self.own = own
    self.named = named
    self.namedRoot = namedRoot
  }

  /// Reads the mounts of this process and of named's.
  ///
  /// - Parameters:
  ///   - process: the named whose files these are.
  ///   - root: what it was chrooted to.
  ///   - proc: the folder with the processes.
  init(of process: NamedProcess?, root: ServerRoot, in proc: FilePath = "/proc") {
    func table(of process: String) -> MountTable? {
      pseudoFileBytes(proc.appending(process).appending("mountinfo")).map {
        MountTable(parsing: $0)
      }
    }
    self.init(
      root: root, own: table(of: "self") ?? MountTable(parsing: ""),
      named: process?.identifier.flatMap { table(of: "\($0)") },
      namedRoot: process?.identifier.map { proc.appending("\($0)").appending("root") })
  }

  /// The single-file mount through which named reads a file; nil where there is none.
  ///
  /// Only this very file counts: at that path a named in another mount namespace may well have one of its own.
  ///
  /// - Parameter file: without symbolic links.
  /// - Returns: where it is mounted, in named's own words.
  func point(of file: FilePath) -> FilePath? {
    let path = root.asNamed(file)
    guard let place = own.place(of: file) else {
      // In a chroot that is no mount point itself, /proc has no mount for this process that the file is on. Then the file
      // is compared with the one that named sees.
      guard let named, named.isPoint(path), isSeenByNamed(file, at: path) else { return nil }
      return path
    }
    if let named { return named.points(of: place).first { $0 == path } }
    // What named sees is unknown, but not where else on this host the file is mounted.
    return own.points(of: place).first { $0 != file && $0.ends(with: path.removingRoot()) }
  }

  private func isSeenByNamed(_ file: FilePath, at path: FilePath) -> Bool {
    guard let namedRoot, let own = try? file.stat(),
      let there = try? namedRoot.appending(path.components).stat()
    else { return false }
    return NodeID(own) == NodeID(there)
  }
}

/// A file that named would not see replaced.
struct MountedFileError: OperatorError {
  let path: FilePath
  let point: FilePath

  var cause: String {
    """
    cannot replace \(path): named sees it through a mount of this single file (\(point)), and would go on \
    reading the old one
    """
  }

  var remedy: String? {
    """
    Set bind.zones-in to a file in a folder that named sees as a whole, and include that file in named.conf; or mount \
    the folder instead of the file
    """
  }

  var description: String { "\(cause). \(remedySentence)" }
}
