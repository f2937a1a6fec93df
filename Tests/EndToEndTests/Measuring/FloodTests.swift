import DCOSSimulator
import SystemPackage
import TestSupport
import Testing

/// An agent whose listener is flooded.
///
/// `ZONEBRIDGE_FLOOD` tells with how many requests; deploy/flood prints what they do to it.
@Suite("A flood of requests", .serialized, .timeLimit(.minutes(30)))
struct FloodTests {
  private static let count = ProcessEnvironment["ZONEBRIDGE_FLOOD"].flatMap { Int($0) } ?? 800

  @Test("takes some memory, and keeps neither the masters nor another client waiting") func flood()
    async throws
  {
    let port = Int(try freePort())
    try await withHost { host in
      try await host.configure(rest: "metrics: { listen: \"127.0.0.1:\(port)\" }")
      let agent = try BackgroundProcess(
        try Host.program().string, arguments: ["--config", host.configuration.string, "run"],
        log: host.named.folder.path.appending("agent.log"))
      try await eventually("it is in sync; \(agent.output)") {
        (try? RawClient.answer("GET /readyz", port: port).status) == "200"
      }
      let before = try Usage(of: agent.pid)
      let flood = Flood()
      flood.begin(Self.count, to: port)
      var healthy = Waiting()
      var asked = Waiting()
      var requests = await host.cluster.requests.count
      repeat {
        let began = ContinuousClock.now
        let answer = try RawClient.answer("GET /healthz", port: port)
        #expect(answer.status == "200", "\(answer)")
        healthy.ended(since: began)
        if await host.cluster.requests.count > requests {
          requests = await host.cluster.requests.count
          asked.ended()
        }
        try await Task.sleep(for: .milliseconds(20))
      } while !flood.isOver
      let after = try Usage(of: agent.pid)
      #expect(after.peak - before.peak < 64 << 20, "\(before) \(after)")
      try await eventually("the masters are asked; \(agent.output)") {
        await host.cluster.requests.count > requests
      }
      #expect(try await host.zonebridge("status").status == 0)
      #expect(try await agent.stop() == 0, "\(agent.output)")
      // Nothing went wrong, and nothing is logged of who asks.
      #expect(agent.output.split(separator: "\n").count == 3, "\(agent.output)")
      let sent = flood.sent.map { "\($0.key) \($0.value)" }.sorted().joined(separator: ", ")
      print(
        """
        flood: \(Self.count) requests (\(sent)) in \(healthy.total): at most \(after.peak >> 10) KiB, \
        \((after.peak - before.peak) >> 10) KiB more than before, \(after.descriptors) descriptors; /healthz \
        \(healthy.count) times within \(healthy.longest); masters asked each \(asked.longest)
        """)
    }
  }
}

/// How long something took.
private struct Waiting {
  private let start = ContinuousClock.now
  private var last = ContinuousClock.now
  private(set) var longest = Duration.zero
  private(set) var count = 0

  var total: Duration { ContinuousClock.now - start }

  mutating func ended(since began: ContinuousClock.Instant? = nil) {
    longest = max(longest, ContinuousClock.now - (began ?? last))
    last = .now
    count += 1
  }
}
