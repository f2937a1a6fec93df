package import DNSNames
import Named
import Planning
package import ReconcileModel

/// Asks whether a client could resolve an alias just now, link by link: the one probe that passes, `check` and `status`
/// use.
///
/// Of named it asks, for each alias, the DNAME and the addresses behind it, and for each target a name that no
/// cache can have; of one master the same addresses. It changes nothing.
package struct ChainProbe: Sendable {
  /// How many questions are on their way at a time.
  private static let concurrency = 32

  /// Where named answers.
  let server: Endpoint
  /// For all questions together, another look included: what was not asked by then is not known.
  var limit = Duration.seconds(8)
  /// For one question to named.
  var timeout = Duration.seconds(3)
  /// For one question to a master, while others are left that may answer at once.
  var masterTimeout = Duration.milliseconds(400)
  /// For one question to masters none of which answered at once.
  var slowMasterTimeout = Duration.milliseconds(1500)
  /// What named reads: by it a chain that is broken is explained.
  var tree: ConfigurationTree?

  package init(server: Endpoint, tree: ConfigurationTree? = nil) {
    self.server = server
    self.tree = tree
  }

  /// Probes the chains of some questions.
  ///
  /// - Parameters:
  ///   - questions: What is to be probed.
  ///   - now: In seconds since 1970.
  /// - Returns: The chains, in the order of the questions.
  package func look(at questions: [ChainQuestion], now: Int64) async -> [Chain] {
    await look(at: questions, clusters: [], now: now).chains
  }

  /// Probes chains, and beside them clusters into which none of them may lead.
  ///
  /// - Parameters:
  ///   - questions: What is to be probed of aliases.
  ///   - clusters: What is to be probed of clusters themselves.
  ///   - now: In seconds since 1970.
  /// - Returns: The chains and what was answered of the clusters, in the order of the questions.
  func look(
    at questions: [ChainQuestion], clusters: [ChainQuestion], now: Int64
  ) async -> (chains: [Chain], answers: [ClusterAnswers]) {
    let evidence = await evidence(of: questions + clusters)
    let aliases = evidence.prefix(questions.count)
    let isBroken = aliases.contains { $0.chain.isBroken }
    let obstacles = isBroken ? tree.map { ForwardingObstacles(in: $0) } : nil
    let chains = aliases.map { evidence in
      var chain = obstacles.map { evidence.explainedChain(by: $0, server) } ?? evidence.chain
      if chain.holds { chain.lastHeld = now }
      return chain
    }
    return (chains, evidence.dropFirst(questions.count).map(\.clusterAnswers))
  }

  /// The answers, after another look if that may help.
  private func evidence(of questions: [ChainQuestion]) async -> [ChainEvidence] {
    guard !questions.isEmpty else { return [] }
    let clock = ContinuousClock()
    let deadline = clock.now + limit
    var evidence = await gather(questions, until: deadline)
    let doubtful = evidence.indices.filter { evidence[$0].pause != nil }
    if let pause = doubtful.compactMap({ evidence[$0].pause }).max(),
      clock.now + pause < deadline, (try? await clock.sleep(for: pause)) != nil
    {
      let again = await gather(
        doubtful.map { questions[$0] }, asksAllMasters: true, until: deadline)
      for (index, seen) in zip(doubtful, again) { evidence[index] = seen }
    }
    return evidence
  }

  // MARK: - Questions

  /// One question, whatever the number of chains that depend on its answer.
  fileprivate enum Inquiry: Hashable, Sendable {
    case named(DomainName, RecordType, isRecursive: Bool)
    case masters(probe: DomainName, fresh: DomainName?, [Forwarder])
  }

  fileprivate enum Reply: Sendable {
    case named(Result<DNSAnswer, DNSError>)
    case masters([ChainEvidence.Master])
  }

  private func gather(
    _ questions: [ChainQuestion], asksAllMasters: Bool = false,
    until deadline: ContinuousClock.Instant
  ) async -> [ChainEvidence] {
    // A new label each time, because a cache only answers earlier questions. Chains with the same target share it.
    let label = "zonebridge-\(String(UInt64.random(in: 0 ... .max), radix: 36))"
    var evidence = questions.map {
      ChainEvidence(question: $0, names: ChainNames($0, label: label))
    }

    let visible = evidence.filter { $0.question.sight != .none }
    let first = await ask(
      visible.filter { !$0.question.isOfCluster }
        .map { .named($0.names.owner, .dname, isRecursive: false) }
        + visible.map { .named($0.names.fresh, .a, isRecursive: true) }
        + visible.compactMap { masters(of: $0, all: asksAllMasters) }, until: deadline)
    for index in evidence.indices {
      let names = evidence[index].names
      evidence[index].dname = first.answer(to: .named(names.owner, .dname, isRecursive: false))
      evidence[index].fresh = first.answer(to: .named(names.fresh, .a, isRecursive: true))
      evidence[index].masters =
        masters(of: evidence[index], all: asksAllMasters).map(first.masters) ?? []
    }

    // A chain that does not reach the cluster has no address to ask for, and asking would only wait for silence.
    let leading = evidence.indices.filter { evidence[$0].leadsIntoCluster }
    let names = leading.compactMap { evidence[$0].names.alias }
    let second = await ask(
      names.flatMap { name in
        [RecordType.a, .aaaa].map { .named(name, $0, isRecursive: true) }
      }, until: deadline)
    for index in leading {
      guard let name = evidence[index].names.alias else { continue }
      evidence[index].a = second.answer(to: .named(name, .a, isRecursive: true))
      evidence[index].aaaa = second.answer(to: .named(name, .aaaa, isRecursive: true))
    }
    return evidence
  }

  private func masters(of evidence: ChainEvidence, all: Bool) -> Inquiry? {
    guard !evidence.question.forwarders.isEmpty else { return nil }
    return .masters(
      probe: evidence.names.probe ?? evidence.names.fresh, fresh: all ? evidence.names.fresh : nil,
      evidence.question.forwarders)
  }

  /// Asks each question once, side by side, as long as there is time.
  private func ask(
    _ inquiries: [Inquiry], until deadline: ContinuousClock.Instant
  ) async -> [Inquiry: Reply] {
    var seen: Set<Inquiry> = []
    let inquiries = inquiries.filter { seen.insert($0).inserted }
    let replies = await concurrentMap(inquiries, atMost: Self.concurrency) { inquiry in
      await reply(to: inquiry, until: deadline)
    }
    var known: [Inquiry: Reply] = [:]
    for (inquiry, reply) in zip(inquiries, replies) { known[inquiry] = reply }
    return known
  }

  private func reply(
    to inquiry: Inquiry, until deadline: ContinuousClock.Instant
  ) async -> Reply? {
    switch inquiry {
    case .named(let name, let type, let isRecursive):
      return await ask(
        server, name, type, isRecursive: isRecursive, within: timeout, until: deadline
      ).map { .named($0) }
    case .masters(let probe, nil, let forwarders):
      return .masters(await firstMaster(of: forwarders, probe, until: deadline))
    case .masters(let probe, let fresh?, let forwarders):
      return .masters(await all(forwarders, probe, fresh, until: deadline))
    }
  }

  /// Nil where the time is up.
  private func ask(
    _ server: Endpoint, _ name: DomainName, _ type: RecordType, isRecursive: Bool = true,
    within limit: Duration, until deadline: ContinuousClock.Instant
  ) async -> Result<DNSAnswer, DNSError>? {
    let left = ContinuousClock.now.duration(to: deadline)
    guard left > .milliseconds(10) else { return nil }
    do throws(DNSError) {
      let client = DNSClient(server: server, timeout: min(limit, left))
      return .success(try await client.ask(name, type, recursionDesired: isRecursive))
    } catch {
      return .failure(error)
    }
  }

  // MARK: - Masters

  /// Asks one after the other until one answers, each for a short time; then all, for longer.
  private func firstMaster(
    of forwarders: [Forwarder], _ probe: DomainName, until deadline: ContinuousClock.Instant
  ) async -> [ChainEvidence.Master] {
    var useless: [ChainEvidence.Master] = []
    for forwarder in forwarders {
      guard
        let master = await ask(forwarder, probe, nil, within: masterTimeout, until: deadline)
      else { break }
      if master.isUseful { return useless + [master] }
      useless.append(master)
    }
    // One that refuses has answered; one that is slow may still.
    guard useless.contains(where: \.isSilent) else { return useless }
    return await all(forwarders, probe, nil, until: deadline)
  }

  private func all(
    _ forwarders: [Forwarder], _ probe: DomainName, _ fresh: DomainName?,
    until deadline: ContinuousClock.Instant
  ) async -> [ChainEvidence.Master] {
    await concurrentMap(forwarders, atMost: Self.concurrency) { forwarder in
      await ask(forwarder, probe, fresh, within: slowMasterTimeout, until: deadline)
    }.compactMap(\.self)
  }

  /// Nil where the time is up.
  private func ask(
    _ forwarder: Forwarder, _ probe: DomainName, _ fresh: DomainName?, within limit: Duration,
    until deadline: ContinuousClock.Instant
  ) async -> ChainEvidence.Master? {
    let server = Endpoint(forwarder.address, port: forwarder.port)
    async let a = ask(server, probe, .a, within: limit, until: deadline)
    async let aaaa = ask(server, probe, .aaaa, within: limit, until: deadline)
    let third: Result<DNSAnswer, DNSError>? =
      if let fresh { await ask(server, fresh, .a, within: limit, until: deadline) } else { nil }
    guard let a = await a, let aaaa = await aaaa else { return nil }
    return ChainEvidence.Master(forwarder: forwarder, a: a, aaaa: aaaa, fresh: third)
  }
}

extension [ChainProbe.Inquiry: ChainProbe.Reply] {
  fileprivate func answer(to inquiry: ChainProbe.Inquiry) -> Result<DNSAnswer, DNSError>? {
    if case .named(let answer)? = self[inquiry] { answer } else { nil }
  }

  fileprivate func masters(_ inquiry: ChainProbe.Inquiry) -> [ChainEvidence.Master] {
    if case .masters(let masters)? = self[inquiry] { masters } else { [] }
  }
}
