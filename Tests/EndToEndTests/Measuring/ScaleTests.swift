import DCOS
import DCOSSimulator
import SystemPackage
import TestSupport
import Testing

/// Many clusters of three masters each in one agent.
///
/// `ZONEBRIDGE_SCALE` tells how many; deploy/scale tries some numbers and prints what they take.
@Suite("Many clusters", .serialized, .timeLimit(.minutes(10)))
struct ScaleTests {
  private static let count = ProcessEnvironment["ZONEBRIDGE_SCALE"].flatMap { Int($0) } ?? 8

  @Test("are written in one pass, and found in order in the next") func many() async throws {
    let zone = "zone \"contoso.com\" { type primary; file \"db.contoso.com\"; };\n"
    try await withNamed(NamedSetup(local: zone, files: ["db.contoso.com": Host.zone])) { named in
      try await withClusters(Self.count) { clusters in
        let state = named.folder.path.appending("state")
        try named.folder.write("zonebridge.yaml", try await configuration(named, state, clusters))
        let first = try await pass(named)
        #expect(first.status == 0, "\(first.error)")
        for index in [0, Self.count - 1] {
          let answer = try await named.dig("+short", "web.marathon.c\(index).contoso.com", "A")
          #expect(answer.contains("10.0.\(index / 250).\(index % 250)"), "\(answer)")
        }
        let second = try await pass(named)
        #expect(second.status == 0 && second.output.isEmpty, "\(second.error)")
        let agent = try await quietAgent(named)
        print(
          """
          scale: \(Self.count) clusters: first pass \(first.usage), second \(second.usage); agent \
          \(agent), at most \(agent.peak >> 10) KiB
          """)
      }
    }
  }

  private struct Pass {
    var status: Int32
    var output: String
    var error: String
    var usage: String
  }

  private func pass(_ named: RunningNamed) async throws -> Pass {
    let script = """
      TIMEFORMAT='%R s wall, %U s user and %S s system time'
      time "$0" --config "$1" --once
      """
    let result = try await run(
      "bash",
      arguments: [
        "-c", script, try Host.program().string,
        named.folder.path.appending("zonebridge.yaml").string,
      ])
    return Pass(
      status: result.status, output: result.standardOutput, error: result.standardError,
      usage: result.standardError.split(separator: "\n").last.map(String.init) ?? "")
  }

  /// What an agent uses that has made a pass or two, and waits.
  private func quietAgent(_ named: RunningNamed) async throws -> Usage {
    let agent = try Host.start(with: named.folder.path.appending("zonebridge.yaml"))
    var last = 0
    try await eventually("the agent waits", within: .seconds(240)) {
      try await Task.sleep(for: .seconds(2))
      let usage = try Usage(of: agent.pid)
      defer { last = usage.ticks }
      return usage.ticks > 0 && usage.ticks - last <= 1
    }
    let usage = try Usage(of: agent.pid)
    #expect(try await agent.stop() == 0, "\(agent.output)")
    // While nothing changes nothing is said.
    let lines = agent.output.split(separator: "\n")
    #expect(lines.count == 2 && lines.last == "<5>stopped", "\(agent.output)")
    return usage
  }

  private func configuration(
    _ named: RunningNamed, _ state: FilePath, _ clusters: [SimulatedCluster]
  ) async throws -> String {
    var text = """
      state-directory: \(state)
      \(ConfigurationText.bind(named))clusters:

      """
    for (index, cluster) in clusters.enumerated() {
      text += await ConfigurationText.cluster("c\(index)", cluster)
    }
    text += "aliases:\n"
    for index in clusters.indices {
      text += "  - { name: c\(index).contoso.com, cluster: c\(index) }\n"
    }
    return text
  }

  private func withClusters(
    _ count: Int, _ body: ([SimulatedCluster]) async throws -> Void
  ) async throws {
    var clusters: [SimulatedCluster] = []
    for index in 0..<count {
      var key = [UInt8](repeating: 7, count: 32)
      (key[0], key[1]) = (UInt8(index & 0xff), UInt8(index >> 8))
      let masters = (1...3).map { "127.\(100 + index / 250).\(index % 250).\($0)" }
      let cluster = SimulatedCluster(
        .init(
          id: try ClusterID(publicKey: key).description, masters: masters,
          tasks: ["web.marathon": ["10.0.\(index / 250).\(index % 250)"]]))
      try await cluster.start()
      clusters.append(cluster)
    }
    do {
      try await body(clusters)
    } catch {
      for cluster in clusters { await cluster.stop() }
      throw error
    }
    for cluster in clusters { await cluster.stop() }
  }
}
