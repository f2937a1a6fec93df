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

  private static func path(in stateDirectory: FilePath) -> FilePath {
    StateDirectory(stateDirectory).blockIndex
  }

  /// Nil where there is none that can be read as a whole.
  static func read(in stateDirectory: FilePath) -> BlockIndex? {
    guard let lines = StateFile.lines(of: path(in: stateDirectory), title: title) else {
      return nil
    }
    var zones: Set<DomainName> = []
    for line in lines {
      guard let zone = try? DomainName(line) else { return nil }
      zones.insert(zone)
    }
    return BlockIndex(zones: zones)
  }

  func write(in stateDirectory: FilePath) throws(FileChangeError) {
    try StateFile.write(text, to: Self.path(in: stateDirectory))
  }
}
