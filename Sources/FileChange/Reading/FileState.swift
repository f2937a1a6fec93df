package import SystemPackage

/// The file that a path leads to, and the state that it is in.
package struct FileState: Hashable, Sendable {
  /// The path when all symbolic links have been followed.
  package let realPath: FilePath
  package let identity: FileIdentity

  init(realPath: FilePath, identity: FileIdentity) {
    self.realPath = realPath
    self.identity = identity
  }

  /// What is there now, without a look into it.
  ///
  /// Nil where the path leads to nothing, or by a link that is not followed, or through a folder that a
  /// reader may not enter.
  package init?(of path: FilePath, as reader: Reader? = nil) {
    guard let place = try? Walk.place(of: path, as: reader), let status = place.status else {
      return nil
    }
    self.init(realPath: place.realPath, identity: FileIdentity(status))
  }
}
