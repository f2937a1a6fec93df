import DNSNames
import FileChange
import ReconcileModel
import SystemPackage

extension BlockIndex {
  /// What is written: a line a zone.
  package var text: String {
    StateFile.text(zones.sorted().map(\.description), title: Self.title)
  }

  private static let title =
    "# Zones with managed blocks of zonebridge; remove this file to have all zone files looked through."

  /// Nil where there is none that can be read as a whole.
  static func read(in state: StateDirectory) -> BlockIndex? {
    guard let lines = StateFile(StateDirectory.Name.blockIndex, in: state).lines(title: title)
    else {
      return nil
    }
    var zones: Set<DomainName> = []
    for line in lines {
      guard let zone = try? DomainName(line) else { return nil }
      zones.insert(zone)
    }
    return BlockIndex(zones: zones)
  }

  func write(in state: StateDirectory) throws(FileChangeError) {
    try StateFile(StateDirectory.Name.blockIndex, in: state).write(text)
  }
}
