import DCOS
import DNSNames
import FileChange
package import ReconcileModel
import SystemPackage

extension ClusterMemories {
  private static let title =
    "# What the clusters' masters last agreed on: name, time, ID, masters; then what is not believed yet."

  /// What is damaged is left out.
  package static func read(in state: StateDirectory) -> ClusterMemories {
    var memories = ClusterMemories()
    for line in StateFile(StateDirectory.Name.clusters, in: state).lines(title: title) ?? [] {
      let fields = line.split(separator: " ")
      if let name = fields.first, let memory = ClusterMemory(fields.dropFirst()) {
        memories.byName[String(name)] = memory
      }
    }
    return memories
  }

  /// Writes what has changed; the time of an agreement that lasts is written every ten minutes.
  func write(in state: StateDirectory, over earlier: ClusterMemories) throws(FileChangeError) {
    let isNew = byName.contains { name, memory in
      guard let old = earlier.byName[name] else { return true }
      return old.view != memory.view || old.pending != memory.pending
        || memory.agreedAt - old.agreedAt >= 600
    }
    guard isNew || byName.keys != earlier.byName.keys else { return }
    let lines = byName.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.line)" }
    try StateFile(StateDirectory.Name.clusters, in: state).write(
      StateFile.text(lines, title: Self.title))
  }
}

extension ClusterMemory {
  fileprivate var line: String {
    let pending = pending.map {
      " \($0.since) \($0.rounds) \($0.unanimousRounds) \(Self.text(of: $0.view))"
    }
    return "\(agreedAt) \(Self.text(of: view))" + (pending ?? "")
  }

  fileprivate init?(_ fields: ArraySlice<Substring>) {
    let fields = Array(fields)
    guard fields.count == 3 || fields.count == 8, let agreedAt = Int64(fields[0]),
      let view = Self.view(fields[1], fields[2])
    else { return nil }
    self.init(view: view, agreedAt: agreedAt)
    guard fields.count == 8 else { return }
    guard let since = Int64(fields[3]), let rounds = Int(fields[4]),
      let unanimous = Int(fields[5]), let doubted = Self.view(fields[6], fields[7])
    else { return nil }
    pending = Pending(view: doubted, since: since, rounds: rounds, unanimousRounds: unanimous)
  }

  private static func text(of view: ClusterView) -> String {
    "\(view.id) \(view.masters.isEmpty ? "-" : view.masters.map(\.description).joined(separator: ","))"
  }

  private static func view(_ id: Substring, _ masters: Substring) -> ClusterView? {
    guard let id = try? ClusterID(String(id)) else { return nil }
    if masters == "-" { return ClusterView(id: id, masters: []) }
    let addresses = masters.split(separator: ",").map { try? IPAddress(String($0)) }
    guard addresses.allSatisfy({ $0 != nil }) else { return nil }
    return ClusterView(id: id, masters: addresses.compactMap(\.self))
  }
}
