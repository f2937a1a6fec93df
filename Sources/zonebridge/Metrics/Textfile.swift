import FileChange
import Glibc
import ReconcileModel
import SystemPackage

/// Metrics as a file, for the textfile collector of a node_exporter on this host.
enum Textfile {
  /// The metrics that go into it.
  ///
  /// None of the process: node_exporter has `process_…` of its own, and would serve nothing at all if a
  /// file had them as well.
  static func families(of status: AgentStatus) -> [MetricFamily] {
    AgentMetrics(status: status).families
  }

  /// Replaces the file, so that a reader always finds a complete one, the old or the new.
  ///
  /// It is not flushed to disk: after a power failure it is written again by the next pass. The directory may be
  /// another user's: it is held open, so that he cannot choose by a link which file is written.
  static func write(_ families: [MetricFamily], to path: FilePath) throws(TextfileError) {
    // Another process may write it at the same time: each has a copy of its own. The name does not end in
    // .prom, so that nobody reads it.
    let text = FileContents(Array(PrometheusText.text(of: families).utf8))
    do throws(FileChangeError) {
      guard let name = path.lastComponent,
        let copy = FilePath.Component(".\(name.string).\(getpid())")
      else { throw .system(.create, path, .noSuchFileOrDirectory) }
      let folder = try PrivateFolder(at: path.removingLastComponent())
      // What a process of this number left when it was killed.
      try? folder.remove(copy)
      do throws(FileChangeError) {
        // node_exporter runs as another user.
        try folder.create(copy, text, mode: [.ownerReadWrite, .groupRead, .otherRead])
        try folder.rename(copy, to: name)
      } catch {
        try? folder.remove(copy)
        throw error
      }
    } catch {
      throw TextfileError(path: path, reason: error)
    }
  }
}

/// Why the metrics could not be written.
struct TextfileError: OperatorError, Hashable {
  var path: FilePath
  /// What the system says; nil if something else refuses.
  var code: Errno?
  private let refusal: String

  init(path: FilePath, reason: FileChangeError) {
    self.path = path
    if case .system(_, _, let code) = reason {
      self.code = code
      refusal = "\(code)"
    } else {
      refusal = reason.cause
    }
  }

  var cause: String { "cannot write metrics.textfile \(path): \(refusal)" }

  var remedy: String? {
    let directory = path.removingLastComponent()
    return switch code {
    case .noSuchFileOrDirectory, .notDirectory:
      "Make the directory, and let node_exporter read it: --collector.textfile.directory=\(directory)"
    case .permissionDenied:
      "The user that zonebridge runs as needs write permission on \(directory)"
    case .readOnlyFileSystem:
      "Under systemd \(directory) has to be in ReadWritePaths="
    case .noSpace:
      "Make room on its file system, in blocks (df) and in inodes (df -i)"
    case .isDirectory:
      "A directory has this name: remove it, or set another name in metrics.textfile"
    default:
      "The file still has the metrics of an earlier pass"
    }
  }

  var description: String { cause + (remedy.map { ". \($0)" } ?? "") }
}
