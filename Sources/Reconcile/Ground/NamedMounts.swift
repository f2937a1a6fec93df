import ReconcileModel
import SystemPackage

/// How named sees the files that are replaced: a single file that is mounted into its chroot or container stays the old
/// one when another is renamed into its place here.
struct NamedMounts: Sendable {
  private let root: ServerRoot
  private let own: MountTable
  /// Nil where named runs elsewhere, or this user may not see what it sees.
  private let named: MountTable?

  init(root: ServerRoot, own: MountTable, named: MountTable?) {
    self.root = root
    self.own = own
    self.named = named
  }

  /// Reads the mounts of this process and of named's.
  ///
  /// - Parameters:
  ///   - process: the named whose files these are.
  ///   - root: what it was chrooted to.
  ///   - proc: the folder with the processes.
  init(of process: NamedProcess?, root: ServerRoot, in proc: FilePath = "/proc") {
    func table(of process: String) -> MountTable? {
      readPseudoFile(proc.appending(process).appending("mountinfo")).map(MountTable.init(parsing:))
    }
    self.init(
      root: root, own: table(of: "self") ?? MountTable(parsing: ""),
      named: process?.identifier.flatMap { table(of: "\($0)") })
  }

  /// The single-file mount through which named reads a file; nil where there is none.
  ///
  /// Only this very file counts: at that path a named in another mount namespace may well have one of its own.
  ///
  /// - Parameter file: without symbolic links.
  /// - Returns: where it is mounted, in named's own words.
  func point(of file: FilePath) -> FilePath? {
    guard let place = own.place(of: file) else { return nil }
    let path = root.asNamed(file)
    if let named { return named.points(of: place).first { $0 == path } }
    // What named sees is unknown, but not where else on this host the file is mounted.
    return own.points(of: place).first { $0 != file && $0.ends(with: path.removingRoot()) }
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
