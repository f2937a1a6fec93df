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

  /// Writes the file anew, so that a reader finds a whole one at each moment, the old or the new.
  ///
  /// It is not flushed to disk: after a power failure it is written anew by the next pass.
  static func write(_ families: [MetricFamily], to path: FilePath) throws(TextfileError) {
    // Another process may write it at the same time: each has a copy of its own. The name does not end in
    // .prom, so that nobody reads it.
    let name = ".\(path.lastComponent?.string ?? "").\(getpid())"
    let copy = path.removingLastComponent().appending(name)
    do throws(Errno) {
      try write(PrometheusText.text(of: families), copy)
      guard unsafe rename(copy.string, path.string) == 0 else { throw Errno(rawValue: errno) }
    } catch {
      _ = unsafe unlink(copy.string)
      throw TextfileError(path: path, code: error)
    }
  }

  private static func write(_ text: String, _ path: FilePath) throws(Errno) {
    // What a process of this number left when it was killed.
    _ = unsafe unlink(path.string)
    do {
      // The directory may be another user's, who must not choose by a link what is written.
      let file = try FileDescriptor.open(
        path, .writeOnly, options: [.create, .exclusiveCreate, .noFollow, .closeOnExec],
        permissions: .ownerReadWrite)
      try file.closeAfter {
        // Whatever the umask: node_exporter runs as another user.
        guard fchmod(file.rawValue, 0o644) == 0 else { throw Errno(rawValue: errno) }
        try file.writeAll(Array(text.utf8))
      }
    } catch let code as Errno {
      throw code
    } catch {
      throw .ioError
    }
  }
}

/// Why the metrics could not be written.
struct TextfileError: OperatorError, Hashable {
  var path: FilePath
  var code: Errno

  var cause: String { "cannot write metrics.textfile \(path): \(code)" }

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
      "A directory has this name: take it away, or write another name into metrics.textfile"
    default:
      "The metrics that are there are those of an earlier pass"
    }
  }

  var description: String { cause + (remedy.map { ". \($0)" } ?? "") }
}
