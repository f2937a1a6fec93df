import DNSNames
import FileChange
import ReconcileModel
import SystemPackage

extension OwnedRecords {
  private static let title =
    "# DNAME records of zonebridge in dynamic zones: zone, owner, target, view; see zonebridge adopt."

  /// None where there is no file, or a damaged one: then the records are not ours any more until an
  /// operator has them adopted.
  static func read(in state: StateDirectory) -> OwnedRecords {
    var records: Set<Record> = []
    for line in StateFile(StateDirectory.Name.ownedRecords, in: state).lines(title: title) ?? [] {
      guard let record = Record(line) else { return OwnedRecords() }
      records.insert(record)
    }
    return OwnedRecords(records: records)
  }

  func write(in state: StateDirectory) throws(FileChangeError) {
    let text = StateFile.text(records.map(\.line).sorted(), title: Self.title)
    try StateFile(StateDirectory.Name.ownedRecords, in: state).write(text)
  }
}

extension OwnedRecords.Record {
  /// The name of a view comes last, since it may have blanks.
  fileprivate var line: String {
    (["\(zone.name)", "\(owner)", "\(target)"] + (zone.view.map { [$0] } ?? []))
      .joined(separator: " ")
  }

  fileprivate init?(_ line: Substring) {
    let fields = line.split(separator: " ", maxSplits: 3)
    guard fields.count >= 3, let zone = try? DomainName(fields[0]),
      let owner = try? DomainName(fields[1]), let target = try? DomainName(fields[2])
    else { return nil }
    let view = fields.count == 4 ? String(fields[3]) : nil
    self.init(zone: ZoneInView(name: zone, view: view), owner: owner, target: target)
  }
}
