import BINDText
import DNSNames
import FileChange
import ReconcileModel

// Names that an alias's DNAME would hide.
extension PlanContext {
  /// RFC 6672 section 2.4.
  ///
  /// Nothing may exist below a DNAME's owner: named answers NXDOMAIN for a name there, and named-checkzone
  /// does not warn.
  func hiddenNames(
    by alias: Alias, in zone: Zone, _ text: ZoneText,
    _ held: (_ reason: String, _ remedy: String) -> Problem
  ) -> Problem? {
    var count = 0
    var first: [String] = []
    for file in text.files {
      let names = file.outline.owners(below: alias.owner, first: 5)
      count += names.count
      first += names.first.map(\.withoutTrailingDot)
    }
    for other in actual.zones
    where other.view == zone.view && other.isInternetClass && other.name.isBelow(alias.owner) {
      count += 1
      first.append("\(other.name.withoutTrailingDot) (a zone, \(other.location))")
    }
    guard count > 0 else { return objectionToNesting(alias, held) }
    let list = first.prefix(5).joined(separator: ", ")
    let more = count > 5 ? " and \(count - 5) more" : ""
    return held(
      "its DNAME would hide \(count) name\(count == 1 ? "" : "s") of the zone: \(list)\(more)",
      """
      Choose an alias that nothing stands below, or waive the safeguard in the alias's \
      allow: [\(Safeguard.hidesNames.rawValue)]\(hidesNameServer(of: zone, text, by: alias)
        ? ". As a name server of the zone is among them, named would then refuse the zone: name "
          + "one elsewhere before" : "")
      """)
  }

  /// Whether a name server of the zone lies below the alias: "below a DNAME (illegal)" says
  /// named-checkzone of its address.
  private func hidesNameServer(
    of zone: Zone, _ text: ZoneText, by alias: Alias
  ) -> Bool {
    text.files.contains { file in
      file.outline.records(of: zone.name).contains { record in
        record.type == "NS" && file.target(of: record)?.isBelow(alias.owner) ?? false
      }
    }
  }

  func objectionToNesting(
    _ alias: Alias, _ held: (_ reason: String, _ remedy: String) -> Problem
  ) -> Problem? {
    guard let other = desired.aliases.first(where: { $0.owner.isBelow(alias.owner) }) else {
      return nil
    }
    return held(
      "its DNAME would hide the alias \(other.blockName), which lies below it",
      "Keep only one of the two in the configuration")
  }
}
