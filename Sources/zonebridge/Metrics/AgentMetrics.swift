import DNSNames
import Reconcile
import ReconcileModel

/// The metrics of an agent, as a function of what is known of it.
///
/// A family is there from the start, and so is each value of a label that is known beforehand, with zero:
/// `increase()` and alerts on a series that does not exist yet would see nothing. What is not known has no
/// sample, since zero would be a statement.
struct AgentMetrics {
  let status: AgentStatus

  var families: [MetricFamily] { state + passes + clusters + zones + work + agent }

  private var record: AgentRecord? { status.record }
  private var pass: PassRecord? { status.record?.pass }
  private var counters: AgentRecord.Counters? { status.record?.counters }

  // MARK: What it comes to

  private var state: [MetricFamily] {
    [
      MetricFamily(
        "zonebridge_build_info", .gauge, "The version, as a label of a series that is always 1.",
        labels: ["version"]
      ).with(1.0, status.version),
      MetricFamily(
        "zonebridge_in_sync", .gauge,
        "Whether the last pass, not long ago, saw named serve what the clusters' masters say."
      ).with(status.isInSync),
      MetricFamily(
        "zonebridge_named_up", .gauge,
        "Whether named answered the last pass, on its control channel or over DNS."
      ).with(pass?.isNamedUp),
      MetricFamily(
        "zonebridge_problems", .gauge,
        "What the last pass did not do: held until an operator decides, or failed.",
        labels: ["severity"]
      ).with([Problem.Severity.held, .failed]) { family, severity in
        let problems = pass?.problems.count { $0.severity == severity.rawValue }
        return family.with(Int64(problems ?? 0), severity.rawValue)
      },
    ]
  }

  // MARK: Passes

  private var passes: [MetricFamily] {
    var duration = MetricFamily(
      "zonebridge_pass_duration_seconds", .summary, "How long passes took.")
    duration.samples = [
      .init(suffix: "_sum", labels: [], value: counters?.seconds ?? 0),
      .init(suffix: "_count", labels: [], value: Double(counters?.passes.values.reduce(0, +) ?? 0)),
    ]
    return [
      MetricFamily(
        "zonebridge_passes_total", .counter,
        "Passes since the state directory was made, by result.", labels: ["result"]
      ).with(PassRecord.Result.allCases) { family, result in
        family.with(Int64(counters?.passes[result.rawValue] ?? 0), result.rawValue)
      },
      duration,
      MetricFamily(
        "zonebridge_last_pass_timestamp_seconds", .gauge, "When the last pass ended."
      ).with(pass?.time),
      MetricFamily(
        "zonebridge_last_pass_duration_seconds", .gauge, "How long the last pass took."
      ).with(pass?.duration),
      MetricFamily(
        "zonebridge_last_pass_step_duration_seconds", .gauge,
        "How long each step of the last pass took; 0 where there was nothing to do.",
        labels: ["step"]
      ).with(PassStep.allCases) { family, step in
        family.with(pass?.steps[step.rawValue] ?? 0, step.rawValue)
      },
      MetricFamily(
        "zonebridge_last_in_sync_timestamp_seconds", .gauge,
        "When a pass last ended without a problem."
      ).with(record?.lastInSync),
      MetricFamily(
        "zonebridge_last_change_timestamp_seconds", .gauge, "When something was last changed."
      ).with(record?.lastChange?.time),
    ]
  }

  // MARK: Clusters

