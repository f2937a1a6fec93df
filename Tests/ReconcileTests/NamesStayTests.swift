import DCOS
import DNSNames
import Glibc
import Named
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import Reconcile
@testable import ReconcileModel

/// What people depend on, over hundreds of random steps against a real named: a name that resolved before a pass and
/// that the configuration still wants resolves after it, and all the while, whatever was changed, held, frozen,
/// refused, reverted, rolled back, cut short, forgotten or broken in between; with views and without.
///
/// A name that was renamed resolves until the new one does.
/// `ZONEBRIDGE_STEPS` tells how many steps; each seed is another history.
@Suite("Names stay", .serialized, .timeLimit(.minutes(240)))
struct NamesStayTests {
  private static let steps = ProcessEnvironmentNumber("ZONEBRIDGE_STEPS") ?? 25

  @Test(
    "random configurations, zones, masters and edits → no wanted name that resolved stops resolving",
    arguments: [1, 2, 3, 4] as [UInt64])
  func wantedNamesStay(seed: UInt64) async throws {
    // Every other world has views.
    try await withWorld(seed: seed, hasViews: seed.isMultiple(of: 2)) { world in
      var world = world
      for step in 1...Self.steps {
        try await world.change()
        let before = await world.resolvedNames()
        let kept = before.filter(world.isWanted).subtracting(world.prepare())
        let renamed = world.renamed.flatMap { before.contains($0.old) ? $0 : nil }
        let watch = world.watch(kept, renamed)
        let result = try await world.pass()
        let failures = await watch()
        let after = await world.resolvedNames()
        var lost = kept.subtracting(after)
        if let renamed, after.isDisjoint(with: [renamed.old, renamed.new]) {
          lost.insert(renamed.old)
        }
        #expect(lost.isEmpty, "seed \(seed), step \(step): \(world.story)\n\(result.summary)")
        #expect(
          failures.isEmpty,
          "seed \(seed), step \(step), while it went on: \(world.story)\n\(result.summary)")
        guard lost.isEmpty, failures.isEmpty else { return }
      }
      #expect(world.passesThatChanged > Self.steps / 8, "the steps have to lead somewhere")
    }
  }
}

/// The number that an environment variable has.
func ProcessEnvironmentNumber(_ name: String) -> Int? {
  unsafe getenv(name).flatMap { unsafe Int(String(cString: $0)) }
}

/// A named with three zones, two clusters behind one scripted server, and an operator who does as he likes.
private struct World {
  static let owners = [
    "a.contoso.com", "b.contoso.com", "a.contoso.net", "deep.b.contoso.net", "a.dyn.example",
    "b.dyn.example",
  ]
  static let zones = ["contoso.com", "contoso.net"]

  /// The clusters whose masters answer nothing, and those that answer for their zone and for no name in it.
  final class Masters: Sendable {
    let dead = Mutex<Set<String>>([])
    let mute = Mutex<Set<String>>([])
  }

  /// What an operator or the timer has zonebridge do.
  enum Kind {
    case pass
    case cutShort(Duration)
    case rollback([HistoryEntry])
    /// named is down meanwhile, and is started afterwards.
    case withoutNamed
  }

  var site: LiveSite
  let masters: Masters
  var generator: SeededGenerator
  var now: Int64 = 1000
  /// What the configuration says: the cluster and label of each alias, and the ID of each cluster.
  var aliases: [String: (cluster: String, label: String)] = [:]
  /// The aliases that follow the health of all clusters, and after how many seconds.
  var following: [String: Int64] = [:]
  var kind = Kind.pass
  /// What the zone files were at some time.
  var earlier: [String: String] = [:]
  var ids: [String: String] = ["prod": Site.ids[0], "next": Site.ids[1]]
  var isFrozen = false
  /// The view that clients get, where there are views.
  let view: String?
  /// Whether passes see to that view alone.
  var choosesView = false
  /// Which key signs updates, where it is not named's own.
  var updateKey: FilePath?
  /// The alias that was given another name since the last pass.
  var renamed: (old: String, new: String)?
  /// What happened last, for the message of a failure.
  var story: [String] = []
  var passesThatChanged = 0

  // MARK: What the operator and the world do

  mutating func change() async throws {
    renamed = nil
    for _ in 0...Int.random(in: 0...2, using: &generator) {
      let before = aliases
      try await changeOnce()
      // What is changed further is no longer the same alias under another name.
      if let new = renamed?.new, let alias = before[new], aliases[new]?.cluster != alias.cluster {
        renamed = nil
      }
    }
    now += Int64(generator.pick(1, 5, 30, 70, 400))
    if story.count > 12 { story.removeFirst(story.count - 12) }
  }

