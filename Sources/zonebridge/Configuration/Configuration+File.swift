import FileChange
import Glibc
import ReconcileModel
import SystemPackage

extension Configuration {
  /// Reads a configuration file.
  static func load(_ path: FilePath) throws(ConfigurationError) -> Configuration {
    // What is relative in the file goes into named.conf, where it must not depend on the directory
    // that zonebridge was started in.
    let path = try absolute(path)
    try expectUnexposed(path)
    let bytes: [UInt8]
    do {
      bytes = try FileSnapshot.read(path).bytes
    } catch .system(_, _, let code) {
      throw ConfigurationError(
        file: path, problem: "\(code)",
        remedy: code == .noSuchFileOrDirectory
          ? "Write the configuration file, or name another one"
          : "The user that zonebridge runs as has to be able to read it")
    } catch {
      throw ConfigurationError(
        file: path, problem: error.cause,
        remedy: error.remedy == nil ? nil : error.remedySentence)
    }
    let root = try ConfigurationDocument.root(
      of: ConfigurationDocument.text(of: bytes, file: path), file: path)
    let configuration = try ConfigurationReader(root: root).configuration()
    try root.expectUnexposedFiles()
    return configuration
  }

  /// Reads the text of a configuration file; relative paths in it are relative to the directory of
  /// `file`.
  static func parse(_ text: String, file: FilePath) throws(ConfigurationError) -> Configuration {
    try ConfigurationReader(root: ConfigurationDocument.root(of: text, file: file)).configuration()
  }

  /// Where the state is kept, as far as a configuration that cannot be read as a whole tells it.
  static func stateDirectory(in path: FilePath) -> FilePath {
    let standard: FilePath = "/var/lib/zonebridge"
    guard let path = try? absolute(path), (try? expectUnexposed(path)) != nil,
      let bytes = try? FileSnapshot.read(path).bytes
    else { return standard }
    let key = "state-directory:"
    for line in String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
    where line.hasPrefix(key) {
      let value = line.dropFirst(key.count).prefix { $0 != "#" }
      let name = value.filter { !$0.isWhitespace && $0 != "\"" && $0 != "'" }
      if !name.isEmpty { return path.removingLastComponent().pushing(FilePath(String(name))) }
    }
    return standard
  }

  private static func absolute(_ path: FilePath) throws(ConfigurationError) -> FilePath {
    guard path.isRelative else { return path }
    guard let directory = unsafe getcwd(nil, 0) else {
      throw ConfigurationError(
        file: path, problem: "no working directory: \(Errno(rawValue: errno))",
        remedy: "Give a whole path")
    }
    defer { unsafe free(directory) }
    return unsafe FilePath(platformString: directory).pushing(path)
  }
}
