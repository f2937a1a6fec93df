import ReconcileModel

/// Whether the configuration says what it should; that it can be read is known here.
struct ConfigurationCheck: LinkCheck {
  let facts: DiagnosisFacts

  var findings: [Finding] {
    let (path, desired) = (facts.configuration, facts.desired)
    let read = Finding(
      .configuration, "\(path)", .ok,
      """
      read: \(count(desired.clusters.count, "cluster")), \
      \(count(desired.aliases.count, "alias", "aliases"))
      """)
    let idle = desired.clusters.filter { cluster in
      !desired.aliases.contains { $0.mayLead(to: cluster.name) }
    }
    return [read]
      + facts.notes.map {
        Finding(.configuration, "\(path)", .warning, $0.cause, remedy: $0.remedy)
      }
      + idle.map { cluster in
        Finding(
          .configuration, "\(Subject.cluster(cluster.name))", .warning,
          "no alias leads to it, so clients reach its names only by \(Self.longName)",
          remedy: "Add an alias, or remove the cluster")
      }
  }

  private static let longName = "their whole name (….mesos.<id>.dcos.directory)"
}