  private mutating func changeOnce() async throws {
    let owner = Self.owners.randomElement(using: &generator) ?? ""
    switch Int.random(in: 0..<28, using: &generator) {
    case 0, 1, 2:
      following[owner] = nil
      aliases[owner] = (clusterName(), "mesos")
      tell("alias \(owner) to \(aliases[owner]?.cluster ?? "")")
    case 3:
      aliases[owner] = (clusterName(), generator.pick("mesos", "nolabel"))
      tell("alias \(owner) to \(aliases[owner].map { "\($0)" } ?? "")")
    case 4:
      if aliases.count > 1 { aliases[owner] = nil }
      tell("no alias \(owner)")
    case 5:
      // A cluster gets another ID, which may be the other one's.
      let name = clusterName()
      ids[name] = Site.ids[Int.random(in: 0..<3, using: &generator)]
      tell("cluster \(name) is \(ids[name]?.prefix(4) ?? "")")
    case 6:
      // A cluster is renamed, its aliases with it.
      let (old, new) = ("prod", "renamed")
      let (from, to) = ids[old] == nil ? (new, old) : (old, new)
      ids[to] = ids.removeValue(forKey: from)
      for owner in aliases.keys where aliases[owner]?.cluster == from {
        aliases[owner]?.cluster = to
      }
      tell("\(from) becomes \(to)")
    case 7, 8:
      let id = Site.ids[Int.random(in: 0..<3, using: &generator)]
      masters.dead.withLock { dead in
        if dead.remove(id) == nil { dead.insert(id) }
      }
      tell("masters of \(id.prefix(4)) die or live")
    case 9:
      isFrozen.toggle()
      try await rndc([isFrozen ? "freeze" : "thaw", "dyn.example"] + place)
    case 10:
      site.refuse("reload \(Self.zones.randomElement(using: &generator) ?? "")")
      tell("a reload is refused")
    case 11:
      site.refuseNothing()
      tell("nothing is refused")
    case 12:
      // Somebody edits a zone file and has not had it loaded.
      let file = "db.\(Self.zones.randomElement(using: &generator) ?? "")"
      try site.named.folder.write(file, try site.text(file) + "new\(now) A 192.0.2.9\n")
      tell("\(file) is edited")
    case 13:
      try await reload(Self.zones.randomElement(using: &generator) ?? "")
    case 14:
      // A DNAME that somebody writes by hand, in a zone that no alias concerns.
      let id = Site.ids[Int.random(in: 0..<3, using: &generator)]
      try site.named.folder.write(
        "db.side", LiveSite.zone + "x DNAME mesos.\(id).dcos.directory.\n")
      try await reload("side.example")
    case 15:
      aliases[owner] = (clusterName(), "mesos")
      following[owner] = generator.pick(10, 100)
      tell("alias \(owner) follows health, \(aliases[owner]?.cluster ?? "") first")
    case 16:
      let id = Site.ids[Int.random(in: 0..<3, using: &generator)]
      masters.mute.withLock { mute in
        if mute.remove(id) == nil { mute.insert(id) }
      }
      tell("the names of \(id.prefix(4)) go or come back")
    case 17:
      // A backup is taken, or given back and loaded.
      let zone = Self.zones.randomElement(using: &generator) ?? ""
      if let text = earlier.removeValue(forKey: zone) {
        try site.named.folder.write("db.\(zone)", text)
        tell("db.\(zone) is restored")
        try await reload(zone)
      } else {
        earlier[zone] = try site.text("db.\(zone)")
      }
    case 18:
      for name in try listFolder(site.state) where generator.oneIn(2) {
        _ = try await run("rm", arguments: ["-rf", site.state.appending(name).string])
        tell("the state loses \(name)")
      }
    case 19:
      let text = try site.text("named.conf.local")
      try site.named.folder.write(
        "named.conf.local", text.replacing("forward only", with: "forward first"))
      tell("named.conf.local is edited within the blocks")
      try await rndc("reconfig")
    case 20, 21:
      // named takes updates of one name alone, or of all.
      let (all, one) = (
        "update-policy local;", "update-policy { grant local-ddns name a.dyn.example. ANY; };"
      )
      let text = try site.text("named.conf.local")
      let isRestricted = text.contains(one)
      try site.named.folder.write(
        "named.conf.local",
        isRestricted ? text.replacing(one, with: all) : text.replacing(all, with: one))
      tell("named takes updates of \(isRestricted ? "all names" : "a.dyn.example alone")")
      try await rndc("reconfig")
    case 22:
      updateKey = updateKey == nil ? site.named.folder.path.appending("other.key") : nil
      tell("updates are signed with \(updateKey == nil ? "the right" : "a wrong") key")
    case 23:
      tell("named is restarted")
      try await site.named.restart()
      isFrozen = false
    case 24:
      guard view != nil else { break }
      choosesView.toggle()
      tell("passes see to \(choosesView ? "one view" : "all views")")
    case 25, 26:
      rename(owner)
    default:
      try await rndc("flush")
    }
  }