  private var clusters: [MetricFamily] {
    let clusters = pass?.clusters ?? []
    return [
      MetricFamily(
        "zonebridge_cluster_state", .gauge,
        "1 for the state that a cluster is in, and 0 for the others.", labels: ["cluster", "state"]
      ).with(clusters) { family, cluster in
        family.with(ClusterRecord.State.all) {
          $0.with(cluster.state == $1, cluster.name, $1.rawValue)
        }
      },
      MetricFamily(
        "zonebridge_cluster_agreement_timestamp_seconds", .gauge,
        "When a cluster's masters last agreed and were believed.", labels: ["cluster"]
      ).with(clusters) { $0.with($1.agreedAt, $1.name) },
      MetricFamily(
        "zonebridge_cluster_masters", .gauge, "How many masters of a cluster zonebridge acts on.",
        labels: ["cluster"]
      ).with(clusters) { $0.with(Int64($1.masters.count), $1.name) },
      MetricFamily(
        "zonebridge_master_up", .gauge, "Whether a master reported the ID and the list of masters.",
        labels: ["cluster", "master"]
      ).with(clusters) { family, cluster in
        // A liar may keep listing new masters, each of which would be another series.
        family.with(cluster.reports.filter { $0.isListedOnly != true }) {
          $0.with($1.isUp, cluster.name, $1.master)
        }
      },
      MetricFamily(
        "zonebridge_cluster_masters_answering", .gauge,
        "How many masters of a cluster reported the ID and the list of masters.",
        labels: ["cluster"]
      ).with(clusters) { family, cluster in
        guard !cluster.reports.isEmpty else { return family }
        return family.with(Int64(cluster.reports.count(where: \.isUp)), cluster.name)
      },
      MetricFamily(
        "zonebridge_master_certificate_expiry_timestamp_seconds", .gauge,
        "When the certificate expires that a master showed last.", labels: ["cluster", "master"]
      ).with(clusters) { family, cluster in
        family.with(cluster.reports.filter { $0.isListedOnly != true }) {
          $0.with($1.certificateEnd, cluster.name, $1.master)
        }
      },
      MetricFamily(
        "zonebridge_cluster_info", .gauge,
        "The ID that BIND's files have of a cluster, as a label of a series that is always 1.",
        labels: ["cluster", "id"]
      ).with(clusters) { family, cluster in
        guard let id = cluster.written ?? cluster.id else { return family }
        return family.with(1.0, cluster.name, id)
      },
      MetricFamily(
        "zonebridge_forward_zone_served", .gauge,
        "Whether named answers through a cluster's forwarders.", labels: ["cluster"]
      ).with(clusters) { $0.with($1.isForwarded, $1.name) },
    ]
  }

  // MARK: Aliases and zones

  private var zones: [MetricFamily] {
    let zones = pass?.zones ?? []
    let failovers = pass?.failovers ?? []
    let chains = pass?.chains ?? []
    return [
      MetricFamily(
        "zonebridge_chain_link", .gauge,
        "Whether a link of an alias's chain holds; no sample if this host cannot see it.",
        labels: ["alias", "view", "cluster", "link"]
      ).with(chains) { family, chain in
        family.with(chain.links) { family, link in
          guard link.state != .unknown else { return family }
          return family.with(
            link.state == .holds, chain.alias, chain.view ?? "", chain.cluster, link.link.rawValue)
        }
      },
      MetricFamily(
        "zonebridge_chain_last_held_timestamp_seconds", .gauge,
        "When all links of an alias's chain were last seen to hold.",
        labels: ["alias", "view", "cluster"]
      ).with(chains) { $0.with($1.lastHeld, $1.alias, $1.view ?? "", $1.cluster) },
      MetricFamily(
        "zonebridge_alias_info", .gauge,
        "Where an alias leads, as a label of a series that is always 1.",
        labels: ["alias", "view", "cluster", "target"]
      ).with(chains) { $0.with(1.0, $1.alias, $1.view ?? "", $1.cluster, $1.target) },
      MetricFamily(
        "zonebridge_alias_served", .gauge,
        "Whether a client could resolve an alias: all links of its chain hold; no sample if this host cannot see it.",
        labels: ["alias", "cluster", "view"]
      ).with(pass?.aliases ?? []) { family, alias in
        guard alias.state != .unseen else { return family }
        return family.with(alias.state == .served, alias.name, alias.cluster, alias.view ?? "")
      },
      MetricFamily(
        "zonebridge_alias_hidden_names", .gauge,
        "How many names of its zone an alias hides that came after it.",
        labels: ["alias", "cluster", "view"]
      ).with(pass?.aliases ?? []) { family, alias in
        family.with(alias.hiddenNames.map(Int64.init), alias.name, alias.cluster, alias.view ?? "")
      },
      MetricFamily(
        "zonebridge_alias_cluster", .gauge,
        "Whether an alias with several clusters leads to this one.", labels: ["alias", "cluster"]
      ).with(failovers) { family, failover in
        family.with(failover.clusters) {
          $0.with($1.name == failover.cluster, failover.alias, $1.name)
        }
      },
      MetricFamily(
        "zonebridge_alias_cluster_healthy", .gauge,
        "Whether a cluster is healthy for an alias that may lead to it; no sample where that is not known.",
        labels: ["alias", "cluster"]
      ).with(failovers) { family, failover in
        family.with(failover.clusters) { family, cluster in
          guard cluster.health != .unknown else { return family }
          return family.with(cluster.health == .healthy, failover.alias, cluster.name)
        }
      },
      MetricFamily(
        "zonebridge_alias_first_choice", .gauge,
        "Whether an alias with several clusters leads to the one that is preferred.",
        labels: ["alias"]
      ).with(failovers) { $0.with($1.isOnFirstChoice, $1.alias) },
      MetricFamily(
        "zonebridge_alias_chosen", .gauge,
        "Whether an operator's choice says where an alias with several clusters leads.",
        labels: ["alias"]
      ).with(failovers) { $0.with($1.choice != nil, $1.alias) },
      MetricFamily(
        "zonebridge_alias_cluster_since_timestamp_seconds", .gauge,
        "Since when an alias with several clusters leads to its current one.",
        labels: ["alias"]
      ).with(failovers) { $0.with($1.since, $1.alias) },
      MetricFamily(
        "zonebridge_alias_moves_total", .counter,
        "How often an alias was moved from one of its clusters to another.", labels: ["alias"]
      ).with(failovers) { $0.with(Int64($1.moves), $1.alias) },
      MetricFamily(
        "zonebridge_zone_serial", .gauge,
        "The serial of a zone with aliases, in its file and as named serves it.",
        labels: ["zone", "view", "source"]
      ).with(zones) { family, zone in
        family.with(zone.serial.map { Int64($0.rawValue) }, zone.name, zone.view ?? "", "file")
          .with(zone.servedSerial.map { Int64($0.rawValue) }, zone.name, zone.view ?? "", "served")
      },
      MetricFamily(
        "zonebridge_zone_behind", .gauge,
        "Whether named serves an older serial of a zone than its file has (RFC 1982).",
        labels: ["zone", "view"]
      ).with(zones) { $0.with($1.isBehind, $1.name, $1.view ?? "") },
      MetricFamily(
        "zonebridge_reload_debt", .gauge,
        "Reload commands whose effect was not seen yet."
      ).with(Int64(pass?.reloadDebt.count ?? 0)),
    ]
  }

