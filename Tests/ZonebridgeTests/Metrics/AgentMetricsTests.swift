import DNSNames
import Reconcile
import ReconcileModel
import TestSupport
import Testing

@testable import zonebridge

@Suite(.timeLimit(.minutes(2))) struct AgentMetricsTests {
  private func lines(_ status: AgentStatus) -> [String] {
    PrometheusText.text(of: AgentMetrics(status: status).families).split(separator: "\n")
      .map(String.init)
  }

  @Test(arguments: [
    #"zonebridge_build_info{version="1.2.3"} 1"#,
    "zonebridge_in_sync 1",
    "zonebridge_named_up 1",
    #"zonebridge_problems{severity="held"} 0"#,
    #"zonebridge_passes_total{result="in-sync"} 1000"#,
    #"zonebridge_passes_total{result="applied"} 7"#,
    #"zonebridge_passes_total{result="held"} 0"#,
    "zonebridge_pass_duration_seconds_sum 252.25",
    "zonebridge_pass_duration_seconds_count 1009",
    "zonebridge_last_pass_timestamp_seconds 1795885188",
    "zonebridge_last_pass_duration_seconds 0.25",
    #"zonebridge_last_pass_step_duration_seconds{step="observe"} 0.125"#,
    #"zonebridge_last_pass_step_duration_seconds{step="swap"} 0"#,
    "zonebridge_last_in_sync_timestamp_seconds 1795885188",
    "zonebridge_last_change_timestamp_seconds 1795877700",
    #"zonebridge_cluster_state{cluster="prod",state="agreed"} 1"#,
    #"zonebridge_cluster_state{cluster="prod",state="unknown"} 0"#,
    #"zonebridge_cluster_state{cluster="lab",state="static"} 1"#,
    #"zonebridge_cluster_agreement_timestamp_seconds{cluster="prod"} 1795885188"#,
    #"zonebridge_cluster_masters{cluster="prod"} 3"#,
    #"zonebridge_master_up{cluster="prod",master="https://10.0.6.71"} 1"#,
    #"zonebridge_cluster_masters_answering{cluster="prod"} 3"#,
    #"zonebridge_master_certificate_expiry_timestamp_seconds{cluster="prod",master="https://10.0.6.68"} 1827421200"#,
    #"zonebridge_cluster_info{cluster="prod",id="\#(prodID)"} 1"#,
    #"zonebridge_chain_link{alias="cluster.contoso.com",view="internal",cluster="prod",link="dname"} 1"#,
    #"zonebridge_chain_link{alias="cluster.contoso.com",view="internal",cluster="prod",link="forward-zone"} 1"#,
    #"zonebridge_chain_link{alias="cluster.contoso.com",view="internal",cluster="prod",link="address"} 1"#,
    #"zonebridge_chain_last_held_timestamp_seconds{alias="cluster.contoso.com",view="internal",cluster="prod"} 1795885188"#,
    #"zonebridge_alias_info{alias="lab.contoso.net",view="",cluster="lab",target="mesos.\#(otherID).dcos.directory"} 1"#,
    #"zonebridge_forward_zone_served{cluster="prod"} 1"#,
    #"zonebridge_alias_served{alias="cluster.contoso.com",cluster="prod",view="internal"} 1"#,
    #"zonebridge_zone_serial{zone="contoso.com",view="internal",source="file"} 42"#,
    #"zonebridge_zone_serial{zone="contoso.net",view="",source="served"} 4294967295"#,
    #"zonebridge_zone_behind{zone="contoso.com",view="internal"} 0"#,
    "zonebridge_reload_debt 0",
    "zonebridge_changes_total 7",
    "zonebridge_put_backs_total 1",
    "zonebridge_files_written_total 9",
    "zonebridge_written_bytes_total 123456",
    "zonebridge_commands_total 11",
    "zonebridge_updates_total 3",
    "zonebridge_interval_seconds 30",
    "zonebridge_hung 0",
    "zonebridge_last_sign_timestamp_seconds 1795885188",
    "zonebridge_config_last_reload_successful 1",
    "zonebridge_config_last_reload_timestamp_seconds 1795881600",
  ])
  func anAgentInSyncHas(_ line: String) {
    #expect(lines(.inSync).contains(line))
  }

  @Test(arguments: [
    "zonebridge_in_sync 0",
    #"zonebridge_problems{severity="held"} 1"#,
    #"zonebridge_problems{severity="failed"} 1"#,
    "zonebridge_last_in_sync_timestamp_seconds 1795795200",
    #"zonebridge_cluster_state{cluster="prod",state="agreed"} 0"#,
    #"zonebridge_cluster_state{cluster="prod",state="doubted"} 1"#,
    #"zonebridge_master_up{cluster="prod",master="https://10.0.6.71"} 0"#,
    #"zonebridge_cluster_masters_answering{cluster="prod"} 2"#,
    #"zonebridge_chain_link{alias="cluster.contoso.com",view="internal",cluster="prod",link="dname"} 1"#,
    #"zonebridge_chain_link{alias="cluster.contoso.com",view="internal",cluster="prod",link="forward-zone"} 0"#,
    #"zonebridge_chain_last_held_timestamp_seconds{alias="cluster.contoso.com",view="internal",cluster="prod"} 1795884680"#,
    #"zonebridge_forward_zone_served{cluster="prod"} 0"#,
    #"zonebridge_alias_served{alias="cluster.contoso.com",cluster="prod",view="internal"} 0"#,
    #"zonebridge_alias_served{alias="lab.contoso.net",cluster="lab",view=""} 0"#,
    #"zonebridge_zone_behind{zone="contoso.com",view="internal"} 1"#,
    "zonebridge_reload_debt 1",
  ])
  func whatIsWrongShows(_ line: String) {
    #expect(lines(.troubled).contains(line))
  }

  @Test("What can be told before anything has happened is there with zero, and nothing else is.")
  func zeroFromTheStart() {
    let lines = lines(.starting)
    for line in [
      "zonebridge_in_sync 0", "zonebridge_changes_total 0", "zonebridge_reload_debt 0",
      "zonebridge_pass_duration_seconds_count 0", #"zonebridge_problems{severity="failed"} 0"#,
    ] {
      #expect(lines.contains(line))
    }
    for result in PassRecord.Result.allCases {
      #expect(lines.contains("zonebridge_passes_total{result=\"\(result.rawValue)\"} 0"))
    }
    for step in PassStep.allCases {
      #expect(
        lines.contains("zonebridge_last_pass_step_duration_seconds{step=\"\(step.rawValue)\"} 0"))
    }
    for absent in [
      "last_pass_timestamp", "last_in_sync", "alias_", "chain_", "cluster_", "zone_", "named_up",
    ] {
      #expect(!lines.contains { $0.hasPrefix("zonebridge_\(absent)") })
    }
  }

  @Test("Of what could not be seen it is not said that it is not served.")
  func unseenIsNotZero() {
    for family in ["alias_served", "chain_link", "chain_last_held_timestamp_seconds"] {
      #expect(
        !lines(.inSync).contains { $0.hasPrefix("zonebridge_\(family){alias=\"lab.contoso.net\"") })
    }
    #expect(!lines(.troubled).contains { $0.contains("link=\"address\"") })
    #expect(
      !lines(.inSync).contains { $0.hasPrefix("zonebridge_forward_zone_served{cluster=\"lab\"") })
    #expect(
      !lines(.inSync).contains { $0.hasPrefix("zonebridge_zone_behind{zone=\"contoso.net\"") })
  }

  @Test("a master that others list only → in the status, and no series of its own")
  func listedOnly() {
    var status = AgentStatus.inSync
    status.record?.pass.clusters[0].reports[0].isListedOnly = true
    let masters = lines(status).filter { $0.hasPrefix("zonebridge_master_up{") }
    #expect(masters.count == 2)
    #expect(!masters.contains { $0.contains("https://10.0.6.68") })
  }

  @Test("What cron's pass leaves says nothing of an agent.") func cron() {
    let names = Textfile.families(of: .troubled).filter { !$0.samples.isEmpty }.map(\.name)
    #expect(names.contains("zonebridge_last_pass_timestamp_seconds"))
    #expect(!names.contains("zonebridge_hung"))
    #expect(!names.contains("zonebridge_interval_seconds"))
    #expect(!names.contains { $0.hasPrefix("process_") })
  }

  @Test func aRefusedConfigurationAndAHungAgentShow() {
    var status = AgentStatus.inSync
    status.agent?.configuration.refusal = "z.yaml:3: clusters: …"
    status.agent?.isHung = true
    #expect(lines(status).contains("zonebridge_config_last_reload_successful 0"))
    #expect(lines(status).contains("zonebridge_hung 1"))
    #expect(lines(status).contains("zonebridge_in_sync 0"))
  }

  @Test(
    "an alias with several clusters → where it leads, and the health of each, if it is known"
  )
  func failover() {
    var status = AgentStatus.inSync
    status.record?.pass.failovers = [.left]
    let lines = lines(status).filter { $0.hasPrefix("zonebridge_alias_") && $0.contains("web.") }
    #expect(
      lines == [
        #"zonebridge_alias_cluster{alias="web.contoso.com",cluster="blue"} 0"#,
        #"zonebridge_alias_cluster{alias="web.contoso.com",cluster="green"} 1"#,
        #"zonebridge_alias_cluster{alias="web.contoso.com",cluster="red"} 0"#,
        #"zonebridge_alias_cluster_healthy{alias="web.contoso.com",cluster="blue"} 0"#,
        #"zonebridge_alias_cluster_healthy{alias="web.contoso.com",cluster="green"} 1"#,
        #"zonebridge_alias_first_choice{alias="web.contoso.com"} 0"#,
        #"zonebridge_alias_chosen{alias="web.contoso.com"} 1"#,
        #"zonebridge_alias_cluster_since_timestamp_seconds{alias="web.contoso.com"} \#(now - 300)"#,
        #"zonebridge_alias_moves_total{alias="web.contoso.com"} 3"#,
      ])
  }

  @Test(
    "A serial is behind as RFC 1982 has it.",
    arguments: [
      (1 as SerialNumber, 4_294_967_295 as SerialNumber, true), (4_294_967_295, 1, false),
      (7, 7, false),
      (2_026_112_801, 2_026_112_800, true), (41, 42, false),
    ])
  func behind(_ file: SerialNumber, _ served: SerialNumber, isBehind: Bool) throws {
    var zone = try #require(AgentStatus.inSync.record?.pass.zones.first)
    zone.serial = file
    zone.servedSerial = served
    #expect(zone.isBehind == isBehind)
    zone.servedSerial = nil
    #expect(zone.isBehind == nil)
  }

  @Test(
    "promtool has nothing to say.",
    arguments: [
      AgentStatus.inSync, .troubled, .starting,
    ])
  func promtool(_ status: AgentStatus) async throws {
    let figures = try #require(ProcessMetrics.current)
    let text = PrometheusText.text(of: AgentMetrics(status: status).families + figures.families)
    let result = try await run("promtool", arguments: ["check", "metrics"], input: text)
    #expect(result.status == 0 && result.standardError.isEmpty && result.standardOutput.isEmpty)
    #expect(result.standardError + result.standardOutput == "")
  }
}
