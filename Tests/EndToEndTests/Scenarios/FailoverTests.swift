import DCOSSimulator
import Foundation
import SystemPackage
import TestSupport
import Testing

/// An alias with two clusters that die as clusters do, beside a real named.
///
/// The passes that lead nowhere are made one by one, and as many as a move would need; times are as short as the
/// configuration lets them be.
@Suite("an alias that follows health", .serialized, .timeLimit(.minutes(15)))
struct FailoverTests {
  // MARK: An operator's night

  @Test(
    "blue dies at once → the alias leads to green, and not one answer fails after that; blue is back → it stays"
  )
  func night() async throws {
    try await withBlueAndGreen { host, green in
      try await host.configure(green, "failover: { after: 3s }", interval: "1s", aliasTTL: 1)
      let agent = try host.start()
      try await eventually("both clusters are healthy", within: .seconds(60)) {
        let seen = try await Failover(host)
        return seen.cluster == "blue" && seen.health == ["healthy", "healthy"]
      }
      let options = "forward only; forwarders { 127.0.0.1 port \(host.named.queryPort); };"
      try await withNamed(NamedSetup(options: options)) { resolver in
        let client = try NameClient("resolver", asking: resolver, [Self.alias])
        try await eventually("the client gets answers") { client.answers.count > 20 }
        #expect(client.answers.allSatisfy { $0.id == SampleID.published })

        for master in Host.masters { try await host.cluster.fail(master, .unreachable) }
        try await eventually("the client is answered by green", within: .seconds(120)) {
          client.answers.last?.id == SampleID.other
        }
        let count = client.answers.count
        try await eventually("the client goes on") { client.answers.count > count + 20 }
        try await client.stop()

        // What failed is explained: blue was dead, and the alias did not lead to green yet, as far as the resolver knew,
        // which holds the old DNAME for a second more.
        let answers = client.answers
        let dead = try #require(answers.first { $0.id == nil }, "blue died, and no answer failed")
        let first = try #require(answers.first { $0.id == SampleID.other })
        let unexplained = answers.filter { answer in
          answer.id == nil && !(dead.sent...first.answered + 2_000).contains(answer.sent)
        }
        #expect(unexplained.map(\.words) == [])
        // Before it died nobody was led to green, and in the end nobody to blue.
        #expect(answers.prefix { $0.id != nil }.allSatisfy { $0.id == SampleID.published })
        #expect(answers.suffix(10).allSatisfy { $0.id == SampleID.other })
      }
      let moved = try await Failover(host)
      #expect(moved.cluster == "green" && moved.moves == 1)
      #expect(moved.reason?.hasPrefix("blue has been ill for ") == true, "\(moved.reason ?? "")")
      #expect(
        agent.output.contains(
          "alias \(Self.alias): leads to green, it led to blue: blue has been ill"),
        "\(agent.output)")
      let status = try await host.zonebridge("status").standardOutput
      #expect(status.contains("\(Self.alias)  leads to green, not to blue, for "), "\(status)")
      #expect(status.contains("  blue ill for "), "\(status)")

      for master in Host.masters { try await host.cluster.heal(master) }
      try await eventually("blue is healthy again", within: .seconds(60)) {
        try await Failover(host).health == ["healthy", "healthy"]
      }
      let seen = try await Failover(host).passes(of: host)
      try await eventually("some more passes", within: .seconds(60)) {
        try await Failover(host).passes(of: host) >= seen + 4
      }
      #expect(try await Failover(host).cluster == "green")
      try await agent.kill()
    }
  }

  @Test(
    "blue is back, and `back` is given → the alias returns once it has been healthy for so long")
  func back() async throws {
    try await withBlueAndGreen { host, green in
      try await host.configure(green, "failover: { after: 1s, back: 2s }")
      try await expectServed(host)
      for master in Host.masters { try await host.cluster.fail(master, .unreachable) }
      try await passes(host, until: "green")
      // The hour is over: what was moved last is remembered as long ago.
      try host.forgetTheHour()
      for master in Host.masters { try await host.cluster.heal(master) }
      try await passes(host, until: "blue")
      #expect(
        try await Failover(host).reason?.hasPrefix("blue, which is preferred, has been") == true)
    }
  }

  @Test("green dies within the hour → held, and told with the way out; an operator switches it")
  func hour() async throws {
    try await withBlueAndGreen { host, green in
      try await host.configure(green, "failover: { after: 1s }")
      try await expectServed(host)
      for master in Host.masters { try await host.cluster.fail(master, .unreachable) }
      try await passes(host, until: "green")
      for master in Host.masters { try await host.cluster.heal(master) }
      for master in await green.masters { try await green.fail(master, .unreachable) }
      var held: ProgramResult?
      try await eventually("it is held", within: .seconds(60)) {
        let pass = try await host.zonebridge("--once")
        if pass.standardError.contains("it would move from green to blue") { held = pass }
        return held != nil
      }
      let words = try #require(held?.standardError)
      #expect(words.contains("zonebridge switch \(Self.alias) blue"), "\(words)")
      #expect(try await Failover(host).cluster == "green")
      #expect(
        try await host.zonebridge("status").standardOutput.contains("; held, since the alias"))
      let switched = try await host.zonebridge("switch", Self.alias, "blue")
      #expect(
        switched.standardOutput.contains("\(Self.alias) leads to blue, it led to green"),
        "\(switched.standardOutput)\(switched.standardError)")
      #expect(try await host.answer("web.marathon.\(Self.alias)").last == "10.0.0.80")
    }
  }

  // MARK: What moves nothing

  @Test(
    "one of three masters dies; HTTP alone; both clusters; green's ID is doubted → the alias stays, whatever lasts"
  )
  func stays() async throws {
    try await withBlueAndGreen { host, green in
      try await host.configure(green, "failover: { after: 1s }")
      try await expectServed(host)

      try await host.cluster.fail(Host.masters[0], .unreachable)
      try await expectStays(host, "one of three masters")
      try await host.cluster.heal(Host.masters[0])

      for master in Host.masters { try await host.cluster.fail(master, .http(503)) }
      try await expectStays(host, "HTTP alone")
      #expect(try await Failover(host).health == ["unknown", "healthy"])
      for master in Host.masters { try await host.cluster.heal(master) }

      for master in Host.masters { try await host.cluster.fail(master, .unreachable) }
      for master in await green.masters { try await green.fail(master, .unreachable) }
      try await expectStays(host, "both")
      #expect(try await Failover(host).health == ["ill", "ill"])

      // Green is back and says that it is another one.
      for master in await green.masters { try await green.heal(master) }
      await green.setID(SampleID.third)
      try await expectStays(host, "green is doubted")
      #expect(try await Failover(host).health == ["ill", "unknown"])
      #expect(try await Failover(host).moves == 0)

      // The test could fail: as soon as green is itself again, the alias moves.
      await green.setID(SampleID.other)
      try await passes(host, until: "green")
    }
  }

  @Test(
    "blue's DNS alone dies → the alias leads to green: its masters say who they are, and nobody is answered"
  )
  func dnsAlone() async throws {
    try await withBlueAndGreen { host, green in
      try await host.configure(green, "failover: { after: 1s }")
      try await expectServed(host)
      for master in Host.masters { try await host.cluster.fail(master, .dnsSilent) }
      try await passes(host, until: "green")
      #expect(try await host.answer("web.marathon.\(Self.alias)").last == "10.0.0.90")
    }
  }

  @Test("blue comes and goes → it is not left, nor for one failed check")
  func flaps() async throws {
    try await withBlueAndGreen { host, green in
      try await host.configure(green, "failover: { after: 1s }")
      try await expectServed(host)
      for _ in 0..<4 {
        for master in Host.masters { try await host.cluster.fail(master, .unreachable) }
        _ = try await host.zonebridge("--once")
        for master in Host.masters { try await host.cluster.heal(master) }
        // What named has learned of them is forgotten after a second (servfail-ttl).
        try await eventually("blue answers again", within: .seconds(30)) {
          _ = try await host.zonebridge("--once")
          return try await Failover(host).health.first == "healthy"
        }
        #expect(try await Failover(host).cluster == "blue")
      }
      #expect(try await Failover(host).moves == 0)
    }
  }

  @Test(
    "the pass is killed while it moves the alias → the next one ends it or takes it back, and it comes to green"
  )
  func killed() async throws {
    try await withBlueAndGreen { host, green in
      try await host.configure(green, "failover: { after: 1s }")
      try await expectServed(host)
      for master in Host.masters { try await host.cluster.fail(master, .unreachable) }
      try await eventually("a pass was killed as it moved the alias", within: .seconds(120)) {
        let pass = try host.start("--once")
        while pass.isRunning {
          guard try host.text("db.contoso.com").contains(SampleID.other) else {
            try await Task.sleep(for: .milliseconds(1))
            continue
          }
          try await pass.kill()
          return true
        }
        return false
      }
      try await passes(host, until: "green")
      #expect(try await Failover(host).moves == 1)
      try await eventually("it is served", within: .seconds(60)) {
        _ = try await host.zonebridge("--once")
        return try await host.answer("web.marathon.\(Self.alias)").last == "10.0.0.90"
      }
    }
  }

  @Test("the state directory is lost while the alias leads to green → there it stays")
  func lost() async throws {
    try await withBlueAndGreen { host, green in
      try await host.configure(green, "failover: { after: 1s }")
      try await expectServed(host)
      #expect(try await host.zonebridge("switch", Self.alias, "green").status == 0)
      try FileManager.default.removeItem(atPath: host.state.string)
      for _ in 0..<4 { try await expectServed(host, changes: false) }
      #expect(try await Failover(host).cluster == "green")
    }
  }

  // MARK: check

  @Test(
    "a standby → check tells its health with each alias that may move there, and what helps where it is ill"
  )
  func standby() async throws {
    try await withBlueAndGreen { host, green in
      try await host.configure(green, "failover: { after: 90s }", other: "one.contoso.com")
      for _ in 0..<2 { _ = try await host.zonebridge("--once") }
      let well = try await host.check().report
      #expect(well.state("aliases", "\(Self.alias) standby green") == "ok", "\(well.complaints)")
      #expect(well.links("aliases", "standby").count == 1)

      for master in await green.masters { try await green.fail(master, .unreachable) }
      // What named holds of green is forgotten after some seconds.
      try await eventually("it is ill", within: .seconds(60)) {
        try await host.check().report.state("aliases", "standby green") == "warning"
      }
      let ill = try await host.check().report.link("aliases", "standby green")
      #expect(ill.finding.hasPrefix("it is ill, so the alias cannot move there: "))
      #expect(ill.cure.contains("Check that"), "\(ill)")
      for arguments in [["--alias", Self.alias], ["--cluster", "green"]] {
        let part = try Checked(
          try await host.zonebridge(["check", "--json"] + arguments).standardOutput)
        #expect(!part.links("aliases", "\(Self.alias) standby green").isEmpty, "\(arguments)")
        #expect(!part.links("clusters", "green").isEmpty, "\(arguments)")
        #expect(part.links("aliases", "one.contoso.com").isEmpty, "\(arguments)")
      }

      for master in await green.masters { try await green.heal(master) }
      await green.setID(SampleID.third)
      let doubted = try await host.check().report.link("aliases", "standby green")
      #expect(doubted.state == "warning", "\(doubted)")
      #expect(doubted.finding.hasPrefix("its health is not known, so the alias does not move"))
      #expect(doubted.cure.contains("--accept green"), "\(doubted)")
    }
  }

  // MARK: switch

  @Test("an operator switches an alias → previewed, done, shown, and taken back")
  func switches() async throws {
    try await withBlueAndGreen { host, green in
      try await host.configure(green, "failover: { after: 90s }")
      try await expectServed(host)
      for _ in 0..<2 { try await expectServed(host, changes: false) }
      let before = try host.files()
      let preview = try await host.zonebridge("switch", Self.alias, "green", "--dry-run")
      #expect(preview.status == 2 && preview.standardOutput.contains("+\(Self.alias)."))
      #expect(try host.files() == before)
      #expect(try await host.zonebridge("diff").status == 0)

      let pass = try await host.zonebridge("switch", Self.alias, "green")
      #expect(pass.status == 0, "\(pass.standardError)")
      #expect(pass.standardOutput.contains("\(Self.alias) leads to green, it led to blue"))
      #expect(try await host.answer("web.marathon.\(Self.alias)").last == "10.0.0.90")
      let status = try await host.zonebridge("status").standardOutput
      #expect(status.contains("an operator chose green, until you end it"), "\(status)")
      try await expectServed(host, changes: false)

      let auto = try await host.zonebridge("switch", Self.alias, "--auto")
      #expect(
        auto.standardOutput.contains("\(Self.alias) leads to blue, it led to green"),
        "\(auto.standardOutput)\(auto.standardError)")
      #expect(try await host.answer("web.marathon.\(Self.alias)").last == "10.0.0.80")
      #expect(try await Failover(host).choice == nil)
    }
  }

  @Test("a choice with an end → it is over by itself")
  func switchesForAWhile() async throws {
    try await withBlueAndGreen { host, green in
      try await host.configure(green, "failover: { after: 90s }")
      try await expectServed(host)
      #expect(try await host.zonebridge("switch", Self.alias, "green", "--for", "3s").status == 0)
      #expect(try await Failover(host).choice == "green")
      try await passes(host, until: "blue")
      #expect(try await Failover(host).choice == nil)
    }
  }

  @Test(
    "green does not answer, and an operator switches there → held before a byte is written, and remembered"
  )
  func switchesToTheDead() async throws {
    try await withBlueAndGreen { host, green in
      try await host.configure(green, "failover: { after: 90s }")
      try await expectServed(host)
      for master in await green.masters { try await green.fail(master, .dnsSilent) }
      let before = try host.text("db.contoso.com")
      let pass = try await host.zonebridge("switch", Self.alias, "green")
      #expect(
        pass.status != 0 && pass.standardError.contains("answers DNS"), "\(pass.standardError)")
      #expect(try host.text("db.contoso.com") == before)
      for master in await green.masters { try await green.heal(master) }
      try await passes(host, until: "green")
    }
  }

  @Test("a name that there is not, or an alias with one cluster → usage, with the known names")
  func unknownNames() async throws {
    try await withBlueAndGreen { host, green in
      try await host.configure(green, "failover: { after: 90s }", other: "one.contoso.com")
      for (arguments, words) in [
        (["nope.example.com", "green"], "no alias 'nope.example.com'. Known are: "),
        (["web.contoso.co", "green"], "Did you mean \(Self.alias)?"),
        ([Self.alias, "gren"], "no cluster of \(Self.alias) 'gren'. Did you mean green?"),
        (["one.contoso.com", "blue"], "the alias has one cluster, blue"),
        ([Self.alias], "Name the cluster, or use --auto"),
        ([Self.alias, "green", "--auto"], "--auto and a cluster exclude each other"),
        ([Self.alias, "--auto", "--for", "1h"], "--for goes with a cluster only"),
        ([Self.alias, "green", "--for", "soon"], "soon"),
        ([Self.alias, "green", "--for", "0s"], "--for takes 1s or more"),
      ] {
        let result = try await host.zonebridge(["switch"] + arguments)
        #expect(result.status == 64, "\(arguments)")
        #expect(result.standardError.contains(words), "\(arguments): \(result.standardError)")
      }
      #expect(try !host.named.folder.names().contains("state"))
    }
  }

  // MARK: Passes

  private static let alias = Host.alias

  private func expectServed(
    _ host: Host, changes: Bool = true,
    sourceLocation: Testing.SourceLocation = #_sourceLocation
  ) async throws {
    let pass = try await host.zonebridge("--once")
    #expect(
      pass.status == 0 && pass.standardOutput.contains("seen served") == changes,
      "\(pass.standardOutput)\(pass.standardError)", sourceLocation: sourceLocation)
  }

  /// Makes more passes, over a longer time, than a move would need.
  private func expectStays(
    _ host: Host, _ what: String, sourceLocation: Testing.SourceLocation = #_sourceLocation
  ) async throws {
    let start = ContinuousClock.now
    var count = 0
    while count < 6 || start.duration(to: .now) < .seconds(3) {
      _ = try await host.zonebridge("--once")
      count += 1
      let seen = try await Failover(host)
      #expect(seen.cluster == "blue" && seen.moves == 0, "\(what)", sourceLocation: sourceLocation)
    }
  }

  private func passes(_ host: Host, until cluster: String) async throws {
    try await eventually("the alias leads to \(cluster)", within: .seconds(120)) {
      _ = try await host.zonebridge("--once")
      return try await Failover(host).cluster == cluster
    }
  }
}