  /// An alias gets another name, in its zone or in another one.
  private mutating func rename(_ owner: String) {
    guard renamed == nil, let alias = aliases[owner], following[owner] == nil,
      let new = Self.owners.filter({ aliases[$0] == nil }).randomElement(using: &generator)
    else { return }
    aliases[owner] = nil
    aliases[new] = alias
    following[new] = nil
    renamed = (owner, new)
    tell("alias \(owner) becomes \(new)")
  }

  /// Where a zone is for rndc.
  private var place: [String] { view.map { ["IN", $0] } ?? [] }

  private mutating func reload(_ zone: String) async throws {
    try await rndc(["reload", zone] + place)
  }

  private mutating func clusterName() -> String {
    ids.keys.sorted().randomElement(using: &generator) ?? ""
  }

  private mutating func tell(_ words: String) { story.append(words) }

  private mutating func rndc(_ words: String...) async throws { try await rndc(words) }

  private mutating func rndc(_ words: [String]) async throws {
    tell("rndc \(words.joined(separator: " "))")
    _ = try await run("rndc", arguments: ["-c", site.named.rndcConf.string] + words)
  }

  // MARK: Passes

  /// Decides what is done next: a pass mostly.
  ///
  /// - Returns: the names that an operator has it take away.
  mutating func prepare() -> Set<String> {
    kind = .pass
    switch Int.random(in: 0..<14, using: &generator) {
    case 0, 1:
      kind = .cutShort(.milliseconds(Int.random(in: 0...700, using: &generator)))
    case 2:
      let entries = Array(site.history.entries.prefix(generator.pick(1, 2)))
      guard !entries.isEmpty else { break }
      kind = .rollback(entries)
      // What the changes had put there goes with them.
      let added = entries.flatMap(\.aliases).filter { $0.old == nil }.map(\.owner)
      let updated = entries.flatMap(\.updates).filter { $0.old == nil }.map(\.owner)
      return Set((added + updated).map { $0.hasSuffix(".") ? String($0.dropLast()) : $0 })
    case 3: kind = .withoutNamed
    default: break
    }
    return []
  }

  mutating func pass() async throws -> PassResult {
    site.desired.clusters = try ids.sorted { $0.key < $1.key }.map {
      try site.cluster($0.key, id: $0.value)
    }
    site.desired.aliases = try aliases.sorted { $0.key < $1.key }.map { owner, value in
      let others = ids.keys.sorted().filter { $0 != value.cluster }
      return Alias(
        owner: try DomainName(owner), cluster: value.cluster, label: value.label, ttl: 60,
        failover: following[owner].map { Failover([value.cluster] + others, after: $0, back: 30) })
    }
    site.desired.bind.views = choosesView ? view.map { [$0] } : nil
    site.desired.zones = [:]
    if let updateKey {
      site.desired.zones[try DomainName("dyn.example")] = ZoneSettings(updateKey: updateKey)
    }
    // What an operator lets through may be a name.
    let accepted = generator.oneIn(4) && renamed == nil ? Set(ids.keys) : []
    if !accepted.isEmpty { tell("accept") }
    let result: PassResult
    do {
      switch kind {
      case .pass: result = try await site.run(accepted: accepted, now: now)
      case .cutShort(let time):
        tell("a pass is told to stop after \(time)")
        let pass = Task { [site, now] in try await site.run(accepted: accepted, now: now) }
        try await Task.sleep(for: time)
        pass.cancel()
        result = try await pass.value
      case .rollback(let entries):
        tell("rollback of \(entries.map(\.number))")
        result = try await site.pass().rollBack(entries, now: now)
      case .withoutNamed:
        tell("named is down meanwhile")
        try await site.named.stop()
        isFrozen = false
        let pass = Task { [site, now] in try await site.run(accepted: accepted, now: now) }
        let ending = await pass.result
        try await site.named.start()
        result = try ending.get()
      }
    } catch {
      tell("it ends with: \(error)")
      return PassResult(attempts: [])
    }
    if result.attempts.contains(where: { !$0.plan.isEmpty }) { passesThatChanged += 1 }
    return result
  }

  func isWanted(_ owner: String) -> Bool { aliases[owner] != nil }

  // MARK: What a client sees

  func resolvedNames() async -> Set<String> {
    var resolved: Set<String> = []
    for owner in Self.owners where await Self.resolves(owner, at: site.desired.bind.query) == true {
      resolved.insert(owner)
    }
    return resolved
  }

  /// Nil where named was too busy to say anything.
  private static func resolves(_ owner: String, at server: Endpoint) async -> Bool? {
    await answer(owner, at: server)?.isAddress
  }

