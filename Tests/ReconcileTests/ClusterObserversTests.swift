import DCOS
import DNSNames
import Dispatch
import Glibc
import Named
import Synchronization
import TestSupport
import Testing

@testable import Reconcile
@testable import ReconcileModel

/// Which masters are asked.
@Suite("Who is asked", .timeLimit(.minutes(2)))
struct ClusterObserversTests {
  @Test(
    "masters behind NAT, known by the addresses they list → those configured alone are asked",
    arguments: [true, false])
  func behindNAT(isNAT: Bool) async throws {
    // Nobody listens there: it is told at once whom the observer has turned to.
    let port = try freePort()
    var cluster = try Site.cluster(masters: [])
    cluster.source = .polled(
      masters: [try MasterEndpoint("http://127.0.30.1:\(port)")], trust: .system)
    if isNAT { cluster.forwarders = [try IPAddress("203.0.113.5")] }
    let known = try Planning.view(Site.ids[0], ["127.0.30.2", "127.0.30.3"])
    let observers = try ClusterObservers([cluster])
    let observations = await observers.observe(["prod": ClusterMemory(view: known, agreedAt: 0)])
    await observers.shutdown()
    guard case .observed(let round)? = observations["prod"] else {
      Issue.record("\(observations)")
      return
    }
    let learned = isNAT ? [] : ["127.0.30.2", "127.0.30.3"]
    #expect(round.reports.map(\.master.host) == ["127.0.30.1"] + learned)
  }
}

/// A TCP server of masters that a test steers: one answers as it should, or whatever comes is left waiting.
private final class PretendMasters: Sendable {
  let port: UInt16
  private let descriptor: CInt
  private let asked = Mutex<[String: Int]>([:])

  /// Listens on all addresses of the loopback; whoever is asked at one of `hanging` is not answered.
  init(hanging: Set<String>, id: String = Site.ids[0]) throws {
    port = try freePort()
    descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    let isListening = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        unsafe bind(descriptor, pointer, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
    guard isListening, listen(descriptor, 256) == 0 else { throw SystemCallFailure("listen") }
    let listener = descriptor
    onThread { [self] in
      while true {
        let connection = accept(listener, nil, nil)
        guard connection >= 0 else { break }
        onThread { self.serve(connection, hanging, id) }
      }
      close(listener)
    }
  }

  func stop() { shutdown(descriptor, CInt(SHUT_RDWR)) }

  /// How many questions a master has got.
  func questions(to host: String) -> Int { asked.withLock { $0[host, default: 0] } }

  var askedMasters: Int { asked.withLock(\.count) }

  private func serve(_ connection: CInt, _ hanging: Set<String>, _ id: String) {
    defer { close(connection) }
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = unsafe recv(connection, &buffer, buffer.count, 0)
      guard count > 0 else { return }
      let request = String(decoding: buffer.prefix(count), as: UTF8.self)
      let host = String(
        request.split(separator: "\r\n").first { $0.hasPrefix("Host: ") }?
          .dropFirst(6).prefix { $0 != ":" } ?? "")
      asked.withLock { $0[host, default: 0] += 1 }
      if hanging.contains(host) { continue }
      let body =
        request.contains("/navstar/")
        ? #"{"zbase32_public_key":"\#(id)"}"# : #"[{"hostname":"\#(host)"}]"#
      let answer = Array(
        "HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)".utf8)
      guard unsafe send(connection, answer, answer.count, CInt(MSG_NOSIGNAL)) > 0 else { return }
    }
  }
}

/// Runs something that blocks.
private func onThread(_ body: @escaping @Sendable () -> Void) {
  DispatchQueue(label: "zonebridge.test").async(execute: body)
}

/// What a cluster that is slow, or means harm, costs the others.
@Suite("A cluster that hangs", .timeLimit(.minutes(2)))
struct HangingClusterTests {
  private let clock = ManualClock()

  private func cluster(_ name: String, _ host: String, _ port: UInt16) throws -> Cluster {
    var cluster = try Site.cluster(name, masters: [])
    cluster.source = .polled(
      masters: [try MasterEndpoint("http://\(host):\(port)")], trust: .system)
    return cluster
  }

  /// No question ends by itself: it is the round's time alone that counts, and that passes as a test says.
  private var limits: ClusterObserver.Limits {
    var limits = ClusterObserver.Limits()
    limits.connect = .seconds(60)
    limits.request = .seconds(600)
    limits.firstRound = .seconds(15)
    limits.round = .seconds(3)
    return limits
  }

