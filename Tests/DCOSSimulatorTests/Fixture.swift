import Foundation

/// Captures of the real programs.
enum Fixture {
  static func bytes(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: folder.appending(path: name)))
  }

  static func text(_ name: String) throws -> String {
    String(decoding: try bytes(name), as: UTF8.self)
  }

  /// The names of the files in a folder.
  static func names(in name: String) -> [String] {
    let path = folder.appending(path: name).path()
    return ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
  }

  private static let folder = Bundle.module.bundleURL.appending(path: "Fixtures")
}
