import DCOSSimulator
import TestSupport
import Testing

/// What is closed is seen closed some moments later: a program that another test is just starting
/// holds this process's sockets until it takes over.
@Suite("Steering a simulated cluster", .timeLimit(.minutes(3)))
struct SteeringTests {
  private static let status = "/exhibitor/exhibitor/v1/cluster/status"

  @Test func aReplacedMasterIsKnownAtOnce() async throws {
    try await withCluster(.init(masters: ["127.0.6.1", "127.0.6.2", "127.0.6.3"])) { cluster in
      let name = "master.mesos.\(await cluster.id).dcos.directory"
      #expect(
        try await masters(of: cluster, at: "127.0.6.1") == ["127.0.6.1", "127.0.6.2", "127.0.6.3"])

      try await cluster.replaceMaster("127.0.6.2", by: "127.0.6.4")

      for master in ["127.0.6.1", "127.0.6.3", "127.0.6.4"] {
        #expect(
          try await masters(of: cluster, at: master) == ["127.0.6.1", "127.0.6.4", "127.0.6.3"])
        let answer = try await cluster.dig("+short", name, at: master)
        #expect(
          answer.split(separator: "\n").sorted() == ["127.0.6.1", "127.0.6.3", "127.0.6.4"])
      }
      try await eventually("HTTP is closed") { try await cluster.httpIsClosed(at: "127.0.6.2") }
      try await eventually("DNS is closed") { try await dnsIsClosed(cluster, at: "127.0.6.2") }
    }
  }

  @Test func aMasterThatIsDownIsListedAsDownAndForgottenByMesosDNS() async throws {
    try await withCluster(.init(masters: ["127.0.6.11", "127.0.6.12"])) { cluster in
      try await cluster.fail("127.0.6.11", .unreachable)
      let status = try await cluster.get(Self.status, from: "127.0.6.12").text
      #expect(
        status == """
          [{"hostname":"127.0.6.11","code":1,"description":"down","isLeader":false},\
          {"hostname":"127.0.6.12","code":3,"description":"serving","isLeader":true}]
          """)
      let hosts = try await cluster.get("/mesos_dns/v1/hosts/master.mesos", from: "127.0.6.12").text
      #expect(!hosts.contains("127.0.6.11") && hosts.contains("127.0.6.12"))
      let id = await cluster.id
      for name in ["master", "leader"] {
        let answer = try await cluster.dig(
          "+short", "\(name).mesos.\(id).dcos.directory", at: "127.0.6.12")
        #expect(answer == "127.0.6.12\n")
      }
      try await eventually("HTTP is closed") { try await cluster.httpIsClosed(at: "127.0.6.11") }
      try await eventually("DNS is closed") { try await dnsIsClosed(cluster, at: "127.0.6.11") }

      try await cluster.heal("127.0.6.11")
      #expect(try await masters(of: cluster, at: "127.0.6.11") == ["127.0.6.11", "127.0.6.12"])
      let healed = try await cluster.dig(
        "+short", "leader.mesos.\(id).dcos.directory", at: "127.0.6.11")
      #expect(healed == "127.0.6.11\n")
    }
  }

  @Test func silentDNSLeavesHTTPAlone() async throws {
    try await withCluster(.init(masters: ["127.0.6.21"])) { cluster in
      try await cluster.fail("127.0.6.21", .dnsSilent)
      let name = "leader.mesos.\(await cluster.id).dcos.directory"
      #expect(try await cluster.dig("+time=1", name, at: "127.0.6.21").contains("timed out"))
      #expect(try await masters(of: cluster, at: "127.0.6.21") == ["127.0.6.21"])
    }
  }

  @Test(
    "a master that was wiped → no key and no zone of the cluster's for a minute, the others unharmed"
  )
  func wiped() async throws {
    let clock = ManualClock()
    try await withCluster(.init(masters: ["127.0.6.81", "127.0.6.82"], clock: clock)) { cluster in
      let key = "/navstar/lashup/key"
      let name = "leader.mesos.\(await cluster.id).dcos.directory"
      try await cluster.wipe("127.0.6.81")
      #expect(try await clock.sleep() == .seconds(60))
      for _ in 1...2 {
        let answer = try await cluster.get(key, from: "127.0.6.81")
        #expect(answer.statusLine == "HTTP/1.1 404 Not Found")
        #expect(answer.text == "Cluster keys not found in Lashup")
        #expect(try await cluster.dig(name, at: "127.0.6.81").contains("status: SERVFAIL"))
        #expect(try await masters(of: cluster, at: "127.0.6.81").count == 2)
        #expect(
          try await cluster.get(key, from: "127.0.6.82").text.contains("zbase32_public_key"))
        clock.advance(by: .seconds(59))
      }
      try await eventually("the key is there") {
        try await cluster.get(key, from: "127.0.6.81").text.contains("zbase32_public_key")
      }
      #expect(try await cluster.dig("+short", name, at: "127.0.6.81") == "127.0.6.81\n")
      await #expect(throws: SimulatorError.self) { try await cluster.wipe("127.0.6.83") }
    }
  }

  @Test func anAddressThatCannotBeTakenLeavesEverythingAsItWas() async throws {
    try await withCluster(.init(masters: ["127.0.6.31"])) { cluster in
      // TEST-NET-1 (RFC 5737) is no address of this host.
      let error = await #expect(throws: SimulatorError.self) {
        try await cluster.replaceMaster("127.0.6.31", by: "192.0.2.1")
      }
      #expect(error?.description.contains("192.0.2.1 cannot be listened on") == true)
      #expect(error?.description.contains("Cannot assign requested address") == true)
      let listed = try await masters(of: cluster, at: "127.0.6.31")
      #expect(listed == ["127.0.6.31"])
    }
  }

  @Test func whatIsNoMasterCannotBeSteered() async throws {
    try await withCluster(.init(masters: ["127.0.6.41", "127.0.6.42"])) { cluster in
      let stranger = SimulatorError.noSuchMaster(
        "127.0.6.43", masters: ["127.0.6.41", "127.0.6.42"])
      await #expect(throws: stranger) { try await cluster.fail("127.0.6.43", .hangs) }
      await #expect(throws: stranger) { try await cluster.heal("127.0.6.43") }
      await #expect(throws: stranger) {
        try await cluster.replaceMaster("127.0.6.43", by: "127.0.6.44")
      }
      await #expect(throws: SimulatorError.alreadyAMaster("127.0.6.42")) {
        try await cluster.replaceMaster("127.0.6.41", by: "127.0.6.42")
      }
      await cluster.stop()
      await #expect(throws: SimulatorError.notRunning) { try await cluster.heal("127.0.6.41") }
    }
  }

  @Test(arguments: [
    ([String](), SimulatorError.noMasters),
    (["127.0.6.51", "master-1"], .notAnAddress("master-1")),
  ])
  func aClusterThatCannotBeIsNotStarted(
    _ masters: [String], _ expected: SimulatorError
  ) async throws {
    let cluster = SimulatedCluster(.init(masters: masters))
    await #expect(throws: expected) { try await cluster.start() }
  }

  @Test func thePortsAskedForAreTakenAndFreedAgain() async throws {
    try await withCluster(.init(masters: ["127.0.6.61"])) { first in
      let ports = (http: await first.httpPort, dns: await first.dnsPort)
      let second = SimulatedCluster(
        .init(masters: ["127.0.6.61"], httpPort: ports.http, dnsPort: ports.dns))
      await #expect(throws: SimulatorError.self) { try await second.start() }
      await first.stop()
      try await eventually("the ports are free") { (try? await second.start()) != nil }
      #expect(await second.httpPort == ports.http)
      #expect(try await masters(of: second, at: "127.0.6.61") == ["127.0.6.61"])
      await second.stop()
    }
  }

  @Test(arguments: [
    (
      "replace 127.0.0.11 127.0.0.14", SteeringCommand.replace(old: "127.0.0.11", new: "127.0.0.14")
    ),
    ("  heal\t127.0.0.11 ", .heal(master: "127.0.0.11")),
    ("fail 127.0.0.11 unreachable", .fail(master: "127.0.0.11", failure: .unreachable)),
    ("fail 127.0.0.11 404", .fail(master: "127.0.0.11", failure: .http(404))),
    ("wipe 127.0.0.11", .wipe(master: "127.0.0.11")),
    ("id yor6", .id("yor6")),
    ("quit", .quit),
    ("", nil),
  ])
  func aLineIsACommand(_ line: String, _ expected: SteeringCommand?) throws {
    #expect(try SteeringCommand(line) == expected)
  }

  @Test(arguments: [
    "replace 127.0.0.11", "fail 127.0.0.11", "fail 127.0.0.11 tired", "fail 127.0.0.11 200",
    "heal", "wipe", "id", "quit now", "stop",
  ])
  func whatIsNoCommandIsRefused(_ line: String) {
    #expect(throws: SimulatorError.self) { try SteeringCommand(line) }
  }

  @Test(arguments: Failure.names)
  func everyFailureHasItsName(_ name: String) {
    #expect(Failure(name) != nil)
  }

  @Test func commandsDoWhatTheySay() async throws {
    try await withCluster(.init(masters: ["127.0.6.71", "127.0.6.72"])) { cluster in
      for line in ["replace 127.0.6.72 127.0.6.73", "fail 127.0.6.71 502", "id abc"] {
        try await cluster.perform(try #require(try SteeringCommand(line)))
      }
      #expect(await cluster.masters == ["127.0.6.71", "127.0.6.73"])
      #expect(await cluster.id == "abc")
      let broken = try await cluster.get(Self.status, from: "127.0.6.71")
      #expect(broken.statusLine == "HTTP/1.1 502 Bad Gateway")
      try await cluster.perform(.heal(master: "127.0.6.71"))
      let healed = try await cluster.get(Self.status, from: "127.0.6.71")
      #expect(healed.statusLine == "HTTP/1.1 200 OK")
      try await cluster.perform(.quit)
      try await eventually("HTTP is closed") { try await cluster.httpIsClosed(at: "127.0.6.71") }
    }
  }

  /// The addresses in Exhibitor's list, in its order.
  private func masters(of cluster: SimulatedCluster, at master: String) async throws -> [String] {
    let text = try await cluster.get(Self.status, from: master).text
    return text.matches(of: /"hostname":"([^"]*)"/).map { String($0.1) }
  }

  private func dnsIsClosed(_ cluster: SimulatedCluster, at master: String) async throws -> Bool {
    let name = "master.mesos.\(await cluster.id).dcos.directory"
    let answer = try await cluster.dig("+time=1", name, at: master)
    return answer.contains("connection refused")
  }
}
