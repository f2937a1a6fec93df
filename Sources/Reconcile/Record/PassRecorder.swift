import BINDText
import DCOS
import DNSNames
import FileChange
import Named
package import ReconcileModel
import SystemPackage

extension PassRecord {
  /// The record of a pass that came to a result.
  ///
  /// - Parameters:
  ///   - result: what it came to.
  ///   - desired: what was wanted.
  ///   - isWhole: whether it covered everything that is configured; of any other one, what it changed is recorded.
  ///   - time: when it ended, in seconds since 1970.
  ///   - duration: how long it took.
  ///   - steps: how long each step took.
  package init(
    _ result: PassResult, of desired: DesiredState, isWhole: Bool = true, time: Int64,
    duration: Duration, steps: [PassStep: Duration]
  ) {
    let problems = result.problems
    self.init(
      result: Result(problems, isChanged: !result.plan.isEmpty), time: time,
      duration: duration.seconds)
    self.steps = Dictionary(steps.map { ($0.rawValue, $1.seconds) }) { $1 }
    self.problems = problems.map(ProblemRecord.init)
    isNamedUp = result.attempts.last?.isNamedUp
    chains = result.chains?.map(ChainRecord.init)
    guard let proposal = result.proposal, let outcome = result.attempts.last else { return }
    let verdicts = proposal.verdicts.merging(outcome.verdicts) { $1 }
    let recorder = Recorder(
      desired: desired.led(asLeft: result.courses), proposal: proposal, verdicts: verdicts,
      isPutBack: !outcome.putBack.isEmpty)
    clusters = recorder.clusters
    aliases = recorder.aliases(problems)
    failovers = result.courses.map(FailoverRecord.init)
    zones = isWhole ? recorder.zones : recorder.changedZones
    files = recorder.files
    applyChains()
    reloadDebt = outcome.debt
    notes = result.attempts.flatMap { attempt in
      attempt.plan.handEdits.map(\.description) + attempt.plan.warnings
        + attempt.plan.hints.map(\.description)
    }.unique()
    notes += outcome.plan.hidden.map(\.description)
  }
}

extension PassRecord {
  /// The record of a pass that ended before it came to a result.
  ///
  /// - Parameters:
  ///   - problem: why it did.
  ///   - error: the error, with the chains that the pass saw nevertheless.
  ///   - time: when it ended, in seconds since 1970.
  ///   - duration: how long it took.
  package init(
    failure problem: Problem, _ error: PassError? = nil, time: Int64, duration: Duration
  ) {
    self.init(result: .failed, time: time, duration: duration.seconds)
    problems = [ProblemRecord(problem)]
    failure = problem.reason
    isNamedUp = error?.isNamedUp
    chains = error?.chains?.map(ChainRecord.init)
  }
}

extension PassRecord.Result {
  init(_ problems: [Problem], isChanged: Bool) {
    if problems.contains(where: { $0.severity == .failed }) {
      self = .failed
    } else if !problems.isEmpty {
      self = .held
    } else {
      self = isChanged ? .applied : .inSync
    }
  }
}

/// Makes records of what a pass was made from and what was seen in the end.
private struct Recorder {
  let desired: DesiredState
  let proposal: Proposal
  let verdicts: [Expectation: Verdict]
  let isPutBack: Bool
  private let expectations: [Expectation]
  /// The expectations of each alias, by its owner.
  private let expectationsByAlias: [DomainName: [Expectation]]
  /// What was seen of the names of each cluster that named has to forward.
  private let forwardings: [String: [Verdict]]
  /// The expectations of each zone's serial.
  private let serials: [ZoneInView: [Expectation]]
  /// How many names each alias hides in a view.
  private let hiddenNames: [ZoneInView: Int]

  init(
    desired: DesiredState, proposal: Proposal, verdicts: [Expectation: Verdict], isPutBack: Bool
  ) {
    self.desired = desired
    self.proposal = proposal
    self.verdicts = verdicts
    self.isPutBack = isPutBack
    let plan = proposal.plan
    expectations = plan.alreadyServed + (isPutBack ? [] : plan.servedAfterwards)
    var expectationsByAlias: [DomainName: [Expectation]] = [:]
    var forwardings: [String: [Verdict]] = [:]
    var serials: [ZoneInView: [Expectation]] = [:]
    for expectation in expectations {
      switch expectation {
      case .alias(let owner, _, _, _):
        expectationsByAlias[owner, default: []].append(expectation)
      case .forwarded(_, let cluster):
        if let verdict = verdicts[expectation] {
          forwardings[cluster, default: []].append(verdict)
        }
      case .serial(let zone, let view, _):
        serials[ZoneInView(name: zone, view: view), default: []].append(expectation)
      }
    }
    self.expectationsByAlias = expectationsByAlias
    self.forwardings = forwardings
    self.serials = serials
    hiddenNames = Dictionary(
      plan.hidden.map { (ZoneInView(name: $0.alias, view: $0.zone.view), $0.count) }
    ) { first, _ in first }
  }

  private var plan: Plan { proposal.plan }
  private var actual: ActualState { proposal.actual }

  // MARK: Clusters

  var clusters: [ClusterRecord] { desired.clusters.map(record) }