  private func isAgreed(_ observation: Observation?) -> Bool {
    guard case .observed(let round)? = observation else { return false }
    if case .success = Agreement.reached(in: round) { return true }
    return false
  }

  /// Has time pass once the other clusters have been asked for both parts.
  private func observe(
    _ observers: ClusterObservers, after time: Duration, _ isReady: @Sendable () -> Bool
  ) async throws -> [String: Observation] {
    async let observations = observers.observe([:])
    try await eventually("the others have answered") { isReady() }
    // The answers are on their way to the observers, on a clock that is not ours.
    try await eventually("the round waits for its time") { clock.nextWaking != nil }
    let ticking = Task { [clock] in
      var left = time
      while left > .zero, !Task.isCancelled {
        try await Task.sleep(for: .milliseconds(50))
        clock.advance(by: .milliseconds(100))
        left -= .milliseconds(100)
      }
    }
    let result = await observations
    ticking.cancel()
    return result
  }

  @Test("one of three clusters hangs → the pass has the others' answers when its time is up")
  func others() async throws {
    let masters = try PretendMasters(hanging: ["127.0.31.2"])
    defer { masters.stop() }
    let names = ["a", "b", "c"]
    let observers = try ClusterObservers(
      try names.enumerated().map { try cluster($1, "127.0.31.\($0 + 1)", masters.port) },
      limits: limits, clock: clock)
    for (number, time) in [Duration.seconds(16), .seconds(4), .seconds(4)].enumerated() {
      let observations = try await observe(observers, after: time) {
        masters.questions(to: "127.0.31.1") >= 2 * (number + 1)
          && masters.questions(to: "127.0.31.3") >= 2 * (number + 1)
      }
      #expect(Set(observations.keys) == Set(names))
      #expect(isAgreed(observations["a"]) && isAgreed(observations["c"]))
      #expect(!isAgreed(observations["b"]))
    }
    await observers.shutdown()
  }

  @Test(
    "more clusters hang than are begun at a time → one that comes after them is asked all the same")
  func turns() async throws {
    let hosts = (1...130).map { "127.0.32.\($0)" }
    let masters = try PretendMasters(hanging: Set(hosts.dropLast()))
    defer { masters.stop() }
    let observers = try ClusterObservers(
      try hosts.map { try cluster($0, $0, masters.port) }, limits: limits, clock: clock)
    let observations = try await observe(observers, after: .seconds(40)) {
      masters.askedMasters >= 60
    }
    #expect(observations.count == hosts.count)
    #expect(isAgreed(observations["127.0.32.130"]))
    #expect(observations.values.count(where: isAgreed) == 1)
    await observers.shutdown()
  }

  @Test("one cluster hangs, and another one has a new master → the plan has the change")
  func plan() async throws {
    try await withSite(Planning.files) { site in
      let masters = try PretendMasters(hanging: ["127.0.33.1"])
      defer { masters.stop() }
      var desired = site.desired
      desired.clusters = [
        try cluster("hung", "127.0.33.1", masters.port),
        try cluster("prod", "127.0.33.2", masters.port),
      ]
      desired.aliases = [try LiveSite.alias("foo.contoso.com")]
      let observers = try ClusterObservers(desired.clusters, limits: limits, clock: clock)
      let pass = Pass(desired: desired, tools: try NamedTools.locate())
      let proposing = Task { try await pass.propose(observers: observers, now: 0) }
      try await eventually("the other has answered") {
        masters.questions(to: "127.0.33.2") == 2 && masters.questions(to: "127.0.33.1") > 0
      }
      let ticking = Task { [clock] in
        for _ in 1...200 {
          try await Task.sleep(for: .milliseconds(50))
          clock.advance(by: .milliseconds(100))
        }
      }
      let plan = try await proposing.value.plan
      ticking.cancel()
      #expect(plan.problems.map(\.subject) == ["cluster hung"])
      #expect(plan.files.count == 2, "named.conf and the zone of the other's alias")
      await observers.shutdown()
    }
  }

  @Test("an interval → a cluster is waited for a tenth of it, within two bounds")
  func intervals() {
    let table: [(Duration, Duration)] = [
      (.seconds(1), .seconds(2)), (.seconds(20), .seconds(2)), (.seconds(30), .seconds(3)),
      (.seconds(100), .seconds(10)), (.seconds(3_600), .seconds(10)),
    ]
    for (interval, wait) in table {
      #expect(ClusterObserver.Limits.passes(every: interval).round == wait)
    }
  }
}
