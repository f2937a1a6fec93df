import DNSNames
import FileChange
import Named
import Planning
import ReconcileModel

/// Makes a plan, and answers its questions until it has none left.
///
/// Planning is pure: whatever a plan has to know of named and the masters is found out here.
struct PlanInquiry {
  private let pass: Pass
  private let desired: DesiredState
  private let actual: ActualState
  private let beliefs: Beliefs
  private let request: PassRequest
  /// The chains as they were just probed.
  private let chains: [Chain]
  /// Seconds since 1970.
  private let now: Int64
  private(set) var memory: PassMemory
  private(set) var evidence: Evidence
  private var knowsSerials = false
  private var early: EarlyVerdict?

  init(
    _ pass: Pass, _ desired: DesiredState, on actual: ActualState, _ beliefs: Beliefs,
    _ memory: PassMemory, _ request: PassRequest, chains: [Chain], now: Int64
  ) {
    self.pass = pass
    self.desired = desired
    self.actual = actual
    self.beliefs = beliefs
    self.request = request
    self.chains = chains
    self.now = now
    self.memory = memory
    let isNamedUp = if case .success = actual.named { true } else { false }
    let isTold = pass.control != nil
    evidence = Evidence(
      asksForwarders: isTold, asksNamed: isTold && isNamedUp, asksDependents: true)
    if isNamedUp { evidence.brokenAliases = chains.brokenAliases }
    if !isTold { evidence.brokenAliases.formUnion(chains.map(\.question.owner)) }
  }

  /// The plan that has no question left.
  ///
  /// - Returns: a plan whose candidates named's checkers accept.
  /// - Throws: why no plan can be made, or what a checker refuses.
  mutating func plan() async throws(PassError) -> Plan {
    while true {
      let plan = try draft()
      if learnsSerials(for: plan) { continue }
      if let question = plan.question(notAnsweredBy: evidence) {
        await answer(question, of: plan)
        continue
      }
      try PassError.throwIfStopped()
      pass.context.progress(.plan)
      guard try await isAccepted(plan) else { continue }
      pass.context.progress(.validate)
      return plan
    }
  }

  private func draft() throws(PassError) -> Plan {
    do throws(PlanError) {
      return try Planner.plan(
        desired: desired, beliefs: beliefs, actual: actual, memory: memory, request: request,
        evidence: evidence, now: now)
    } catch {
      throw PassError(error)
    }
  }

  /// Looks up which serials were published, where a plan raises some.
  ///
  /// - Returns: whether that may change the plan.
  private mutating func learnsSerials(for plan: Plan) -> Bool {
    guard let state = pass.context.state, !plan.serialEdits.isEmpty, !knowsSerials else {
      return false
    }
    knowsSerials = true
    let published = ChangeHistory(in: state).serials
    memory.serials.merge(published) { $1.isNewer(than: $0) ? $1 : $0 }
    return !published.isEmpty
  }

  /// Answers a question of a plan, and has a small plan judged while the masters are asked: most of them answer, and
  /// then the plan stays as it is.
  private mutating func answer(_ question: PlanQuestion, of plan: Plan) async {
    guard case .forwarders = question, EarlyVerdict.isWorthwhile(for: plan, actual) else {
      return await answer(question)
    }
    async let verdict = EarlyVerdict(on: plan, actual, by: pass)
    await answer(question)
    early = await verdict
  }

  private mutating func answer(_ question: PlanQuestion) async {
    switch question {
    case .dependents(let ids):
      let search = DependentSearch(
        desired: desired, actual: actual, context: pass.context,
        files: NamedFiles(Reader(of: desired.bind), pass.files))
      let found = await search.dependents(of: ids, lookingFirstAt: memory.foreign)
      for id in ids { evidence.dependents[id] = found[id] ?? [] }
      memory.foreign = Set(evidence.dependents.values.joined().compactMap(\.found))
      pass.context.progress(.plan)
    case .forwarders(let questions):
      evidence.findings = await ForwarderProbe().look(at: questions)
      pass.context.progress(.plan)
    case .served(let expectations):
      // What a chain has just proven is not asked again.
      let proven = Set(chains.flatMap(\.proven)).intersection(expectations)
      let seen = await pass.probe?.look(at: expectations.filter { !proven.contains($0) }) ?? [:]
      evidence.verdicts = seen.merging(proven.map { ($0, .served) }) { $1 }
    }
  }

  /// Whether the checkers accept a plan's candidates; if one zone alone is refused, the plan is made again without it.
  private mutating func isAccepted(_ plan: Plan) async throws(PassError) -> Bool {
    do throws(PassError) {
      if let early, early.isAbout(plan) {
        try early.result.get()
      } else {
        try await pass.validate(plan, actual)
      }
      return true
    } catch {
      // One zone that named would not load does not keep the others from what they need.
      guard let zone = error.refusedZone, evidence.note(refusal: error.description, of: zone)
      else { throw error }
      return false
    }
  }
}

/// What the checkers say of a plan that still has a question.
private struct EarlyVerdict {
  private let plan: Plan
  let result: Result<Void, PassError>

  init(on plan: Plan, _ actual: ActualState, by pass: Pass) async {
    self.plan = plan
    do throws(PassError) {
      result = .success(try await pass.validate(plan, actual))
    } catch {
      result = .failure(error)
    }
  }

  /// How many bytes the checkers may have to read for a verdict that may be in vain: they take longer to start.
  private static let limit = 1 << 20

  /// Whether a plan's files, and those that its checkers read with them, are small.
  static func isWorthwhile(for plan: Plan, _ actual: ActualState) -> Bool {
    guard plan.updates.isEmpty else { return false }
    var size = 0
    for file in plan.files {
      switch file.kind {
      case .configuration: size += actual.tree.files.reduce(0) { $0 + $1.snapshot.bytes.count }
      case .zone(let name, let view): size += actual.size(of: ZoneInView(name: name, view: view))
      }
    }
    return size <= limit
  }

  /// Whether the checkers would say the same of another plan.
  func isAbout(_ other: Plan) -> Bool {
    other.updates.isEmpty
      && other.alreadyServed == plan.alreadyServed
      && other.servedAfterwards == plan.servedAfterwards
      && other.files.elementsEqual(plan.files) {
        $0.kind == $1.kind && $0.path == $1.path && $0.contents == $1.contents
      }
  }
}
