import DCOS
import DCOSSimulator
import SystemPackage
import TestSupport
import Testing

/// Many clusters of three masters each, many aliases, or many views, in one agent.
///
/// deploy/scale tries some numbers and prints what they take; otherwise there are few.
@Suite("Many clusters, aliases or views", .serialized, .timeLimit(.minutes(10)))
struct ScaleTests {
  private static func count(_ what: String, otherwise few: Int) -> Int {
    ProcessEnvironment["ZONEBRIDGE_SCALE_\(what)"].flatMap { Int($0) } ?? few
  }

  @Test("clusters → written in one pass, and found in order in the next")
  func clusters() async throws {
    let count = Self.count("CLUSTERS", otherwise: 8)
    try await withZones(["contoso.com"]) { named in
      try await withClusters(count) { clusters in
        let aliases = clusters.indices.map { ("c\($0).contoso.com", $0) }
        try named.folder.write(
          "zonebridge.yaml", try await configuration(named, clusters, aliases))
        let first = try await pass(named)
        #expect(first.status == 0, "\(first.error)")
        for index in [0, count - 1] {
          let answer = try await named.dig("+short", "web.marathon.c\(index).contoso.com", "A")
          #expect(answer.contains("10.0.\(index / 250).\(index % 250)"), "\(answer)")
        }
        let second = try await pass(named)
        #expect(second.status == 0 && second.output.isEmpty, "\(second.error)")
        let agent = try await quietAgent(named)
        print(
          """
          scale: \(count) clusters: first pass \(first.usage), second \(second.usage); agent \
          \(agent), at most \(agent.peak >> 10) KiB
          """)
      }
    }
  }

  @Test("aliases, a hundred in each zone → written in one pass, and found in order in the next")
  func aliases() async throws {
    let count = Self.count("ALIASES", otherwise: 120)
    let zones = (0..<(count + 99) / 100).map { "z\($0).test" }
    let aliases = (0..<count).map { ("a\($0).\(zones[$0 % zones.count])", 0) }
    try await withZones(zones) { named in
      try await withClusters(1) { clusters in
        try named.folder.write(
          "zonebridge.yaml", try await configuration(named, clusters, aliases))
        let first = try await pass(named)
        #expect(first.status == 0, "\(first.error)")
        for (name, _) in [aliases[0], aliases[count - 1]] {
          let answer = try await named.dig("+short", "web.marathon.\(name)", "A")
          #expect(answer.contains("10.0.0.0"), "\(answer)")
        }
        let second = try await pass(named)
        #expect(second.status == 0 && second.output.isEmpty, "\(second.error)")
        print("scale: \(count) aliases: first pass \(first.usage), second \(second.usage)")
      }
    }
  }

  @Test("views, with the zone in each → written in one pass, and found in order in the next")
  func views() async throws {
    let count = Self.count("VIEWS", otherwise: 6)
    let statements = (0..<count).map { index in
      let clients = index == 0 ? "127.0.0.1" : "127.\(200 + index / 250).\(index % 250).1"
      let zone = "zone \"contoso.com\" { type primary; file \"db.\(index)\"; };"
      return "view \"v\(index)\" { match-clients { \(clients); }; \(zone) };\n"
    }
    let files = Dictionary(uniqueKeysWithValues: (0..<count).map { ("db.\($0)", Host.zone) })
    let setup = NamedSetup(local: statements.joined(), files: files)
    try await withNamed(setup) { named in
      try await withClusters(1) { clusters in
        try named.folder.write(
          "zonebridge.yaml", try await configuration(named, clusters, [("x.contoso.com", 0)]))
        let first = try await pass(named)
        #expect(first.status == 0, "\(first.error)")
        let answer = try await named.dig("+short", "web.marathon.x.contoso.com", "A")
        #expect(answer.contains("10.0.0.0"), "\(answer)")
        let last = "127.\(200 + (count - 1) / 250).\((count - 1) % 250).1"
        let alias = try await named.dig("-b", last, "+short", "x.contoso.com", "DNAME")
        #expect(alias.contains(".dcos.directory."), "\(alias)")
        let second = try await pass(named)
        #expect(second.status == 0 && second.output.isEmpty, "\(second.error)")
        print("scale: \(count) views: first pass \(first.usage), second \(second.usage)")
      }
    }
  }

  private func withZones(
    _ zones: [String], _ body: (RunningNamed) async throws -> Void
  ) async throws {
    let statements = zones.map { "zone \"\($0)\" { type primary; file \"db.\($0)\"; };\n" }
    let files = Dictionary(uniqueKeysWithValues: zones.map { ("db.\($0)", Host.zone) })
    try await withNamed(NamedSetup(local: statements.joined(), files: files), body)
  }

  private struct Pass {
    var status: Int32
    var output: String
    var error: String
    var usage: String
  }

  private func pass(_ named: RunningNamed) async throws -> Pass {
    // Linux has the memory of the largest process, and the time of all.
    let script = """
      import resource, subprocess, sys, time
      start = time.monotonic()
      status = subprocess.run([sys.argv[1], "--config", sys.argv[2], "--once"]).returncode
      wall, usage = time.monotonic() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
      print(
          f"{wall:.1f} s wall, {usage.ru_utime:.1f} s user and {usage.ru_stime:.1f} s system time, "
          f"{usage.ru_maxrss >> 10} MiB at most", file=sys.stderr)
      sys.exit(status)
      """
    let result = try await run(
      "python3",
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
    _ named: RunningNamed, _ clusters: [SimulatedCluster], _ aliases: [(name: String, cluster: Int)]
  ) async throws -> String {
    var text = """
      state-directory: \(named.folder.path.appending("state"))
      \(ConfigurationText.bind(named))clusters:

      """
    for (index, cluster) in clusters.enumerated() {
      text += await ConfigurationText.cluster("c\(index)", cluster)
    }
    text += "aliases:\n"
    for alias in aliases { text += "  - { name: \(alias.name), cluster: c\(alias.cluster) }\n" }
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
