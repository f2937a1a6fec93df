import Glibc
package import SystemPackage

// Whether the state directory, with all in it, is in one user's hands.
extension PrivateFolder {
  /// Who acts on what is in a state directory.
  package enum Reader: Sendable {
    /// A pass, with all that this process may do.
    case pass
    /// A preview, which only shows what a pass of the directory's owner would do.
    case preview
    /// Somebody who shows what its owner's passes left, and acts on none of it.
    case onlooker
  }

  /// A state directory, held from when it was looked at.
  ///
  /// - Parameters:
  ///   - path: where it is.
  ///   - reader: who acts on what is in it.
  /// - Returns: nil where there is none, or none that can be seen.
  /// - Throws: why nobody should rely on its contents.
  package static func state(
    at path: FilePath, for reader: Reader
  ) throws(FileChangeError) -> PrivateFolder? {
    do throws(FileChangeError) {
      let state = try PrivateFolder(at: path)
      try state.expectUnexposed(for: reader)
      try state.expectUnexposedEntries(for: reader)
      return state
    } catch {
      if case .system = error { return nil }
      throw error
    }
  }

  /// Why nobody should rely on the contents of a state directory; nil if nothing speaks against it, if there is none,
  /// or if none can be seen.
  package static func objection(
    to path: FilePath, for reader: Reader
  ) -> FileChangeError? {
    do throws(FileChangeError) {
      _ = try state(at: path, for: reader)
      return nil
    } catch {
      return error
    }
  }

  /// Makes sure that the directory is the user's own, and that nobody else can write to it, or put another one in
  /// its place.
  func expectUnexposed(for reader: Reader) throws(FileChangeError) {
    let status = try folder.ownStatus()
    let owner = status.userID.rawValue
    let user = user(reader, owner)
    guard owner == user else {
      throw .foreignState(path, owner: owner, user: user)
    }
    if let exposure = Exposure(status, at: folder.path, for: user) { throw .exposed(exposure) }
    // Its files are found by its path, again and again: the owner of a folder above could have it lead elsewhere
    // once it has been looked at.
    if let exposure = try Exposure.onTheWay(to: folder, for: user, mayBeForeign: false) {
      throw .exposed(exposure)
    }
  }

  /// Makes sure of the same for all that is in it, and in the folders in it.
  func expectUnexposedEntries(for reader: Reader) throws(FileChangeError) {
    let user = user(reader, try folder.ownStatus().userID.rawValue)
    for (name, status) in try entries(in: folder, for: user) where status.type == .directory {
      do throws(FileChangeError) {
        _ = try entries(in: folder.folder(name, of: path.appending(name)), for: user)
      } catch  where error.isNotFound {
        // The pass that holds the lock makes and removes scratch folders while another waits for it.
      }
    }
  }

  /// Makes sure that nobody else can put anything in the place of what is in the folder; the folder itself may
  /// be everybody's, with the sticky bit.
  package func expectKept() throws(FileChangeError) {
    if let exposure = try Exposure.onTheWay(to: folder, for: geteuid(), mayBeForeign: false) {
      throw .exposed(exposure)
    }
  }

  private func entries(
    in folder: Folder, for user: UInt32
  ) throws(FileChangeError) -> [(FilePath.Component, Stat)] {
    var entries: [(FilePath.Component, Stat)] = []
    do throws(FileChangeError) {
      for name in try folder.names() {
        let path = folder.path.appending(name)
        guard let status = try folder.status(of: name, for: .resolve, of: path),
          // Who may ask the agent need not be who may write to its files.
          status.type != .socket
        else { continue }
        if let exposure = Exposure(status, at: path, for: user) { throw .exposed(exposure) }
        entries.append((name, status))
      }
    } catch .system(_, _, .permissionDenied) {
      // What we cannot read, we do not rely on either.
    }
    return entries
  }

  /// The user that it has to belong to: root may read the state of another user's passes, and anybody may show it.
  private func user(_ reader: Reader, _ owner: UInt32) -> UInt32 {
    switch reader {
    case .pass: geteuid()
    case .preview: geteuid() == 0 ? owner : geteuid()
    case .onlooker: owner
    }
  }
}
