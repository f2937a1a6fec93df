import FileChange
import Named
import ReconcileModel
import SystemPackage

// Whether the named that is told and asked is the one whose files are changed.
extension ActualState {
  /// The file that the named on the control channel reads, if it is another than ours.
  ///
  /// A path that this host does not have, since named runs in a chroot or a container, tells nothing.
  func foreignConfiguration(of status: NamedStatus) -> FilePath? {
    guard let own = tree.files.first?.snapshot.realPath, let line = status.configurationFile
    else { return nil }
    // With a chroot named tells both names: `/etc/named.conf (/chroot/etc/named.conf)`.
    let words = line.split(separator: " ", maxSplits: 1).map {
      FilePath(String($0.drop { $0 == "(" }.prefix { $0 != ")" }))
    }
    let files = words.filter(\.isAbsolute).flatMap { path in
      [FileState(of: path), FileState(of: bind.root.onHost(path), as: bind.root.reader)]
    }
    let real = files.compactMap { $0?.realPath }
    return real.contains(own) ? nil : real.first
  }

  /// The zones whose text a plan changes, as named has them loaded.
  func servedZones(changedBy plan: Plan) -> [Zone] {
    let changed = Set(
      plan.files.compactMap { file in
        if case .zone(let zone, _) = file.kind { zone } else { nil }
      })
    return zones.filter { $0.status?.servedSerial != nil && changed.contains($0.name) }
  }
}
