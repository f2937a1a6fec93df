import FileChange
import ReconcileModel
import SystemPackage

/// The zones that have a file, looked up by the path that they name or by the file's identity.
struct ZonesByFile: Sendable {
  private var byPath: [FilePath: [Int]] = [:]
  /// Each path in the form in which it is compared.
  private var normalized: [FilePath: FilePath] = [:]
  private var byNode: [NodeID: [Int]] = [:]

  init(_ zones: [Zone]) {
    for (index, zone) in zones.enumerated() {
      if let path = zone.path {
        let normal = path.lexicallyNormalized()
        normalized[path] = normal
        byPath[normal, default: []].append(index)
      }
      if let node = zone.node { byNode[node, default: []].append(index) }
    }
  }

  /// The zones that name the same path.
  func indexes(byPathOf zone: Zone) -> [Int] {
    zone.path.flatMap { normalized[$0] }.flatMap { byPath[$0] } ?? []
  }

  /// The zones that have the same file.
  func indexes(byFileOf zone: Zone) -> [Int] {
    let same = zone.node.flatMap { byNode[$0] } ?? []
    return same + indexes(byPathOf: zone).filter { !same.contains($0) }
  }
}