  private func record(of cluster: Cluster) -> ClusterRecord {
    let memory = plan.memories.byName[cluster.name]
    var record = ClusterRecord(name: cluster.name, state: .unknown)
    switch proposal.observations[cluster.name] {
    case .fixed(let view)?:
      record.state = .fixed
      record.id = view.id.description
      record.masters = view.masters.map(\.description)
    case .observed(let round)?:
      record.reports = round.reports.map { report in
        var master = MasterRecord(report)
        master.isListedOnly = round.strangers.contains(report.master) ? true : nil
        return master
      }
      // Where no master lets us in any more, each of them says so.
      if record.reports.contains(where: { $0.id != nil }) {
        record.refusedRenewal = round.refusedRenewal.map { "\($0)" }
      }
      if case .success = Agreement.reached(in: round) {
        record.state = memory?.pending == nil ? .agreed : .doubted
      }
      record.id = memory?.view.id.description
      record.masters = memory?.view.masters.map(\.description) ?? []
      record.agreedAt = memory.flatMap { $0.agreedAt > 0 ? $0.agreedAt : nil }
      record.pending = memory?.pending.map(PendingRecord.init)
    case nil: break
    }
    let written =
      isPutBack ? actual.installedID(of: cluster.name) : plan.targets[cluster.name]
    record.written = written?.description
    record.isForwarded = isForwarded(cluster.name)
    return record
  }

  private func isForwarded(_ cluster: String) -> Bool? {
    forwardings[cluster].map { $0.allSatisfy { $0 == .served } }
  }

  // MARK: Aliases

  func aliases(_ problems: [Problem]) -> [AliasRecord] {
    let indices = Dictionary(problems.indices.map { (problems[$0].subject, $0) }) { first, _ in
      first
    }
    return desired.aliases.flatMap { alias in
      let seen = expectationsByAlias[alias.owner, default: []].compactMap { record(of: alias, $0) }
      if !seen.isEmpty { return seen }
      let index = [indices[.alias(alias.owner)], indices[.cluster(alias.cluster)]]
        .compactMap(\.self).min()
      return [
        AliasRecord(
          name: alias.blockName, cluster: alias.cluster, state: .absent,
          reason: index.map { problems[$0].reason })
      ]
    }
  }

  private func record(of alias: Alias, _ expectation: Expectation) -> AliasRecord? {
    guard case .alias(alias.owner, let target, let zone, let view) = expectation else {
      return nil
    }
    var record = AliasRecord(
      name: alias.blockName, cluster: alias.cluster, state: .unseen,
      target: target.withoutTrailingDot, zone: zone.withoutTrailingDot, view: view)
    record.hiddenNames = hiddenNames[ZoneInView(name: alias.owner, view: view)] ?? 0
    switch verdicts[expectation] {
    case .served?: record.state = .served
    case .notServed(let reason)? where !plan.visibleInOtherViews.contains(expectation):
      record.state = .notServed
      record.reason = reason
    case .notServed?, nil: break
    }
    return record
  }

  // MARK: Zones and files

  var zones: [ZoneSerials] {
    expectations.compactMap { expectation in
      guard case .alias(_, _, let zone, let view) = expectation else { return nil }
      return ZoneInView(name: zone, view: view)
    }.unique().map(record)
  }

  /// Those that got another serial, whether an alias is left in them or not.
  var changedZones: [ZoneSerials] {
    expectations.compactMap { expectation in
      guard case .serial(let zone, let view, _) = expectation else { return nil }
      return ZoneInView(name: zone, view: view)
    }.unique().map(record)
  }

  private func record(of place: ZoneInView) -> ZoneSerials {
    let zone = actual.zones(place.name, in: place.view).first
    let made = desired.zones[place.name]?.create?.file
    var record = ZoneSerials(
      name: place.name.withoutTrailingDot, view: place.view,
      file: (zone?.path ?? made.map(actual.bind.root.onHost))?.recorded,
      isDynamic: actual.isDynamic(place), servedSerial: zone?.status?.servedSerial)
    if !record.isDynamic {
      record.serial = actual.text(of: place.name, in: place.view)?.soa?.record.serial
    }
    for expectation in serials[place, default: []] {
      guard case .serial(_, _, let serial) = expectation else { continue }
      record.serial = serial
      // For a signed zone named raises the serial itself: the next pass records it.
      if verdicts[expectation] == .served, zone?.status?.signedSerial == nil {
        record.servedSerial = serial
      }
    }
    return record
  }

  var files: [FileRecord] {
    var blocks: [String: [String]] = [:]
    for file in actual.tree.files {
      blocks[file.snapshot.realPath.recorded] = file.blocks.map(\.name)
    }
    for file in actual.zones.compactMap({ try? $0.text?.get() }).flatMap(\.files) {
      blocks[file.snapshot.realPath.recorded] = file.blocks.map(\.name)
    }
    if !isPutBack {
      for file in plan.files { blocks[file.path.recorded] = file.contents?.blockNames ?? [] }
    }
    return blocks.filter { !$0.value.isEmpty }.sorted { $0.key < $1.key }
      .map { FileRecord(path: $0.key, blocks: $0.value.unique().sorted()) }
  }
}

extension Outcome {
  fileprivate var debt: [String] {
    isNamedTold && (isSeenLoaded || !putBack.isEmpty) ? [] : plan.commands.map(\.description)
  }
}

extension MasterRecord {
  fileprivate init(_ report: MasterReport) {
    master = "\(report.master)"
    var reasons: [String] = []
    switch report.id {
    case .success(let id): self.id = id.description
    case .failure(let failure): reasons.append(failure.reason.description)
    }
    switch report.members {
    case .success(let list):
      masters = list.addresses.map(\.description)
      source = list.source.description
    case .failure(let failure): reasons.append(failure.reason.description)
    }
    problems = reasons.unique()
    certificateEnd = report.certificateEnd
  }
}

extension PendingRecord {
  fileprivate init(_ pending: ClusterMemory.Pending) {
    self.init(
      id: pending.view.id.description, masters: pending.view.masters.map(\.description),
      since: pending.since)
  }
}

extension Duration {
  /// In seconds.
  package var seconds: Double {
    Double(components.seconds) + Double(components.attoseconds) * 1e-18
  }
}
