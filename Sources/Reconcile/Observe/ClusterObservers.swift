package import DCOS
package import ReconcileModel

/// The step `observe`: asks all clusters concurrently, over connections that last from pass to pass.
///
/// Each cluster's round ends after its own time limit, whatever its masters do. The pass goes on with what the others
/// said, and a later answer counts in the next pass.
package struct ClusterObservers: Sendable {
  private enum Source: Sendable {
    case asked(ClusterObserver, learns: Bool)
    case fixed(ClusterView)
  }

  private let sources: [(name: String, source: Source)]
  private let clock: any Clock<Duration>

  /// Prepares to ask the clusters.
  ///
  /// - Parameters:
  ///   - clusters: which ones.
  ///   - limits: how long one is waited for.
  ///   - clock: measures it.
  /// - Throws: why the certificates that a cluster is to be trusted by cannot be used.
  package init(
    _ clusters: [Cluster], limits: ClusterObserver.Limits = ClusterObserver.Limits(),
    clock: any Clock<Duration> = ContinuousClock()
  ) throws(TrustError) {
    // All are validated before an observer opens connections that would have to be closed.
    for case .polled(_, let trust) in clusters.map(\.source) { try trust.validate() }
    var sources: [(String, Source)] = []
    for cluster in clusters {
      switch cluster.source {
      case .polled(let masters, let trust):
        let observer = try ClusterObserver(
          masters: masters, trust: trust, credentials: cluster.credentials, limits: limits,
          clock: clock)
        // Behind NAT the masters cannot be reached by the addresses that they list.
        sources.append((cluster.name, .asked(observer, learns: cluster.forwarders == nil)))
      case .fixed(let view):
        sources.append((cluster.name, .fixed(view)))
      }
    }
    self.sources = sources
    self.clock = clock
  }

  /// How many clusters are started at a time: with hundreds, simultaneous handshakes would all miss their deadlines.
  private static let concurrency = 64
  /// How long a cluster delays the start of the next one.
  private static let turn = Duration.seconds(1)

  /// Asks all clusters.
  ///
  /// - Parameter memories: what is remembered of them, by name.
  /// - Returns: what each said, by name.
  func observe(_ memories: [String: ClusterMemory]) async -> [String: Observation] {
    await withTaskGroup(of: Event.self) { group in
      var waiting = sources[...]
      var working: Set<String> = []
      func begin() {
        guard let (name, source) = waiting.popFirst() else { return }
        working.insert(name)
        group.addTask { .observed(name, await observation(from: source, memories[name])) }
        group.addTask { [clock] in
          try? await clock.sleep(for: Self.turn)
          return .turnIsOver(name)
        }
      }
      for _ in 0..<Self.concurrency { begin() }
      var observations: [String: Observation] = [:]
      while observations.count < sources.count, let event = await group.next() {
        let name: String
        switch event {
        case .observed(let cluster, let observation):
          observations[cluster] = observation
          name = cluster
        case .turnIsOver(let cluster): name = cluster
        }
        if working.remove(name) != nil { begin() }
      }
      group.cancelAll()
      return observations
    }
  }

  private enum Event: Sendable {
    case observed(String, Observation)
    case turnIsOver(String)
  }

  /// Closes the connections.
  package func shutdown() async {
    for case (_, .asked(let observer, _)) in sources { try? await observer.shutdown() }
  }

  private func observation(from source: Source, _ memory: ClusterMemory?) async -> Observation {
    switch source {
    case .fixed(let view): .fixed(view)
    case .asked(let observer, let learns):
      .observed(await observer.observe(known: memory?.view.masters ?? [], learns: learns))
    }
  }
}

extension ClusterObserver.Limits {
  /// How long a pass may wait for masters, with one pass in each interval: no longer than the random spread of the
  /// passes, so a slow cluster does not delay the changes of others.
  package static func passes(every interval: Duration) -> Self {
    var limits = Self()
    limits.round = min(max(interval / 10, .seconds(2)), limits.request)
    return limits
  }
}
