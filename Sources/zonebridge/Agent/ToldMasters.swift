import Reconcile

/// The masters that do not answer: each is reported when it goes and when it comes back.
///
/// If those that answer do not agree, the cluster's problem names them all, and none is reported alone.
struct ToldMasters {
  fileprivate struct Master: Hashable {
    var cluster: String
    var url: String
  }

  /// Since when; nil where that is not known.
  private var down: [Master: ContinuousClock.Instant?] = [:]

  /// - Parameter recorded: what was told when an earlier pass ended; nil for nothing.
  init(recorded: PassRecord? = nil) {
    for cluster in recorded?.clusters ?? [] where cluster.state != .unknown {
      for report in cluster.reports where !report.isUp {
        down[Master(report, cluster)] = .some(nil)
      }
    }
  }

  /// What to report after a pass.
  mutating func events(_ pass: PassRecord, at now: ContinuousClock.Instant = .now) -> [Event] {
    // What it shows of the clusters is then of an earlier pass.
    guard pass.failure == nil else { return [] }
    var events: [Event] = []
    var known: Set<Master> = []
    for cluster in pass.clusters {
      for report in cluster.reports where report.isListedOnly != true {
        let master = Master(report, cluster)
        known.insert(master)
        if report.isUp, let since = down.removeValue(forKey: master) {
          let time = since.map { Age(now - $0).description }
          events.append(Event(up: report, after: time, of: cluster))
        } else if !report.isUp, down[master] == nil, cluster.state != .unknown {
          down[master] = now
          events.append(Event(down: report, of: cluster))
        }
      }
    }
    down = down.filter { known.contains($0.key) }
    return events
  }
}

extension ToldMasters.Master {
  fileprivate init(_ report: MasterRecord, _ cluster: ClusterRecord) {
    self.init(cluster: cluster.name, url: report.master)
  }
}