  // MARK: What was done

  private var work: [MetricFamily] {
    let since = "since the state directory was made."
    return [
      MetricFamily("zonebridge_changes_total", .counter, "Changes \(since)")
        .with(Int64(counters?.changes ?? 0)),
      MetricFamily(
        "zonebridge_put_backs_total", .counter,
        "Changes that were reverted because named did not serve them, \(since)"
      ).with(Int64(counters?.putBacks ?? 0)),
      MetricFamily("zonebridge_files_written_total", .counter, "Files written \(since)")
        .with(Int64(counters?.files ?? 0)),
      MetricFamily("zonebridge_written_bytes_total", .counter, "Bytes of these files \(since)")
        .with(Int64(counters?.bytes ?? 0)),
      MetricFamily("zonebridge_commands_total", .counter, "Commands sent with rndc \(since)")
        .with(Int64(counters?.commands ?? 0)),
      MetricFamily("zonebridge_updates_total", .counter, "DNS UPDATE messages sent \(since)")
        .with(Int64(counters?.updates ?? 0)),
    ]
  }

  // MARK: The agent

  /// What a running agent has, and a pass of cron does not.
  private var agent: [MetricFamily] {
    let agent = status.agent
    return [
      MetricFamily(
        "zonebridge_interval_seconds", .gauge, "The time between two passes of the agent."
      ).with(agent?.interval),
      MetricFamily(
        "zonebridge_hung", .gauge,
        "Whether the agent hangs: no step of a pass has ended for too long."
      ).with(agent?.isHung),
      MetricFamily(
        "zonebridge_last_sign_timestamp_seconds", .gauge,
        "When a step of a pass last ended, or the agent last waited as planned."
      ).with(agent?.lastSign),
      MetricFamily(
        "zonebridge_config_last_reload_successful", .gauge,
        "Whether the agent accepted the configuration that it last read."
      ).with(agent.map { $0.configuration.refusal == nil }),
      MetricFamily(
        "zonebridge_config_last_reload_timestamp_seconds", .gauge,
        "When the agent read its current configuration."
      ).with(agent?.configuration.loaded),
    ]
  }
}

extension ZoneSerials {
  /// Whether an older serial is served than the file has; nil where one of them is not known.
  ///
  /// A signed zone is served with a serial of its own, which is ahead of its file's.
  var isBehind: Bool? {
    guard let serial, let servedSerial else { return nil }
    return serial.isNewer(than: servedSerial)
  }
}

extension ClusterRecord.State {
  /// All of them, in the order in which they get worse.
  static let all: [ClusterRecord.State] = [.agreed, .fixed, .doubted, .unknown]
}
