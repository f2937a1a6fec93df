import BINDText

extension NamedConfOutline {
  /// Finds the zones by name, and turns zones into managed blocks.
  func testZones() {
    for zone in zones.prefix(4) {
      guard let name = name(of: zone) else { continue }
      expect(
        zones(named: [name]) == zones.indices.filter { self.name(of: zones[$0]) == name },
        "a zone is found by its name")
    }
    guard let blocks = try? blocks() else { return }
    for zone in zones.prefix(4) where !blocks.contains(where: { $0.range.overlaps(zone.range) }) {
      testAdoption(of: zone, with: Self.body, among: blocks)
      testAdoption(of: zone, with: nil, among: blocks)
    }
  }

  /// Turning a statement into a block, or removing it, changes nothing else.
  private func testAdoption(
    of zone: ZoneStatement, with body: [String]?, among blocks: [ManagedBlock]
  ) {
    let what = body == nil ? "taking a zone away" : "taking a zone over"
    let edit: TextEdit? = expectNoError("\(what) is possible") {
      do {
        return try takingOver(zone, with: body, named: freeName(among: blocks), digest: digest)
      } catch ManagedBlockError.unreadable {
        // The text after the statement would become a marker, so the edit is rejected.
        return nil
      }
    }
    guard let edit else { return }
    let edited = applying([edit], what)
    let (file, found) = rereading(edited, what)
    expect(found.count == blocks.count + (body == nil ? 0 : 1), "\(what) keeps the other blocks")
    expect(
      file.zones.map(file.nameText) == zones.filter { $0 != zone }.map(nameText),
      "\(what) keeps the other zones")
    expect(file.views.map(\.name) == views.map(\.name), "\(what) keeps the views")
  }
}
