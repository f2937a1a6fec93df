package import FileChange
package import ReconcileModel
package import SystemPackage

extension ServerRoot {
  /// Our own rights, with links that lead where they lead for named.
  package var reader: Reader { Reader(root: isChanged ? path : nil) }

  /// Where a file is for us when links are followed as named follows them, whose absolute ones begin at its root; its
  /// own path where it cannot be seen, and outside of a chroot.
  package func realPath(_ file: FilePath) -> FilePath {
    let path = onHost(file)
    guard isChanged else { return path }
    return FileState(of: path, as: reader)?.realPath ?? path
  }
}
