import FileChange
import BINDText
import DCOS
import DNSNames
import Named
import Planning
import ReconcileModel
import SystemPackage

/// The facts by which the links are judged.
struct DiagnosisFacts: Sendable {
  var desired: DesiredState
  /// The configuration file, and what an operator is told about it at each start.
  var configuration: FilePath = ""
  var notes: [ConfigurationNote] = []
  var stateDirectory: FilePath = ""
  /// Seconds since 1970.
  var now: Int64 = 0
  /// The user that this process runs as.
  var user = UnixUser.current
  /// The named whose files these are; nil where nobody knows who it runs as.
  var process: NamedProcess?
  var tools: Result<NamedTools, MissingToolError>
  /// What named reports about itself; nil if zonebridge sends it no commands, or rndc is missing.
  var named: Result<NamedStatus, RemoteControlError>?
  /// Why nothing answers at `bind.query`, if so.
  var silence: DNSError?
  /// What named reads; nil if it cannot be read, for the reason in `failure`.
  var actual: ActualState?
  /// What a pass would do; nil where it would end before it had a plan.
  var plan: Plan?
  var failure: String?
  var observations: [String: Observation] = [:]
  /// Why clusters cannot be asked at all, by name.
  var untrusted: [String: TrustError] = [:]

  // Answers of named and the masters that several links need, or that take time.
  var resolver = ResolverProbe()
  /// By cluster; absent where its ID or its masters are not known.
  var forwarderProbes: [String: ClusterForwarderProbe] = [:]
  /// When the masters' certificates end, in seconds since 1970.
  var certificateEnds: [MasterEndpoint: Int64] = [:]
  /// The chains as the pass that was planned saw them; nil where none was.
  var chains: [Chain]?
  /// What named answers for a name through each alias.
  var addressReplies: [DomainName: ForwardingReply] = [:]
  var zoneProbes: [ZoneProbe] = []
  var secondaries: [SecondaryProbe] = []

  /// The addresses of this host.
  var ownAddresses: Set<IPAddress> = []
  /// The view that answers this host.
  var answeringView = AnsweringView.unknown
  /// What is in the way of the clusters' names, by cluster.
  var obstacles: [String: [Obstacles]] = [:]
}

extension DiagnosisFacts {
  /// How long to wait for one answer of named's control channel or a master.
  static let patience = Duration.seconds(3)

  /// Follows a pass up to the change; if that ends early, gathers whatever else there is.
  static func gather(for diagnosis: Diagnosis) async -> DiagnosisFacts {
    let desired = diagnosis.desired
    var facts = DiagnosisFacts(
      desired: desired, configuration: diagnosis.configuration, notes: diagnosis.notes,
      stateDirectory: diagnosis.stateDirectory, now: diagnosis.now,
      process: NamedProcess.find(reading: desired.bind),
      tools: Result { () throws(MissingToolError) in
        try NamedTools.locate(desired.bind.tools)
      })
    facts.named = await facts.control?.statusResult()
    if facts.asksNamed, case .failure(let failure) = await facts.client.result(of: .root, .soa) {
      facts.silence = failure
    }
    let memories = ClusterMemories.read(in: StateDirectory(facts.stateDirectory))
    let observers = facts.observers()
    switch facts.tools {
    case .failure: facts.observations = await observers?.observe(memories.byName) ?? [:]
    case .success(let tools):
      var looked = desired
      // A pass would wait for it much longer, for each zone.
      if case .failure(.timedOut)? = facts.named { looked.bind.reload = .none }
      await facts.propose(looked, tools, observers)
    }
    await observers?.shutdown()
    facts.ownAddresses = Set(LocalAddresses.all.compactMap { try? IPAddress($0) })
    facts.findObstacles()
    await facts.probe()
    return facts
  }

  /// Asks named and the masters what several links need, concurrently.
  private mutating func probe() async {
    let facts = self
    async let resolver = ResolverProbe.look(at: facts)
    async let forwarders = ClusterForwarderProbe.look(at: facts)
    async let certificates = CertificateProbe.look(at: facts)
    async let chains = facts.probedChains()
    async let zones = ZoneProbe.look(at: facts)
    self.resolver = await resolver
    forwarderProbes = await forwarders
    certificateEnds = await certificates
    self.chains = await chains
    zoneProbes = await zones
    async let addresses = AddressProbe.look(at: self)
    async let secondaries = SecondaryProbe.look(at: self)
    (addressReplies, self.secondaries) = await (addresses, secondaries)
  }

  private mutating func propose(
    _ desired: DesiredState, _ tools: NamedTools, _ observers: ClusterObservers?
  ) async {
    // A missing state directory is no mistake: there is nothing to read.
    let pass = Pass(desired: desired, tools: tools, stateDirectory: stateDirectory)
    do {
      let proposal = try await pass.propose(
        observers: observers ?? ClusterObservers([]), isPreview: true, now: now)
      if case .rndc = desired.bind.reload { chains = proposal.chains }
      actual = proposal.actual
      plan = proposal.plan
      self.desired = self.desired.led(by: proposal.plan.courses ?? [])
      observations = proposal.observations
    } catch {
      failure = "\(error)"
      let memories = ClusterMemories.read(in: StateDirectory(stateDirectory))
      observations = await observers?.observe(memories.byName) ?? [:]
      var control: RemoteControl?
      if case .success? = named { control = self.control }
      actual = try? await Inspector(
        desired: desired, control: control, context: PassContext(tools: tools),
        memory: PassMemory.read(in: StateDirectory(stateDirectory))
      ).inspect()
    }
  }

