package import DCOS
package import ReconcileModel

/// The step `observe`: all clusters asked side by side, over connections that last from pass to
/// pass.
package struct ClusterObservers: Sendable {
  private enum Source: Sendable {
    case asked(ClusterObserver, learns: Bool)
    case fixed(ClusterView)
  }

  private let sources: [(name: String, source: Source)]

  /// Makes ready to ask the clusters.
  ///
  /// - Parameters:
  ///   - clusters: which ones.
  ///   - requestTimeout: the time for a whole answer.
  ///   - grace: for how long a slow master is waited for once the others agree.
  /// - Throws: why the certificates that a cluster is to be trusted by cannot be used.
  package init(
    _ clusters: [Cluster], requestTimeout: Duration = .seconds(10), grace: Duration = .seconds(1)
  ) throws(TrustError) {
    // All of it before the first observer holds connections, which would have to be closed.
    for case .polled(_, let trust) in clusters.map(\.source) { try trust.validate() }
    var sources: [(String, Source)] = []
    for cluster in clusters {
      switch cluster.source {
      case .polled(let masters, let trust):
        let observer = try ClusterObserver(
          masters: masters, trust: trust, credentials: cluster.credentials,
          requestTimeout: requestTimeout, grace: grace)
        // Behind NAT the masters are not to be reached by the addresses that they list.
        sources.append((cluster.name, .asked(observer, learns: cluster.forwarders == nil)))
      case .fixed(let view):
        sources.append((cluster.name, .fixed(view)))
      }
    }
    self.sources = sources
  }

  /// How many clusters are asked at a time.
  private static let concurrency = 32

  /// Asks all clusters.
  ///
  /// - Parameter memories: what is remembered of them, by name.
  /// - Returns: what each said, by name.
  func observe(_ memories: [String: ClusterMemory]) async -> [String: Observation] {
    let observations = await concurrentMap(sources, atMost: Self.concurrency) { name, source in
      (name, await observation(from: source, memories[name]))
    }
    return Dictionary(observations) { $1 }
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
