import DNSNames
import Named
import SystemPackage
import TestSupport

@testable import Reconcile
@testable import ReconcileModel
@testable import zonebridge

let prodID = SampleID.published
let otherID = SampleID.other

/// When the samples were seen: 2026-11-28 17:00:00 UTC.
let now: Int64 = 1_795_885_200

extension FailoverRecord {
  /// An alias that has left its first cluster, where an operator keeps it.
  static let left = FailoverRecord(
    alias: "web.contoso.com", cluster: "green", since: now - 300,
    reason: "blue has been ill for 90 s: named has no answer", moves: 3,
    clusters: [
      Candidate(
        name: "blue", health: .ill, since: now - 400, reason: "named has no answer\nafter 3 s"),
      Candidate(name: "green", health: .healthy, since: now - 7_500),
      Candidate(name: "red", health: .unknown, reason: "its masters disagree"),
    ], choice: Choice(cluster: "green", until: now + 600), held: "red")
}

extension AgentStatus {
  /// An agent in sync, with a cluster that is polled and one that is not.
  static var inSync: AgentStatus {
    var pass = PassRecord(result: .inSync, time: now - 12, duration: 0.25)
    pass.steps = ["observe": 0.125, "verify": 0.0625]
    pass.isNamedUp = true
    pass.chains = [.held, .unseen]
    pass.clusters = [.prod, .lab]
    pass.aliases = [
      AliasRecord(
        name: "cluster.contoso.com", cluster: "prod", state: .served,
        target: "mesos.\(prodID).dcos.directory", zone: "contoso.com", view: "internal",
        hiddenNames: 1),
      AliasRecord(
        name: "lab.contoso.net", cluster: "lab", state: .unseen,
        target: "mesos.\(otherID).dcos.directory", zone: "contoso.net"),
    ]
    pass.zones = [
      ZoneSerials(
        name: "contoso.com", view: "internal", file: "/etc/bind/db.contoso.com", isDynamic: false,
        serial: 42, servedSerial: 42),
      ZoneSerials(name: "contoso.net", isDynamic: true, servedSerial: 4_294_967_295),
    ]
    pass.files = [
      FileRecord(path: "/etc/bind/db.contoso.com", blocks: ["cluster.contoso.com"]),
      FileRecord(path: "/etc/bind/named.conf.local", blocks: ["lab", "prod"]),
    ]
    var record = AgentRecord(pass: pass)
    record.lastInSync = now - 12
    record.lastChange = ChangeRecord(
      number: 7, time: now - 7_500, duration: 1.5,
      reasons: ["cluster prod: master 10.0.6.71 instead of 10.0.6.70"],
      files: ["/etc/bind/named.conf.local"], commands: ["rndc reconfig"], isPutBack: false,
      isSeenServed: true)
    record.counters.passes = ["in-sync": 1_000, "applied": 7, "failed": 2]
    record.counters.seconds = 252.25
    record.counters.changes = 7
    record.counters.putBacks = 1
    record.counters.files = 9
    record.counters.bytes = 123_456
    record.counters.commands = 11
    record.counters.updates = 3
    return AgentStatus(version: "1.2.3", time: now, agent: .running, record: record)
  }

  /// One that has not ended a pass yet.
  static var starting: AgentStatus {
    AgentStatus(version: "1.2.3", time: now, agent: .running, record: nil)
  }