  /// The chains of the planned pass, so that both use the same answers; without a plan they are probed separately.
  private func probedChains() async -> [Chain]? {
    guard chains == nil, unasked == nil, let actual else { return chains }
    let directory = StateDirectory(stateDirectory)
    let memory = PassMemory.read(in: directory)
    let standing = Chains(
      of: desired, on: actual, believed: memory.clusters.byName.mapValues(\.view),
      announced: memory.clusters.byName.compactMapValues(\.pending?.view),
      owned: memory.owned)
    return await ChainProbe(server: desired.bind.query, tree: actual.tree).look(
      at: standing.questions, now: now)
  }

  /// Asks the clusters whose trust can be read.
  private mutating func observers() -> ClusterObservers? {
    var usable: [Cluster] = []
    for cluster in desired.clusters {
      do throws(TrustError) {
        if case .polled(_, let trust) = cluster.source { try trust.validate() }
        usable.append(cluster)
      } catch {
        untrusted[cluster.name] = error
      }
    }
    var limits = ClusterObserver.Limits()
    limits.request = Self.patience
    limits.grace = .seconds(5)
    limits.firstRound = Self.patience * 3
    return try? ClusterObservers(usable, limits: limits)
  }
}

extension DiagnosisFacts {
  /// named's control channel; nil if zonebridge sends named no commands.
  var control: RemoteControl? {
    guard case .rndc(let settings) = desired.bind.reload, case .success(let tools) = tools else {
      return nil
    }
    return RemoteControl(tool: tools.rndc, settings: settings, timeout: Self.patience)
  }

  /// Whether zonebridge sends named commands and questions at all.
  var asksNamed: Bool { desired.bind.reload != .none }

  /// Why named's answers are not checked; nil if they are.
  var unasked: String? {
    if !asksNamed { return "named is not asked (bind.reload: none)" }
    return silence == nil ? nil : "skipped: nothing answers at bind.query"
  }

  /// Whether the control channel is that of the named whose files these are.
  var isControlOurs: Bool {
    guard case .success(let status)? = named else { return false }
    return actual?.foreignConfiguration(of: status) == nil
  }

  var client: DNSClient { DNSClient(server: desired.bind.query, timeout: Self.patience) }

  /// The ID that a cluster's aliases lead to, now or by the next pass.
  func id(of cluster: Cluster) -> ClusterID? {
    plan?.targets[cluster.name] ?? actual?.installedID(of: cluster.name) ?? observedID(of: cluster)
  }

  /// The ID that its masters agree on, or that the configuration gives.
  func observedID(of cluster: Cluster) -> ClusterID? {
    switch observations[cluster.name] {
    case .fixed(let view): view.id
    case .observed(let round): (try? Agreement.reached(in: round).get())?.view.id
    case nil: nil
    }
  }

  /// The state of something that is not there: pending before the first pass, broken afterwards.
  ///
  /// Everything that passes write depends on a forward zone, so without a managed block there was no pass.
  var absent: Finding.State {
    (actual?.tree.files.allSatisfy(\.blocks.isEmpty) ?? false) ? .pending : .broken
  }

  /// The addresses that a cluster's names are to be forwarded to.
  func forwarders(of cluster: Cluster) -> [IPAddress] {
    cluster.forwarders(of: masters(of: cluster))
  }

  /// The addresses of a cluster's masters.
  func masters(of cluster: Cluster) -> [IPAddress] {
    switch observations[cluster.name] {
    case .fixed(let view): return view.masters
    case .observed(let round):
      if let view = (try? Agreement.reached(in: round).get())?.view { return view.masters }
    case nil: break
    }
    return actual?.installedForwarders(of: cluster.name) ?? []
  }

  /// The labels that a cluster's aliases lead to; without aliases, a label that every cluster answers.
  func labels(of cluster: Cluster) -> [String] {
    let labels = Set(desired.aliases.filter { $0.mayLead(to: cluster.name) }.map(\.label))
    return labels.isEmpty ? ["mesos"] : labels.sorted()
  }

  /// What a pass would hold or fail for a subject, as links.
  func problems(of subject: Subject, in section: Finding.Section) -> [Finding] {
    (plan?.problems ?? []).filter { $0.subject == subject }.map { problem in
      Finding(
        section, "\(subject)", problem.severity == .failed ? .broken : .warning,
        "\(problem.severity.rawValue): \(problem.reason)", remedy: problem.remedy)
    }
  }

  /// The views whose zones are checked.
  var chosenViews: [String?] {
    (try? actual?.chosenViews(desired.bind.views, key: "bind.views")) ?? [nil]
  }

  /// The zones into which the aliases go.
  var aliasZones: [Zone] {
    guard let actual else { return [] }
    return actual.zones.filter { zone in
      zone.clauses.type == .primary && chosenViews.contains(zone.view)
        && desired.aliases.contains {
          actual.zone(enclosing: $0.owner, in: zone.view)?.isSame(as: zone) ?? false
        }
    }
  }
}
