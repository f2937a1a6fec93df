import DCOS
import DNSNames
import FileChange
package import ReconcileModel
import SystemPackage

extension NameMemory {
  private static let title =
    "# What zonebridge remembers of names: its blocks, the highest serials, clusters that resolvers may still lead to."

  /// Nil where there is no file that can be read as a whole.
  static func read(in directory: StateDirectory) -> NameMemory? {
    guard let lines = StateFile(StateDirectory.Name.names, in: directory).lines(title: title) else {
      return nil
    }
    var memory = NameMemory()
    for line in lines {
      guard memory.note(line) else { return nil }
    }
    return memory
  }

  /// The names of the blocks that passes with a state directory have seen to, whatever the configuration says by now.
  package static func blocks(in directory: StateDirectory) -> Set<String> {
    read(in: directory)?.blocks ?? []
  }

  private mutating func note(_ line: Substring) -> Bool {
    let fields = line.split(separator: " ", maxSplits: 3)
    switch fields.first {
    case "block" where fields.count > 1:
      // It may have a blank.
      blocks.insert(String(line.dropFirst("block ".count)))
    case "serial" where fields.count >= 3:
      guard let zone = try? DomainName(fields[1]), let serial = SerialNumber(decimal: fields[2])
      else {
        return false
      }
      let view = fields.count == 4 ? String(fields[3]) : nil
      serials[ZoneInView(name: zone, view: view)] = serial
    case "cluster" where fields.count >= 3:
      guard let id = try? ClusterID(fields[1]), let time = Int64(fields[2]) else { return false }
      retained.until[id] = time
      guard fields.count == 4 else { break }
      guard let seconds = Int64(fields[3]) else { return false }
      retained.pending[id] = seconds
    case "foreign" where fields.count == 4:
      // The name of a view comes last, since it may have blanks.
      let rest = fields[3].split(separator: " ", maxSplits: 1)
      guard let id = try? ClusterID(fields[1]), let zone = try? DomainName(fields[2]),
        let word = rest.first, let owner = try? DomainName(word)
      else { return false }
      let view = rest.count == 2 ? String(rest[1]) : nil
      foreign.insert(
        ForeignDependent(
          id: id, zone: ZoneInView(name: zone, view: view), owner: owner.isRoot ? nil : owner))
    case "flush" where fields.count == 2:
      guard let domain = try? DomainName(fields[1]) else { return false }
      unflushed.insert(domain)
    default: return false
    }
    return true
  }

  func write(in directory: StateDirectory) throws(FileChangeError) {
    let lines =
      blocks.map { "block \($0)" }
      + serials.map { zone, serial in
        (["serial", "\(zone.name)", "\(serial)"] + (zone.view.map { [$0] } ?? []))
          .joined(separator: " ")
      }
      + retained.until.map { id, time in
        "cluster \(id) \(time)" + (retained.pending[id].map { " \($0)" } ?? "")
      }
      // The root has no DNAME that leads into a cluster, and so stands for an owner that is not known.
      + foreign.map { found in
        (["foreign", "\(found.id)", "\(found.zone.name)", "\(found.owner ?? .root)"]
          + (found.zone.view.map { [$0] } ?? [])).joined(separator: " ")
      }
      + unflushed.map { "flush \($0)" }
    try StateFile(StateDirectory.Name.names, in: directory)
      .write(StateFile.text(lines.sorted(), title: Self.title))
  }
}
