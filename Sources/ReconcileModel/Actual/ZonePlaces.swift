import BINDText
import DNSNames

/// Where zones stand in a list, found by name and view: a host may have a hundred thousand of them, and as many
/// questions are asked as there are aliases.
struct ZonePlaces: Sendable {
  private let places: [ZoneInView: [Int]]
  private let forwardZones: [String: [Int]]

  init(_ zones: [Zone]) {
    places = Dictionary(grouping: zones.indices) { zones[$0].inView }
    forwardZones = Dictionary(
      grouping: zones.indices.filter {
        zones[$0].block != nil && zones[$0].clauses.type == .forward
      }
    ) { zones[$0].block ?? "" }
  }

  /// The places of the zones of this name, in their order.
  func all(_ name: DomainName, in view: String?) -> [Int] {
    places[ZoneInView(name: name, view: view)] ?? []
  }

  /// The places of the forward zones in managed blocks of a name.
  func forwardZones(inBlock name: String) -> [Int] { forwardZones[name] ?? [] }

  /// The places of the zones that enclose a name, the closest first.
  func all(enclosing name: DomainName, in view: String?) -> some Sequence<Int> {
    sequence(first: name) { $0.parent }.lazy.flatMap { all($0, in: view) }
  }
}
