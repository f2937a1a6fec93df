import DNSNames
import ReconcileModel

/// Where each alias goes, or why it cannot go anywhere.
struct Placements: Sendable {
  let all: [Placement]
  /// Which of them are in a zone that named.conf has.
  private let indicesByZone: [ZoneKey: [Int]]
  /// In how many views each alias has a place.
  let placeCounts: [DomainName: Int]

  init(_ all: [Placement]) {
    self.all = all
    var byZone: [ZoneKey: [Int]] = [:]
    var counts: [DomainName: Int] = [:]
    for (index, placement) in all.enumerated() {
      if placement.problem == nil { counts[placement.alias.owner, default: 0] += 1 }
      if case .installed(let zone)? = placement.zone {
        byZone[ZoneKey(zone), default: []].append(index)
      }
    }
    indicesByZone = byZone
    placeCounts = counts
  }

  /// Those in any of some zones, in the order of the aliases.
  func placements(in zones: [Zone]) -> [Placement] {
    let indices = Set(zones.map { ZoneKey($0) }).flatMap { indicesByZone[$0] ?? [] }
    return indices.sorted().map { all[$0] }
  }

  /// The expectations that may stay unseen: an alias's DNAME is certain to be seen only if every view that might answer
  /// has it.
  func hidden(_ expectations: [Expectation], among viewCount: Int) -> [Expectation] {
    expectations.filter { expectation in
      expectation.alias.map { placeCounts[$0] ?? 0 < viewCount } ?? false
    }
  }
}
