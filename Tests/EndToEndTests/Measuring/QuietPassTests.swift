import DCOSSimulator
import SystemPackage
import TestSupport
import Testing

/// What `run --once` takes that has nothing to do: the chains of all aliases are probed, and nothing is changed.
///
/// `ZONEBRIDGE_QUIET` tells for how many aliases; deploy/quiet-pass tries some numbers and prints what they take, beside
/// the bare sequence of `rndc status` and the same questions by dig.
@Suite("A quiet pass", .serialized, .timeLimit(.minutes(30)))
struct QuietPassTests {
  private static let count = ProcessEnvironment["ZONEBRIDGE_QUIET"].flatMap { Int($0) } ?? 2
  private static let isMeasured = ProcessEnvironment["ZONEBRIDGE_QUIET"] != nil
  private static let repetitions = isMeasured ? 20 : 1

  @Test("says nothing, changes nothing, and is measured") func quiet() async throws {
    try await withHost { host in
      let more = (1..<Self.count).map { "  - { name: c\($0).contoso.com, cluster: prod }\n" }
      try await host.configure(
        alias: "name: c0.contoso.com", cluster: ["probe: web.marathon"], rest: more.joined())
      #expect(try await host.zonebridge("--once").status == 0)
      let files = try host.files()
      // It reads again what was changed just now; from the second pass on it knows.
      try await Task.sleep(for: Self.isMeasured ? .seconds(3) : .zero)
      let program = "\(try Host.program()) --config \(host.configuration) --once"
      let bare = try await yardstick(host)
      var (passes, yardsticks) = ([Figures](), [Figures]())
      // In turns, so that both have the same machine.
      for _ in 1...Self.repetitions {
        yardsticks.append(try await measure(bare))
        passes.append(try await measure(program))
      }
      #expect(try host.files() == files)
      guard Self.isMeasured else { return }
      let (pass, sticks) = (Figures(of: passes), Figures(of: yardsticks))
      print(
        """
        quiet pass: \(Self.count) aliases: median of \(Self.repetitions) \(pass), fastest \
        \(passes.map(\.wall).min() ?? 0) ms; rndc status and the same questions by dig \(sticks); \
        \(Int((pass.wall / sticks.wall * 10).rounded())) tenths of that
        """)
    }
  }

  /// In milliseconds.
  private struct Figures: CustomStringConvertible {
    var wall: Double
    /// Of the program and of those that it runs.
    var processor: Double

    /// The median of each.
    init(of figures: [Figures]) {
      wall = figures.map(\.wall).sorted()[figures.count / 2]
      processor = figures.map(\.processor).sorted()[figures.count / 2]
    }

    init(wall: Double, processor: Double) { (self.wall, self.processor) = (wall, processor) }

    var description: String { "\(Int(wall.rounded())) ms, \(Int(processor.rounded())) ms CPU" }
  }

  private func measure(_ command: String) async throws -> Figures {
    let result = try await run(
      "bash", arguments: ["-c", "TIMEFORMAT='%3R %3U %3S'; time { \(command); } >/dev/null"])
    #expect(result.status == 0, "\(result.standardError)")
    let numbers = result.standardError.split(whereSeparator: \.isWhitespace).compactMap {
      Double($0)
    }
    // A pass that has nothing to do says nothing.
    try #require(numbers.count == 3, "\(result.standardError)")
    return Figures(wall: numbers[0] * 1000, processor: (numbers[1] + numbers[2]) * 1000)
  }

  /// What has to be asked at the least, as a command: whether named runs, and for each chain what a client would ask.
  private func yardstick(_ host: Host) async throws -> String {
    let target = "mesos.\(await host.cluster.id).dcos.directory"
    let master = Host.masters[0]
    let port = await host.cluster.dnsPort
    var questions = ["\"never$RANDOM.\(target) A\""]
    for index in 0..<Self.count {
      let owner = "c\(index).contoso.com"
      questions.append("\"\(owner) DNAME +norecurse\"")
      for type in ["A", "AAAA"] { questions.append("\"web.marathon.\(owner) \(type)\"") }
    }
    try host.named.folder.write(
      "yardstick",
      """
      rndc -c \(host.named.rndcConf) status
      printf '%s\\n' \(questions.joined(separator: " ")) |
        dig @127.0.0.1 -p \(host.named.queryPort) +tries=1 -f -
      dig @\(master) -p \(port) +tries=1 web.marathon.\(target) A web.marathon.\(target) AAAA

      """)
    return "bash \(host.named.folder.path)/yardstick"
  }
}
