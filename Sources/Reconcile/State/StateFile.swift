import FileChange
import Glibc
import SystemPackage

/// A file in the state directory: a title that explains it, and one line for each entry.
enum StateFile {
  /// The lines after the title; nil where there is no file that can be read as a whole.
  static func lines(of path: FilePath, title: String) -> [Substring]? {
    guard let snapshot = try? FileSnapshot.read(path) else { return nil }
    let lines = String(decoding: snapshot.bytes, as: UTF8.self)
      .split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.first == title[...], lines.last == "" else { return nil }
    return Array(lines.dropFirst().dropLast())
  }

  static func text(_ lines: [String], title: String) -> String {
    ([title] + lines).map { "\($0)\n" }.joined()
  }

  static func remove(_ path: FilePath) throws(FileChangeError) {
    do throws(FileChangeError) {
      _ = try ChangeSet([FileReplacement(removing: try FileSnapshot.read(path))]).apply()
    } catch  where error.isNotFound {
    }
  }

  /// - Parameters:
  ///   - text: what it holds then.
  ///   - path: the file.
  ///   - mode: who may read it if it is not there yet.
  /// - Throws: what keeps it from being written; it is as it was.
  static func write(
    _ text: String, to path: FilePath,
    mode: FilePermissions = [.ownerReadWrite, .groupRead, .otherRead]
  ) throws(FileChangeError) {
    let contents = Array(text.utf8)
    let replacement: FileReplacement
    do throws(FileChangeError) {
      replacement = FileReplacement(replacing: try FileSnapshot.read(path), with: contents)
    } catch  where error.isNotFound {
      replacement = FileReplacement(
        creating: path,
        metadata: FileMetadata(
          owner: geteuid(), group: getegid(), mode: mode),
        contents: contents)
    }
    _ = try ChangeSet([replacement]).apply()
  }
}
