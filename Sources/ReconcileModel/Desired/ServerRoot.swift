package import SystemPackage

/// The directory that named was chrooted to (`named -t`), and the two names that a file has by it:
/// named's own, and the one on the host.
package struct ServerRoot: Sendable, Hashable {
  /// `/` for a named that was not chrooted.
  package var path: FilePath

  package init(_ path: FilePath = "/") {
    self.path = path.lexicallyNormalized()
  }

  package var isChanged: Bool { !path.components.isEmpty }

  /// Where a file is for us.
  ///
  /// A path that begins with the root's own is taken for the host's already.
  package func onHost(_ file: FilePath) -> FilePath {
    guard isChanged, !file.starts(with: path) else { return file }
    var result = path
    result.append(file.components)
    return result
  }

  /// Where a file is for named.
  package func asNamed(_ file: FilePath) -> FilePath {
    var result = file
    guard isChanged, result.removePrefix(path) else { return file }
    return FilePath(root: "/", result.components)
  }
}
