import DCOSSimulator
import SystemPackage
import TestSupport

// What the operator and the world do, at random.
extension SoakTown {
  private static let harmless: [Failure] = [
    .http(502), .http(404), .emptyList, .truncatedJSON, .noExhibitor, .notAnID, .cutShort, .hangs,
  ]

  mutating func event() async throws {
    switch Int.random(in: 0..<30, using: &generator) {
    case 0, 1, 2: try await moveAlias(label: "mesos")
    case 3: try await moveAlias(label: generator.pick("mesos", "nolabel"))
    case 4: try await removeAlias()
    case 5: try await changeID()
    case 6: try await rename()
    case 7, 8: try await takeOutOrPutIn()
    case 9: try await killAllMasters()
    case 10, 11, 12: try await failMaster()
    case 13: try await replaceMaster()
    case 14: try await freezeOrThaw()
    case 15:
      let zone = pick(Self.zones)
      tell("named may not read db.\(zone)")
      try hide(zone)
    case 16:
      tell("the control channel is cut")
      try cutControl()
    case 17: try await editZone()
    case 18: try await rndc(generator.pick("flush", "reconfig", "reload"))
    case 19: try await writeByHand()
    case 20: try await harmAgent()
    case 21: try await restartNamed()
    case 22, 23: try await follow()
    case 24, 25: try await switchAlias()
    case 26: try await rollBack()
    default: try await passOnce()
    }
    if generator.oneIn(2) { try await healSome() }
    if generator.oneIn(4) {
      tell("named may read everything, and is told everything")
      try refuseNothing()
    }
  }

  private mutating func pick<Value>(_ values: [Value]) -> Value {
    values[Int.random(in: values.indices, using: &generator)]
  }

  // MARK: The configuration

  private mutating func moveAlias(label: String) async throws {
    let owner = pick(Self.owners)
    let alias = Alias(
      cluster: pick(configured.sorted()), label: label, ttl: generator.pick(1, 5, 20))
    aliases[owner] = alias
    try await writeConfiguration(
      "alias \(owner) to \(alias.label) of \(alias.cluster), \(alias.ttl) s")
  }

  /// An alias follows the health of all clusters from now on.
  private mutating func follow() async throws {
    let owner = pick(Self.owners)
    aliases[owner] = Alias(
      cluster: pick(configured.sorted()), ttl: generator.pick(1, 5), follows: true,
      back: generator.pick(nil, 4, 20))
    try await writeConfiguration("alias \(owner) follows health")
  }

  private mutating func removeAlias() async throws {
    guard aliases.count > 3 else { return }
    let owner = pick(Self.owners)
    aliases[owner] = nil
    try await writeConfiguration("no alias \(owner)")
  }

  private mutating func rename() async throws {
    let (old, new) = clusters["prod"] == nil ? ("renamed", "prod") : ("prod", "renamed")
    clusters[new] = clusters.removeValue(forKey: old)
    if configured.remove(old) != nil { configured.insert(new) }
    for owner in aliases.keys where aliases[owner]?.cluster == old { aliases[owner]?.cluster = new }
    try await writeConfiguration("\(old) becomes \(new)")
  }

  /// Moves all aliases of a cluster to the other one and takes it out, or puts it in again.
  private mutating func takeOutOrPutIn() async throws {
    let missing = clusters.keys.filter { !configured.contains($0) }
    if let name = missing.first {
      configured.insert(name)
      return try await writeConfiguration("cluster \(name) is put in")
    }
    let name = pick(clusters.keys.sorted())
    let other = clusters.keys.first { $0 != name } ?? name
    for owner in aliases.keys where aliases[owner]?.cluster == name {
      aliases[owner]?.cluster = other
    }
    if generator.oneIn(2) {
      try await writeConfiguration("all aliases to \(other)")
      try await Task.sleep(for: .seconds(Int.random(in: 0...6, using: &generator)))
    }
    configured.remove(name)
    try await writeConfiguration("all aliases to \(other), cluster \(name) is taken out")
  }