  /// What cron's last pass left, which saw that much is wrong.
  static var troubled: AgentStatus {
    var status = inSync
    status.agent = nil
    guard var record = status.record else { return status }
    record.pass.result = .failed
    record.pass.time = now - 400
    record.lastInSync = now - 90_000
    record.pass.chains = [.broken]
    record.pass.clusters[0].state = .doubted
    record.pass.clusters[0].isForwarded = false
    record.pass.clusters[0].pending = PendingRecord(
      id: otherID, masters: ["10.0.6.68", "10.0.6.69"], since: now - 180)
    record.pass.clusters[0].reports[1].id = otherID
    record.pass.clusters[0].reports[2] = MasterRecord(
      master: "https://10.0.6.71", problems: ["the connection was refused"])
    record.pass.aliases[0].state = .notServed
    record.pass.aliases[0].reason = "named answers SERVFAIL"
    record.pass.aliases[1].state = .absent
    record.pass.aliases[1].target = nil
    record.pass.aliases[1].zone = nil
    record.pass.aliases[1].reason = "no zone for it"
    record.pass.zones[0].servedSerial = 41
    record.pass.zones[1].servedSerial = nil
    record.pass.problems = [
      ProblemRecord(
        Problem(
          severity: .held, subject: .cluster("prod"), reason: "its ID is another one",
          remedy: "Accept it with: zonebridge run --once --accept prod")),
      ProblemRecord(
        Problem(
          severity: .failed, subject: Subject(kind: "zone", name: "contoso.com") ?? .files,
          reason: "not loaded\nnamed says: bad TTL", remedy: "")),
    ]
    record.pass.clusters[0].refusedRenewal = "401, the login was refused"
    record.pass.reloadDebt = ["rndc reload contoso.com IN internal"]
    record.pass.notes = ["named.conf: an edit that named has not read yet"]
    record.lastChange?.isSeenServed = false
    record.lastChange?.isPutBack = true
    status.record = record
    return status
  }
}

extension RunningAgent {
  static var running: RunningAgent {
    RunningAgent(
      pid: 4711, started: now - 260_000,
      configuration: ConfigurationState(
        path: "/etc/zonebridge/zonebridge.yaml", loaded: now - 3_600),
      interval: 30, nextPass: now + 18, lastSign: now - 12, isHung: false)
  }
}

extension ChainRecord {
  private static func chain(
    _ alias: String, view: String? = nil, cluster: String, id: String, lastHeld: Int64?,
    _ states: [(State, String?, String?)]
  ) -> ChainRecord {
    var chain = ChainRecord(
      Chain(
        .sample, dname: .holds, forwardZone: .holds, address: .holds, lastHeld: lastHeld))
    chain.alias = alias
    chain.view = view
    chain.zone = alias.split(separator: ".").suffix(2).joined(separator: ".")
    chain.cluster = cluster
    chain.target = "mesos.\(id).dcos.directory"
    for (index, state) in states.enumerated() {
      chain.links[index].state = state.0
      chain.links[index].reason = state.1
      chain.links[index].remedy = state.2
    }
    let all = states.map(\.0)
    if all.contains(.broken) {
      chain.brokenSince = now - 450
      chain.clientsGet = "SERVFAIL"
    }
    chain.state = all.contains(.broken) ? .broken : all.contains(.unknown) ? .unknown : .holds
    chain.addresses = chain.state == .holds ? ["10.0.0.80"] : nil
    return chain
  }

  fileprivate static var held: ChainRecord {
    chain(
      "cluster.contoso.com", view: "internal", cluster: "prod", id: prodID, lastHeld: now - 12, [])
  }

  fileprivate static var broken: ChainRecord {
    chain(
      "cluster.contoso.com", view: "internal", cluster: "prod", id: prodID, lastHeld: now - 520,
      [
        (.holds, nil, nil), (.broken, "named answers SERVFAIL", "Check that dcos-net runs"),
        (.unknown, "not asked", nil),
      ])
  }

  fileprivate static var unseen: ChainRecord {
    let unseen: (State, String?, String?) = (.unknown, "cannot be seen from here", nil)
    return chain(
      "lab.contoso.net", cluster: "lab", id: otherID, lastHeld: nil, [unseen, unseen, unseen])
  }
}

extension ChainQuestion {
  /// Whatever a chain may be about.
  fileprivate static var sample: ChainQuestion {
    ChainQuestion(owner: .root, zone: .root, target: .root, cluster: "", forwarders: [])
  }
}

extension ClusterRecord {
  fileprivate static var prod: ClusterRecord {
    let masters = ["10.0.6.68", "10.0.6.69", "10.0.6.71"]
    return ClusterRecord(
      name: "prod", state: .agreed, id: prodID, masters: masters, written: prodID,
      agreedAt: now - 12, isForwarded: true,
      reports: masters.map {
        MasterRecord(
          master: "https://\($0)", id: prodID, masters: masters, source: "Exhibitor",
          certificateEnd: 1_827_421_200)
      })
  }

  fileprivate static var lab: ClusterRecord {
    ClusterRecord(
      name: "lab", state: .fixed, id: otherID, masters: ["10.1.0.5"], written: otherID)
  }
}
