package import SystemPackage

/// A managed block that somebody edited by hand, and that is overwritten.
package struct HandEdit: Hashable, Sendable, CustomStringConvertible {
  /// The file and the line of the block.
  package var location: String
  /// The file itself, symbolic links followed.
  package var path: FilePath
  package var block: String

  package init(location: String, path: FilePath, block: String) {
    self.location = location
    self.path = path
    self.block = block
  }

  package var description: String {
    """
    \(location): the managed block \(block) was edited by hand, and the edit is overwritten. Move what you want to \
    keep outside the markers
    """
  }
}
