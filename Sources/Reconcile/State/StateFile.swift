import FileChange
import Glibc
import SystemPackage

/// A file in the state directory: a title that explains it, and one line for each entry.
struct StateFile {
  let name: FilePath.Component
  let state: StateDirectory

  init(_ name: FilePath.Component, in state: StateDirectory) {
    self.name = name
    self.state = state
  }

  /// The lines after the title; nil where there is no file that can be read as a whole.
  func lines(title: String) -> [Substring]? {
    guard let snapshot = try? state.folder().read(name) else { return nil }
    let lines = String(decoding: snapshot.bytes, as: UTF8.self)
      .split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.first == title[...], lines.last == "" else { return nil }
    return Array(lines.dropFirst().dropLast())
  }

  static func text(_ lines: [String], title: String) -> String {
    ([title] + lines).map { "\($0)\n" }.joined()
  }

  func remove() throws(FileChangeError) {
    do throws(FileChangeError) {
      _ = try ChangeSet([FileReplacement(removing: try state.folder().read(name))]).apply()
    } catch  where error.isNotFound {
    }
  }

  /// - Parameter text: what it holds then.
  /// - Throws: what keeps it from being written; it is as it was.
  func write(_ text: String) throws(FileChangeError) {
    try Self.write(
      text, to: name, in: try state.folder(), mode: [.ownerReadWrite, .groupRead, .otherRead])
  }

  /// - Parameters:
  ///   - text: what it holds then.
  ///   - name: the file.
  ///   - folder: where it is.
  ///   - mode: who may read it if it is not there yet.
  /// - Throws: what keeps it from being written; it is as it was.
  static func write(
    _ text: String, to name: FilePath.Component, in folder: PrivateFolder, mode: FilePermissions
  ) throws(FileChangeError) {
    let contents = Array(text.utf8)
    let replacement: FileReplacement
    do throws(FileChangeError) {
      replacement = FileReplacement(replacing: try folder.read(name), with: contents)
    } catch  where error.isNotFound {
      replacement = FileReplacement(
        creating: name, in: folder,
        metadata: FileMetadata(owner: geteuid(), group: getegid(), mode: mode), contents: contents)
    }
    _ = try ChangeSet([replacement]).apply()
  }
}
