import FileChange
import ReconcileModel
import SystemPackage

/// The zones with a file, to be found by it: by the path that they name, and by which file it is.
struct ZonesByFile: Sendable {
  private var byPath: [FilePath: [Int]] = [:]
  private var byNode: [NodeID: [Int]] = [:]

  init(_ zones: [Zone]) {
    for (index, zone) in zones.enumerated() {
      if let path = zone.path?.lexicallyNormalized() { byPath[path, default: []].append(index) }
      if let node = zone.node { byNode[node, default: []].append(index) }
    }
  }

  /// The zones that name the same path.
  func indexes(byPathOf zone: Zone) -> [Int] {
    guard let path = zone.path?.lexicallyNormalized() else { return [] }
    return byPath[path] ?? []
  }

  /// The zones that have the same file.
  func indexes(byFileOf zone: Zone) -> [Int] {
    let same = zone.node.flatMap { byNode[$0] } ?? []
    return same + indexes(byPathOf: zone).filter { !same.contains($0) }
  }
}
