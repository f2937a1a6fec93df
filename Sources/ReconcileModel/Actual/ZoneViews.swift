import BINDText

/// Which views have each of some zones, found by name: a configuration may have thousands of views.
package struct ZoneViews {
  private let borrowers: [ZoneInView: [String?]]

  package init(of zones: [Zone]) {
    borrowers = Dictionary(grouping: zones.filter { $0.clauses.inView != nil }) {
      ZoneInView(name: $0.name, view: $0.clauses.inView)
    }.mapValues { $0.map(\.view) }
  }

  /// The zone's own view, and those that borrow it (`in-view`).
  package func having(_ zone: Zone) -> [String?] {
    zone.view == nil ? [nil] : [zone.view] + borrowers[zone.inView, default: []]
  }
}
