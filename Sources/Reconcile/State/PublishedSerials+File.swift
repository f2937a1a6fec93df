import BINDText
import DNSNames
import FileChange
import ReconcileModel
import SystemPackage

/// The highest serial of each zone that a pass has published: what secondaries have, whatever the zone file says by
/// now.
enum PublishedSerials {
  private static let title = "# The highest serials of zonebridge: zone, serial, view."

  /// What is damaged is left out.
  static func read(in directory: StateDirectory) -> [ZoneInView: SerialNumber] {
    var serials: [ZoneInView: SerialNumber] = [:]
    for line in StateFile.lines(of: directory.serials, title: title) ?? [] {
      let fields = line.split(separator: " ", maxSplits: 2)
      guard fields.count >= 2, let zone = try? DomainName(fields[0]), let serial = UInt32(fields[1])
      else { continue }
      let view = fields.count == 3 ? String(fields[2]) : nil
      serials[ZoneInView(name: zone, view: view)] = SerialNumber(serial)
    }
    return serials
  }

  static func write(
    _ serials: [ZoneInView: SerialNumber], in directory: StateDirectory
  ) throws(FileChangeError) {
    let lines = serials.map { zone, serial in
      (["\(zone.name)", "\(serial.rawValue)"] + (zone.view.map { [$0] } ?? []))
        .joined(separator: " ")
    }
    try StateFile.write(StateFile.text(lines.sorted(), title: title), to: directory.serials)
  }
}
