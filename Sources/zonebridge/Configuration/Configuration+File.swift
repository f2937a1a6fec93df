import FileChange
import Glibc
import ReconcileModel
import SystemPackage

extension Configuration {
  /// Reads a configuration file.
  ///
  /// - Throws: the first mistake in it; ``read(_:)`` has all of them.
  static func load(_ path: FilePath) throws(ConfigurationError) -> Configuration {
    try read(path).get()
  }

  /// Reads the text of a configuration file; relative paths in it are relative to the directory of
  /// `file`.
  static func parse(_ text: String, file: FilePath) throws(ConfigurationError) -> Configuration {
    try read(text, file: file).get()
  }

  /// Reads a configuration file, with all that is wrong in it and in the files that it names.
  ///
  /// - Parameters:
  ///   - path: where it is.
  ///   - needed: which of the files that it names have to be there; nil where it is for another host, of which
  ///     nothing is known.
  /// - Returns: the configuration, or all its mistakes.
  static func read(_ path: FilePath, needing needed: NeededFiles? = .all) -> ConfigurationReading {
    do throws(ConfigurationError) {
      // What is relative in the file goes into named.conf, where it must not depend on the directory
      // that zonebridge was started in.
      let path = try absolute(path)
      if needed != nil { try expectUnexposed(path) }
      return read(
        try ConfigurationDocument.text(of: bytes(of: path), file: path), file: path,
        needing: needed)
    } catch {
      return .wrong([error])
    }
  }

  /// Reads the text of a configuration file, with all that is wrong in it.
  ///
  /// - Parameters:
  ///   - text: what the file says.
  ///   - file: where it is.
  ///   - needed: as for ``read(_:needing:)``.
  /// - Returns: the configuration, or all its mistakes.
  static func read(
    _ text: String, file: FilePath, needing needed: NeededFiles? = nil
  ) -> ConfigurationReading {
    let mistakes = ConfigurationMistakes(isOnItsHost: needed != nil)
    do throws(ConfigurationError) {
      let root = try ConfigurationDocument.root(of: text, file: file, mistakes: mistakes)
      var configuration = ConfigurationReader(root: root).configuration()
      if let needed {
        root.noteMissingTools()
        root.noteExposedFiles()
        root.noteMissingFiles(needed, for: configuration.desired.bind)
        if needed == .all { root.noteAwaitedFiles() }
      }
      configuration.warnings = mistakes.warnings
      if mistakes.errors.isEmpty { return .right(configuration) }
    } catch {
      mistakes.note(error)
    }
    return .wrong(mistakes.errors.sorted { ($0.line ?? 0) < ($1.line ?? 0) })
  }

  private static func bytes(of path: FilePath) throws(ConfigurationError) -> [UInt8] {
    do {
      return try FileSnapshot.read(path).bytes
    } catch .system(_, _, let code) {
      throw ConfigurationError(
        file: path, problem: "\(code)",
        remedy: code == .noSuchFileOrDirectory
          ? "To write a first one: zonebridge init --master URL. To use another file: --config FILE"
          : "The user that zonebridge runs as has to be able to read it")
    } catch {
      throw ConfigurationError(
        file: path, problem: error.cause,
        remedy: error.remedy == nil ? nil : error.remedySentence)
    }
  }

  /// Where the state is kept, read even from a configuration with mistakes elsewhere.
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