/// What `status --json` says of the alias.
private struct Failover {
  private let record: [String: Any]

  init(_ host: Host) async throws {
    let text = try await host.zonebridge("status", "--json").standardOutput
    let document = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
    let pass = (document?["record"] as? [String: Any])?["pass"] as? [String: Any]
    // Before the first pass there is none.
    record = (pass?["failovers"] as? [[String: Any]])?.first ?? [:]
  }

  var cluster: String? { record["cluster"] as? String }
  var moves: Int? { record["moves"] as? Int }
  var reason: String? { record["reason"] as? String }
  var choice: String? { (record["choice"] as? [String: Any])?["cluster"] as? String }
  var health: [String] {
    (record["clusters"] as? [[String: Any]])?.compactMap { $0["health"] as? String } ?? []
  }

  /// How many passes there were.
  func passes(of host: Host) async throws -> Int {
    let text = try await host.zonebridge("status", "--json").standardOutput
    let document = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
    let counters = (document?["record"] as? [String: Any])?["counters"] as? [String: Any]
    return (counters?["passes"] as? [String: Int])?.values.reduce(0, +) ?? 0
  }
}

extension Host {
  fileprivate static let alias = "web.contoso.com"

  /// Writes the configuration: blue, green, and the alias that leads to the first of them that is healthy.
  fileprivate func configure(
    _ green: SimulatedCluster, _ failover: String, interval: String = "30s", aliasTTL: Int = 60,
    other: String? = nil
  ) async throws {
    var text = """
      interval: \(interval)
      state-directory: \(state)
      \(ConfigurationText.bind(named))clusters:

      """
    for (name, cluster) in [("blue", cluster), ("green", green)] {
      text += await ConfigurationText.cluster(name, cluster, "probe: web.marathon")
    }
    text += """
      aliases:
        - name: \(Self.alias)
          clusters: [blue, green]
          \(failover)
          ttl: \(aliasTTL)

      """
    if let other { text += "  - { name: \(other), cluster: blue }\n" }
    try named.folder.write("zonebridge.yaml", text)
  }

  /// Has the last move be remembered as one of two hours ago.
  fileprivate func forgetTheHour() throws {
    let text = try text("state/failovers")
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      var fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      guard fields.first == "alias", let time = Int(fields[5]) else { return String(line) }
      fields[5] = "\(time - 7200)"
      return fields.joined(separator: "\t")
    }
    try named.folder.write("state/failovers", lines.joined(separator: "\n"))
  }
}
