/// Whether a symbolic link is followed.
///
/// We may read and write what others may not. A link that one of them made would have us do it in his
/// place. So it is followed only if root made it, or the user that we are, or the owner of what it leads
/// to, who could have put that there itself.
enum LinkRule: Equatable {
  case followed
  case ifOwnerOfTarget(UInt32)
  case refused

  /// - Parameters:
  ///   - link: the link.
  ///   - folder: where it is.
  init(for link: SymbolicLink, in folder: Folder) {
    if folder.isOpenToOthers, link.linkCount > 1 {
      // A link of root's that stands elsewhere may have got this further name from anybody
      // (fs.protected_hardlinks=0).
      self = .refused
    } else if isOurs(link.owner) {
      self = .followed
    } else {
      self = .ifOwnerOfTarget(link.owner)
    }
  }
}