  private static func answer(_ owner: String, at server: Endpoint) async -> DNSAnswer? {
    let client = DNSClient(server: server, timeout: .seconds(10))
    // Another name each time, so that no cache answers.
    let name = "n\(UInt32.random(in: 0 ... .max)).\(owner)."
    return try? await client.ask(DomainName(name), .a, recursionDesired: true)
  }

  /// Asks for some names until the returned function is called, which tells those that failed.
  ///
  /// - Parameters:
  ///   - names: The names.
  ///   - renamed: One that may go when another one is there.
  /// - Returns: Which of them failed, and how.
  func watch(
    _ names: Set<String>, _ renamed: (old: String, new: String)?
  ) -> () async -> [String: String] {
    let server = site.desired.bind.query
    if case .withoutNamed = kind { return { [:] } }
    let task = Task {
      var failed: [String: String] = [:]
      while !Task.isCancelled {
        for name in names {
          guard case .some(let answer) = await Self.answer(name, at: server), !answer.isAddress
          else { continue }
          failed[name] = "\(answer.rcode) \(answer.answers.map(\.rdata))"
        }
        if let renamed, case .some(let answer) = await Self.answer(renamed.old, at: server),
          !answer.isAddress, await Self.resolves(renamed.new, at: server) == false
        {
          failed[renamed.old] = "\(answer.rcode), and \(renamed.new) does not resolve"
        }
        try? await Task.sleep(for: .milliseconds(20))
      }
      return failed
    }
    return {
      task.cancel()
      return await task.value
    }
  }
}

/// Hands a world to the body.
private func withWorld(
  seed: UInt64, hasViews: Bool, _ body: (World) async throws -> Void
) async throws {
  let zones =
    World.zones.map { "zone \"\($0)\" { type primary; file \"db.\($0)\"; };\n" }.joined()
    + "zone \"dyn.example\" { type primary; file \"dyn\"; update-policy local; };\n"
    + "zone \"side.example\" { type primary; file \"db.side\"; };\n"
  // The second view borrows one zone, has another one of its own, and never answers this host.
  let local =
    hasViews
    ? """
    view "inside" {
    match-clients { 127.0.0.1; };
    \(zones)};
    view "outside" {
    match-clients { any; };
    zone "contoso.com" { in-view "inside"; };
    zone "contoso.net" { type primary; file "db.outside"; };
    };

    """ : zones
  let files = [
    "db.contoso.com": LiveSite.zone, "db.contoso.net": LiveSite.zone, "dyn": LiveSite.zone,
    "db.side": LiveSite.zone, "db.outside": LiveSite.zone,
    "other.key": """
    key "other" { algorithm hmac-sha256; secret "bm90IHdoYXQgbmFtZWQga25vd3M="; };

    """,
  ]
  try await withLiveSite(local, files: files) { site in
    var site = site
    site.patience = .seconds(2)
    let masters = World.Masters()
    site.masters.follow { question in
      let labels = question.name.split(separator: ".").map(String.init)
      guard labels.count >= 4, let id = labels.dropLast(2).last,
        !masters.dead.withLock({ $0.contains(id) })
      else { return .serverFailure }
      let zone = labels.suffix(4).joined(separator: ".") + "."
      guard labels.dropLast(3).last == "mesos" else { return .refused }
      if question.type == 6, question.name == zone {
        return ScriptedAnswer(answers: [.soa(zone)])
      }
      if question.name != zone, !labels[0].hasPrefix("zonebridge-"),
        masters.mute.withLock({ $0.contains(id) })
      {
        return .serverFailure
      }
      guard question.type == 1, question.name != zone else {
        return ScriptedAnswer(authority: [.soa(zone)])
      }
      if labels[0].hasPrefix("zonebridge-") {
        return ScriptedAnswer(rcode: 3, authority: [.soa(zone)])
      }
      return ScriptedAnswer(answers: [.address(question.name, [10, 0, 0, 80])])
    }
    try await body(
      World(
        site: site, masters: masters, generator: SeededGenerator(seed: seed),
        view: hasViews ? "inside" : nil))
  }
}

extension DNSAnswer {
  fileprivate var isAddress: Bool { rcode == .noError && !rdata(of: .a).isEmpty }
}

extension PassResult {
  /// What was done and told, in few lines.
  fileprivate var summary: String {
    attempts.map { outcome in
      let plan = outcome.plan
      return """
        reasons \(plan.reasons)
        commands \(plan.commands)
        updates \(plan.updates.flatMap(\.parts).map { "\($0.owner) \($0.old.map { "\($0.target)" } ?? "-") \($0.new.map { "\($0.target)" } ?? "-")" })
        retained \(plan.retained) \(plan.hints)
        problems \(outcome.problems)
        put back \(outcome.putBack)
        chains \(proposal?.chains?.map { "\($0.question.owner) \($0.question.target) \($0.state)" } ?? [])
        """
    }.joined(separator: "\n--\n")
  }
}
