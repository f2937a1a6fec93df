import BINDText
import DNSNames
import FileChange
import Named
import ReconcileModel

/// A zone whose text a plan changes, with the serial that its SOA record gets.
struct RaisedSerial {
  /// One for each occurrence of the SOA record.
  var edits: [FileEdit]
  var serial: SerialNumber
  /// Set if the serial cannot follow its policy for now.
  var warning: String?
}

extension ZoneFilePlan {
  /// The next serial, for a file that still has changes; nil for a text without an SOA record.
  func raisedSerial(in context: PlanContext) -> RaisedSerial? {
    guard let record = text.soa?.record else { return nil }
    let policy = context.desired.zones[zone.name]?.serial ?? .increment
    let served = zones.compactMap(\.status).flatMap { [$0.serial, $0.signedSerial] }
      .compactMap(\.self)
    // A zone file that was restored from a copy is behind what secondaries have.
    let published =
      zones.compactMap { context.memory.serials[$0.inView] } + zones.flatMap(\.journalSerials)
    let serial = policy.next(after: record.serial, served: served + published, now: context.now)
    var raised = RaisedSerial(
      edits: text.authorities.map { file, record in
        FileEdit(file, as: .zone(zone.name, view: zone.view), .edit(record.serialEdit(to: serial)))
      },
      serial: serial)
    if policy.isAhead(serial, at: context.now), let start = policy.start(at: context.now) {
      raised.warning = """
        zone \(zone.name.withoutTrailingDot): its serial becomes \(serial), which is ahead of \(start), the current \
        value of \(policy.rawValue): a serial that goes back would stop the secondaries
        """
    }
    return raised
  }
}
