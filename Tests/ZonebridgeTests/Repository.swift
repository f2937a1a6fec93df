import Foundation

/// The files of the repository beside the sources.
enum Repository {
  static func file(_ path: String, from here: String = #filePath) -> URL {
    URL(filePath: here).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: path)
  }
}
