import DNSNames
import Foundation
import Reconcile
import ReconcileModel
import SystemPackage
import TestSupport
import Testing

@testable import zonebridge

/// What is written about metrics and status says what they are.
@Suite(.timeLimit(.minutes(2))) struct DocumentationTests {
  private static let root = FilePath(#filePath)
    .removingLastComponent().removingLastComponent().removingLastComponent().removingLastComponent()

  private func text(_ path: String) throws -> String {
    String(decoding: try readFile(Self.root.appending(path)), as: UTF8.self)
  }

  /// The cells of the tables' rows, those of the headings included.
  private func rows(_ path: String) throws -> [[String]] {
    try text(path).split(separator: "\n").filter { $0.hasPrefix("| ") }.map { line in
      line.dropFirst().dropLast().split(separator: "|", omittingEmptySubsequences: false)
        .map { $0.trimmingCharacters(in: .whitespaces) }
    }
  }

  private func code(_ cell: String) -> [String] {
    cell.matches(of: /`([^`]+)`/).map { String($0.1) }
  }

  private var families: [MetricFamily] {
    get throws {
      AgentMetrics(status: .inSync).families + (try #require(ProcessMetrics.current)).families
    }
  }

  @Test func everyMetricIsInTheTableAsItIs() throws {
    let rows = try rows("docs/metrics.md").filter {
      $0.count == 4 && $0[0].hasPrefix("`") && !$0[0].hasPrefix("`/")
    }
    let written = rows.map { [code($0[0]).joined(), $0[1]] + code($0[2]) }
    let made = try families.map { [$0.name, $0.kind.rawValue] + $0.labels }
    #expect(written == made)
  }

  @Test("the listener's bounds → are those that are promised") func bounds() throws {
    let text = try text("docs/metrics.md")
    let bounds = ListenerBounds()
    #expect(text.contains("| connections | \(bounds.connections) for each listening socket"))
    #expect(text.contains(", and \(bounds.connectionsPerPeer) for each peer"))
    #expect(text.contains("| time | \(bounds.patience.components.seconds) seconds for a request"))
  }

  /// The values of a label that are known beforehand.
  @Test func theValuesOfLabelsAreInTheTable() throws {
    let rows = try rows("docs/metrics.md")
    for family in try families {
      let row = try #require(rows.first { $0[0] == "`\(family.name)`" })
      for (index, label) in family.labels.enumerated()
      where ["link", "result", "step", "state", "severity", "source"].contains(label) {
        let values = Set(family.samples.map { $0.labels[index] })
        #expect(values.isSubset(of: code(row[3])), "\(family.name)")
        #expect(!values.isEmpty)
      }
    }
  }

  @Test(arguments: [
    "deploy/prometheus/zonebridge.rules.yml", "deploy/prometheus/zonebridge.rules.test.yml",
    "deploy/grafana/zonebridge.json",
  ])
  func noOtherMetricsAreAskedFor(_ path: String) throws {
    var names: Set<String> = []
    for family in try families {
      names.insert(family.name)
      for sample in family.samples { names.insert(family.name + sample.suffix) }
    }
    let used = try text(path).matches(of: /\b(?:zonebridge|process)_[a-z_]+/).map { String($0.0) }
    #expect(!used.isEmpty)
    #expect(Set(used).subtracting(names) == [])
  }

  @Test func eachMetricThatMattersIsOnTheDashboard() throws {
    let text = try text("deploy/grafana/zonebridge.json")
    let left = try families.map(\.name).filter { !text.contains($0) }
    #expect(
      left == [
        "zonebridge_last_pass_duration_seconds", "zonebridge_last_in_sync_timestamp_seconds",
        "zonebridge_alias_hidden_names", "zonebridge_alias_first_choice", "zonebridge_alias_chosen",
        "zonebridge_alias_cluster_since_timestamp_seconds", "zonebridge_written_bytes_total",
        "zonebridge_interval_seconds", "zonebridge_hung",
        "zonebridge_last_sign_timestamp_seconds", "zonebridge_config_last_reload_successful",
        "zonebridge_config_last_reload_timestamp_seconds", "process_virtual_memory_bytes",
        "process_max_fds", "process_start_time_seconds",
      ])
  }

  @Test func theDashboardIsOne() throws {
    let json = try JSONSerialization.jsonObject(
      with: Data(try text("deploy/grafana/zonebridge.json").utf8))
    let panels = try #require((json as? [String: Any])?["panels"] as? [[String: Any]])
    #expect(Set(panels.compactMap { $0["id"] as? Int }).count == panels.count)
    for panel in panels where panel["type"] as? String != "row" {
      #expect((panel["targets"] as? [[String: Any]])?.isEmpty == false)
    }
  }

  @Test func promtoolTakesTheRulesAndTheirTests() async throws {
    let folder = Self.root.appending("deploy/prometheus")
    for arguments in [
      ["check", "rules", "--lint=all", "--lint-fatal", "zonebridge.rules.yml"],
      ["test", "rules", "zonebridge.rules.test.yml"],
    ] {
      let result = try await run("promtool", arguments: arguments, workingDirectory: folder)
      #expect(result.status == 0, "\(result.standardOutput)\(result.standardError)")
    }
  }

  @Test func eachAlertIsDocumentedTriedAndSaysWhatToDo() throws {
    let rules = try text("deploy/prometheus/zonebridge.rules.yml")
    let alerts = rules.matches(of: /- alert: (\w+)/).map { String($0.1) }
    let severities = rules.matches(of: /severity: (\w+) }/).map { String($0.1) }
    let rows = try rows("docs/metrics.md").filter { $0[0].hasPrefix("`Zonebridge") }
    #expect(rows.map { code($0[0]).joined() } == alerts)
    #expect(rows.map { $0[2] } == severities)
    let tests = try text("deploy/prometheus/zonebridge.rules.test.yml")
    for (alert, rule) in zip(alerts, rules.components(separatedBy: "- alert: ").dropFirst()) {
      #expect(tests.contains("alertname: \(alert), exp_alerts: []"), "\(alert)")
      #expect(tests.contains("alertname: \(alert)\n"), "\(alert)")
      #expect(
        rule.contains(/zonebridge status|systemctl status|systemctl restart|rndc reload/),
        "\(alert)")
    }
  }

  @Test("each alert's runbook_url → a section of the page that the package installs")
  func eachAlertLeadsToItsSection() throws {
    let sections = Set(
      try text("docs/troubleshooting.md").split(separator: "\n").filter { $0.hasPrefix("## ") }
        .map { $0.dropFirst(3).lowercased().replacing(" ", with: "-") })
    let rules = try text("deploy/prometheus/zonebridge.rules.yml")
    let page = "runbook_url: file:///usr/share/doc/zonebridge/troubleshooting.md#"
    for rule in rules.components(separatedBy: "- alert: ").dropFirst() {
      let url = try #require(rule.split(separator: "\n").first { $0.contains("runbook_url: ") })
      let parts = url.components(separatedBy: page)
      #expect(parts.count == 2 && sections.contains(parts[1]), "\(url)")
    }
  }

  @Test("an alert is critical → where clients get no answer, and nowhere else") func critical()
    throws
  {
    let rules = try text("deploy/prometheus/zonebridge.rules.yml")
    let critical = rules.components(separatedBy: "- alert: ").dropFirst()
      .filter { $0.contains("severity: critical") }.map { $0.prefix { $0 != "\n" } }
    #expect(critical == ["ZonebridgeNamedDown", "ZonebridgeChainBroken"])
  }

  /// The keys of a document, as `record.pass.clusters[].name`.
  private func keys(of value: Any, at path: String = "") -> Set<String> {
    if let list = value as? [Any], list.isEmpty { return [] }
    if let list = value as? [[String: Any]] {
      return list.reduce([path + "[]"]) { $0.union(keys(of: $1, at: path + "[]")) }
    }
    guard let object = value as? [String: Any] else { return [path] }
    // The keys of these are words that stand elsewhere.
    if path.hasSuffix(".steps") || path.hasSuffix("counters.passes") { return [path] }
    return object.reduce(path.isEmpty ? [] : [path]) {
      $0.union(keys(of: $1.value, at: path.isEmpty ? $1.key : "\(path).\($1.key)"))
    }
  }

  @Test func everyKeyOfTheDocumentIsInTheTable() throws {
    var status = AgentStatus.troubled
    status.agent = .running
    status.agent?.passBegan = now
    status.agent?.configuration.refusal = "wrong"
    status.record?.pass.failure = "no named.conf"
    status.record?.pass.failovers = [.left]
    status.record?.pass.chains?[0].addresses = ["10.0.0.80"]
    status.record?.pass.held = [HeldChangeRecord(cluster: "prod", diff: "+a\n", isCut: false)]
    let report = StatusReport(
      status: status, source: .state, trouble: .init(reason: "r", remedy: "c", isHung: true))
    let made = keys(of: try JSONSerialization.jsonObject(with: Data(try report.json.utf8)))

    var written: Set<String> = []
    for row in try rows("docs/status.md") where row.count == 2 {
      let names = code(row[0])
      written.formUnion(names)
      let parts = code(row[1]).filter { $0.hasPrefix(".") }
      for part in parts { written.insert(names[0] + part) }
    }
    #expect(made.subtracting(written) == [])
    #expect(written.subtracting(made) == [])
  }

  @Test func everyStateIsInTheTableWithItsExitStatus() throws {
    let rows = try rows("docs/status.md").filter { $0.count == 3 && $0[0].hasPrefix("`") }
    #expect(
      rows.map { [code($0[0]).joined(), $0[2]] }
        == OverallState.allCases.map { [$0.rawValue, "\($0.exitStatus.rawValue)"] })
  }
}