  // MARK: Clusters

  private mutating func changeID() async throws {
    let name = pick(clusters.keys.sorted())
    let id = pick(Self.ids)
    tell("cluster \(name) is \(id.prefix(4))")
    try await change(name) { await $0.setID(id) }
  }

  private mutating func killAllMasters() async throws {
    let name = pick(clusters.keys.sorted())
    let failure: Failure = generator.pick(.unreachable, .dnsSilent)
    guard let masters = await clusters[name]?.masters else { return }
    for master in masters { failures[master] = failure }
    tell("all masters of \(name): \(failure)")
    try await change(name) { cluster in
      for master in masters { try await cluster.fail(master, failure) }
    }
  }

  private mutating func failMaster() async throws {
    let name = pick(clusters.keys.sorted())
    guard let masters = await clusters[name]?.masters else { return }
    let master = pick(masters)
    let failure =
      generator.oneIn(2) ? pick(Self.harmless) : generator.pick(.unreachable, .dnsSilent)
    failures[master] = failure
    tell("\(master) of \(name): \(failure)")
    try await change(name) { try await $0.fail(master, failure) }
  }

  /// Heals a cluster, so that most of the time most of it is well.
  private mutating func healSome() async throws { try await heal(pick(clusters.keys.sorted())) }

  mutating func heal(_ name: String) async throws {
    guard let masters = await clusters[name]?.masters,
      masters.contains(where: { failures[$0] != nil })
    else { return }
    for master in masters { failures[master] = nil }
    tell("all masters of \(name) are well")
    try await change(name) { cluster in
      for master in masters { try await cluster.heal(master) }
    }
  }

  private mutating func replaceMaster() async throws {
    let name = pick(clusters.keys.sorted())
    guard let masters = await clusters[name]?.masters, let old = masters.last else { return }
    let network = old.split(separator: ".").dropLast().joined(separator: ".")
    let spares = (13...15).map { "\(network).\($0)" }.filter { !masters.contains($0) }
    let new = pick(spares)
    failures[old] = nil
    failures[new] = nil
    tell("\(old) of \(name) is replaced by \(new)")
    try await change(name) { try await $0.replaceMaster(old, by: new) }
  }

  // MARK: The name server

  private mutating func rndc(_ words: String...) async throws {
    tell("rndc \(words.joined(separator: " "))")
    _ = try await run("rndc", arguments: ["-c", named.rndcConf.string] + words)
  }

  private mutating func freezeOrThaw() async throws {
    isFrozen.toggle()
    try await rndc(isFrozen ? "freeze" : "thaw", "dyn.example")
  }

  mutating func thaw() async throws { if isFrozen { try await freezeOrThaw() } }

  /// Somebody adds a record, and may have it loaded or not.
  private mutating func editZone() async throws {
    let zone = pick(Self.zones)
    let text = try named.folder.text("db.\(zone)")
    try named.folder.write("db.\(zone)", text + "new\(chronicle.story.count) A 192.0.2.9\n")
    tell("db.\(zone) is edited")
    if generator.oneIn(2) { try await rndc("reload", zone) }
  }

  /// A DNAME that somebody writes by hand, in a zone that no alias concerns.
  private mutating func writeByHand() async throws {
    let target = "mesos.\(pick(Self.ids)).dcos.directory."
    try named.folder.write("db.side", Self.zone + "x DNAME \(target)\n")
    tell("x.side.example is written by hand, to \(target.prefix(10))")
    try await rndc("reload", "side.example")
  }

  private mutating func restartNamed() async throws {
    guard generator.oneIn(3) else { return }
    try refuseNothing()
    let start = Milliseconds.now
    tell("named is restarted")
    try await named.restart()
    chronicle.restarts.append(start...Milliseconds.now + 500)
    tell("named is up again")
  }
}
