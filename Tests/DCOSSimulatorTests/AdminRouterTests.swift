import DCOSSimulator
import Testing

@Suite("Admin Router, as captured", .timeLimit(.minutes(3)))
struct AdminRouterTests {
  static let masters = ["127.0.0.11", "127.0.0.12", "127.0.0.13"]

  struct Capture: Sendable, CustomTestStringConvertible {
    let file: String
    let path: String
    var failure: Failure?
    var requiredToken: String?
    /// Headers which the real program has and Admin Router puts in another place, or not at all.
    var comparesHeaders = true

    var testDescription: String { file }
  }

  static let captures = [
    Capture(file: "adminrouter/authed_navstar_lashup_key.http", path: "/navstar/lashup/key"),
    Capture(file: "adminrouter/authed_net_lashup_key.http", path: "/net/lashup/key"),
    Capture(
      file: "adminrouter/authed_exhibitor_exhibitor_v1_cluster_status.http",
      path: "/exhibitor/exhibitor/v1/cluster/status"),
    Capture(
      file: "adminrouter/unauthed_exhibitor_status-200.http",
      path: "/exhibitor/exhibitor/v1/cluster/status", requiredToken: "t"),
    Capture(
      file: "adminrouter/authed_mesos_dns_v1_hosts_master.mesos.http",
      path: "/mesos_dns/v1/hosts/master.mesos"),
    Capture(
      file: "adminrouter/authed_mesos_dns_v1_hosts_leader.mesos.http",
      path: "/mesos_dns/v1/hosts/leader.mesos"),
    Capture(
      file: "adminrouter/authed_mesos_dns_v1_hosts_nosuch.mesos.http",
      path: "/mesos_dns/v1/hosts/nosuch.mesos"),
    Capture(
      file: "adminrouter/unauthed_navstar_lashup_key-401.http", path: "/navstar/lashup/key",
      requiredToken: "t"),
    Capture(
      file: "adminrouter/authed_navstar_lashup_key-502.http", path: "/navstar/lashup/key",
      failure: .http(502)),
    // Captured behind Admin Router, where dcos-net writes the headers itself.
    Capture(
      file: "dcos-net/lashup_key-404-not-yet.http", path: "/navstar/lashup/key",
      failure: .http(404), comparesHeaders: false),
  ]

  @Test(arguments: captures)
  func anAnswerIsWhatTheRealOneSaid(_ capture: Capture) async throws {
    let expected = try HTTPAnswer(captured: capture.file)
    try await withCluster(
      .init(masters: Self.masters, requiredToken: capture.requiredToken)
    ) { cluster in
      if let failure = capture.failure {
        try await cluster.fail("127.0.0.11", failure)
      }
      let answer = try await cluster.get(capture.path, from: "127.0.0.11")
      #expect(answer.statusLine == expected.statusLine)
      #expect(answer.header("Content-Type") == expected.header("Content-Type"))
      #expect(answer.text == expected.text)
      #expect(answer.body == expected.body)
      if capture.comparesHeaders {
        #expect(answer.headers.map(\.name) == expected.headers.map(\.name))
        for (one, other) in zip(answer.headers, expected.headers) where one.name != "Date" {
          #expect(one.value == other.value)
        }
      }
    }
  }

  @Test func everyCaptureOfAnAnswerIsCompared() {
    let files =
      Fixture.names(in: "adminrouter").map { "adminrouter/\($0)" }
      + Fixture.names(in: "dcos-net").map { "dcos-net/\($0)" }
    #expect(!files.isEmpty)
    #expect(files == Self.captures.map(\.file).sorted())
  }

  @Test("what is no GET → 405 at the key; a slash behind it → the key")
  func methods() async throws {
    try await withCluster(.init(masters: ["127.0.4.7"])) { cluster in
      let path = "/navstar/lashup/key"
      let post = try await cluster.post(path, to: "127.0.4.7", "{}")
      #expect(post.statusLine == "HTTP/1.1 405 Method Not Allowed")
      let head = try await cluster.answer(to: path, of: "127.0.4.7", ["--head"])
      #expect(head.statusLine == "HTTP/1.1 405 Method Not Allowed")
      let slash = try await cluster.get("\(path)/", from: "127.0.4.7")
      #expect(slash.statusLine == "HTTP/1.1 200 OK" && slash.text.contains("zbase32_public_key"))
      let other = try await cluster.get("/mesos_dns/v1/hosts/master.mesos/", from: "127.0.4.7")
      #expect(!other.text.contains("master.mesos."))
    }
  }

  @Test("Connection: close, or HTTP/1.0 → said back, and the connection ends")
  func closing() async throws {
    try await withCluster(.init(masters: ["127.0.4.8"])) { cluster in
      for options in [["--header", "Connection: close"], ["--http1.0"]] {
        let answer = try await cluster.answer(
          to: "/net/lashup/key", of: "127.0.4.8", options)
        #expect(answer.header("Connection") == "close", "\(options)")
        #expect(answer.text.contains("zbase32_public_key"))
      }
      let lasting = try await cluster.get("/net/lashup/key", from: "127.0.4.8")
      #expect(lasting.header("Connection") == "keep-alive")
    }
  }

  @Test func theTokenOpensTheKey() async throws {
    try await withCluster(.init(masters: ["127.0.4.1"], requiredToken: "abc")) { cluster in
      let path = "/navstar/lashup/key"
      let answers = [
        try await cluster.get(path, from: "127.0.4.1"),
        try await cluster.get(path, from: "127.0.4.1", authorization: "token=wrong"),
        try await cluster.get(path, from: "127.0.4.1", authorization: "token=abc"),
      ]
      #expect(
        answers.map(\.statusLine)
          == ["HTTP/1.1 401 Unauthorized", "HTTP/1.1 401 Unauthorized", "HTTP/1.1 200 OK"])
    }
  }

  @Test func anUnknownPathIsNotFound() async throws {
    try await withCluster(.init(masters: ["127.0.4.2"])) { cluster in
      let answer = try await cluster.get("/nosuch", from: "127.0.4.2")
      #expect(answer.statusLine == "HTTP/1.1 404 Not Found")
      #expect(answer.text.contains("404 Not Found"))
    }
  }

  @Test func requestsAreRecordedInTheirOrder() async throws {
    try await withCluster(.init(masters: ["127.0.4.3", "127.0.4.4"])) { cluster in
      _ = try await cluster.get("/navstar/lashup/key", from: "127.0.4.4")
      _ = try await cluster.get("/nosuch", from: "127.0.4.3")
      #expect(
        await cluster.requests
          == [
            .init(master: "127.0.4.4", path: "/navstar/lashup/key"),
            .init(master: "127.0.4.3", path: "/nosuch"),
          ])
    }
  }
}
