package import DCOS

/// The step `observe`: all clusters asked side by side, over connections that last from pass to
/// pass.
package struct Observers: Sendable {
  private enum Source: Sendable {
    case asked(ClusterObserver)
    case fixed(ClusterView)
  }

  private let sources: [(name: String, source: Source)]

  /// Makes ready to ask the clusters.
  package init(_ clusters: [Cluster]) throws(TrustError) {
    var sources: [(String, Source)] = []
    for cluster in clusters {
      switch cluster.source {
      case .polled(let masters, let trust):
        let observer = try ClusterObserver(
          masters: masters, trust: trust, credentials: cluster.credentials)
        sources.append((cluster.name, .asked(observer)))
      case .fixed(let view):
        sources.append((cluster.name, .fixed(view)))
      }
    }
    self.sources = sources
  }

  func observe() async -> [String: Sighting] {
    await withTaskGroup(of: (String, Sighting).self) { group in
      for (name, source) in sources {
        group.addTask { (name, await sighting(from: source)) }
      }
      var sightings: [String: Sighting] = [:]
      for await (name, sighting) in group { sightings[name] = sighting }
      return sightings
    }
  }

  /// Closes the connections.
  package func shutdown() async {
    for case (_, .asked(let observer)) in sources { try? await observer.shutdown() }
  }

  private func sighting(from source: Source) async -> Sighting {
    switch source {
    case .fixed(let view):
      return .agreed(view, isUnanimous: true)
    case .asked(let observer):
      let reports = await observer.observe()
      switch Agreement.reached(among: reports) {
      case .success(let view):
        return .agreed(view, isUnanimous: Agreement.isUnanimous(among: reports))
      case .failure(let disagreement):
        return .unknown(disagreement)
      }
    }
  }
}
