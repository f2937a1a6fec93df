import BINDText
import DNSNames

extension ZoneFileOutline {
  /// Sets another serial in the zone, and then the old one again.
  func testSerial() {
    guard let soa else { return }
    let next = soa.serial.incremented()
    let edited = applying([soa.serialEdit(to: next)], "a new serial")
    let file = expectNoError("the file is read again with a new serial") { try reading(edited) }
    expect(file.soa?.serial == next, "the new serial is read again")
    let back = file.soa.map { file.applying([$0.serialEdit(to: soa.serial)], "the old serial") }
    // The serial may have been written with leading zeros.
    let digits = Array(soa.serial.description.utf8)
    let plain = bytes[..<soa.serialRange.lowerBound] + digits + bytes[soa.serialRange.upperBound...]
    expect(back == Array(plain), "the old serial gives the file back")
  }

  /// Finds the records of a name, and the names below it.
  func testOwners() {
    let records = records
    expect(
      self.records(of: origin).filter { !$0.isGenerated }.map(\.range)
        == records.filter { $0.owner == origin }.map(\.range), "an owner's records are found")
    let names = records.filter(isName)
    let below = Set(names.map(\.owner).filter { $0.isBelow(origin) })
    // The result also counts names that `$GENERATE` lines make.
    expect(owners(below: origin).count >= below.count, "the owners below a name are found")

    // The result is the same when the first pass collects the names.
    let watched = Set([origin] + records.prefix(4).map(\.owner))
    let watching = expectNoError("a file is read whatever names are watched") {
      try ZoneFileOutline(
        parsing: bytes, origin: origin, watching: WatchedNames(owners: watched, parents: watched))
    }
    for name in watched {
      let own = records.filter { $0.owner == name }
      let found = watching.records(of: name)
      expect(found.filter { !$0.isGenerated } == own, "watched records are found")
      let below = Set(names.map(\.owner).filter { $0.isBelow(name) })
      let hidden = watching.owners(below: name)
      expect(hidden.count >= below.count, "watched names below are found")
      expect(hidden == owners(below: name), "watched or not, the names below are the same")
    }
  }

  /// Whether a record makes its owner a name that a DNAME above would hide; false if markers are damaged.
  private func isName(_ record: ZoneFileRecord) -> Bool {
    guard let blocks = try? blocks() else { return false }
    return !["NSEC", "NSEC3", "RRSIG"].contains(record.type)
      && !blocks.contains { $0.range.contains(record.range.lowerBound) }
  }

  /// Removes records, but none from which another inherits its owner.
  ///
  /// It never removes the SOA: a second one, which the tests did not examine, would then be the first.
  func testRemovalOfRecords() {
    let records = records
    for (index, record) in records.enumerated().prefix(4)
    where record.type != "SOA"
      && (record.ownerRange == nil || recordInheriting(behind: record.range.upperBound) == nil)
    {
      guard let edit = removal(of: record) else { continue }
      let edited = applying([edit], "the removal of a record")
      let file = expectNoError("the file is read again without a record") { try reading(edited) }
      var rest = records
      rest.remove(at: index)
      expect(
        file.records.flatMap { file.contents(of: $0) } == rest.flatMap { contents(of: $0) },
        "taking a record out keeps the others")
      if let blocks = try? blocks(), !blocks.contains(where: { $0.range.overlaps(record.range) }) {
        let found = expectNoError("taking a record out keeps the blocks", file.blocks)
        expect(found.map(\.name) == blocks.map(\.name), "taking a record out keeps the blocks")
      }
    }
  }
}
