import FileChange
import Glibc
import SystemPackage

/// A file in the state directory: a title that says to whoever finds it what it is, and a line an
/// entry.
enum StateFile {
  /// The lines behind the title; nil where there is no file that can be read as a whole.
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

  /// Removes the copies of such files that a process had no time to put in their place.
  static func removeUnfinished(in directory: FilePath) {
    for name in directory.entries where name.hasPrefix(".") && name.contains(".zonebridge-") {
      _ = unsafe unlink(directory.appending(name).string)
    }
  }

  static func remove(_ path: FilePath) throws(FileChangeError) {
    do throws(FileChangeError) {
      _ = try ChangeSet([FileReplacement(removing: try FileSnapshot.read(path))]).apply()
    } catch  where error.isNotFound {
    }
  }

  static func rename(_ path: FilePath, to destination: FilePath) throws(FileChangeError) {
    guard unsafe Glibc.rename(path.string, destination.string) == 0 else {
      throw .system(.replace, destination, Errno(rawValue: errno))
    }
  }

  static func write(_ text: String, to path: FilePath) throws(FileChangeError) {
    let contents = Array(text.utf8)
    let replacement: FileReplacement
    do throws(FileChangeError) {
      replacement = FileReplacement(replacing: try FileSnapshot.read(path), with: contents)
    } catch  where error.isNotFound {
      replacement = FileReplacement(
        creating: path,
        metadata: FileMetadata(
          owner: geteuid(), group: getegid(), mode: [.ownerReadWrite, .groupRead, .otherRead]),
        contents: contents)
    }
    _ = try ChangeSet([replacement]).apply()
  }
}
