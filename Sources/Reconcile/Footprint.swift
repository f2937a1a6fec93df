package import BINDText
import FileChange
import SystemPackage

/// The zones in whose files managed blocks stand, as the last pass left them.
///
/// It tells a pass where to look for what is to be taken out, since a host may have more zone files
/// than can be read in each pass. It is a hint and no more: where it is missing or damaged all zone
/// files are looked through, and it is written anew.
package struct Footprint: Equatable, Sendable {
  package var zones: Set<DomainName>

  package init(zones: Set<DomainName>) {
    self.zones = zones
  }

  /// What is written: a line a zone.
  package var text: String {
    StateFile.text(zones.sorted().map(\.description), title: Self.title)
  }

  private static let title =
    "# Zones with managed blocks of zonebridge; remove this file to have all zone files looked through."

  private static func path(in stateDirectory: FilePath) -> FilePath {
    stateDirectory.appending("zones")
  }

  /// Nil where there is none that can be read as a whole.
  static func read(in stateDirectory: FilePath) -> Footprint? {
    guard let lines = StateFile.lines(of: path(in: stateDirectory), title: title) else {
      return nil
    }
    var zones: Set<DomainName> = []
    for line in lines {
      guard let zone = try? DomainName(line) else { return nil }
      zones.insert(zone)
    }
    return Footprint(zones: zones)
  }

  func write(in stateDirectory: FilePath) throws(FileChangeError) {
    try StateFile.write(text, to: Self.path(in: stateDirectory))
  }
}

extension Install {
  /// The zones that have managed blocks once a plan is carried out, or had some before.
  func footprint(with plan: Plan) -> Footprint {
    var zones: Set<DomainName> = []
    for zone in self.zones {
      if case .success(let text)? = zone.text, text.files.contains(where: { !$0.blocks.isEmpty }) {
        zones.insert(zone.name)
      }
    }
    for case .zone(let zone, _) in plan.files.map(\.kind) { zones.insert(zone) }
    return Footprint(zones: zones)
  }
}
