import DCOSSimulator
import SystemPackage
import TestSupport
import Testing

@Suite("Bad input is reported, and no byte is changed", .serialized, .timeLimit(.minutes(5)))
struct BadInputTests {
  /// Runs a pass that has to end as said, and leave everything as it was.
  private func expect(
    _ host: Host, status: Int32, _ words: String, _ arguments: [String] = ["--once"],
    sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let files = try host.files()
    let commands = host.changingCommands()
    let result = try await host.zonebridge(arguments)
    #expect(result.status == status, "\(result.standardError)", sourceLocation: sourceLocation)
    #expect(
      words.isEmpty || result.standardError.contains(words), "\(result.standardError)",
      sourceLocation: sourceLocation)
    #expect(try host.files() == files, sourceLocation: sourceLocation)
    #expect(host.changingCommands() == commands, sourceLocation: sourceLocation)
    #expect(
      !(result.standardError + result.standardOutput)
        .contains(SimulatedCluster.Configuration.publishedSecretKey),
      sourceLocation: sourceLocation)
  }

  @Test(
    "masters that all say something odd → 1 with what it was, and no byte changed",
    arguments: [
      (Failure.unreachable, "connection refused"), (.notAnID, "the key there is not a cluster ID"),
      (.htmlPage, "an HTML page instead of JSON"), (.hugeBody(10 << 20), "the answer is larger"),
      (.emptyList, "an empty list of masters"), (.namesAsAddresses, "master-1.example"),
      (.http(404), "404"), (.http(401), "401"), (.truncatedJSON, "JSON"),
    ])
  func masters(failure: Failure, words: String) async throws {
    try await withHost { host in
      for master in Host.masters { try await host.cluster.fail(master, failure) }
      try await expect(host, status: 1, words)
    }
  }

  @Test("a cluster that fell silent → 1, it keeps its names, and recovers by itself")
  func silentCluster() async throws {
    try await withHost { host in
      #expect(try await host.zonebridge("--once").status == 0)
      for master in Host.masters.dropLast() { try await host.cluster.fail(master, .http(502)) }
      try await expect(host, status: 1, "502")
      #expect(try await host.answer("web.marathon.cluster.contoso.com").last == "10.0.0.80")
      try await host.cluster.heal(Host.masters[0])
      #expect(try await host.zonebridge("--once").status == 0)
    }
  }

  @Test("a configuration that named-checkconf refuses → 1 with file and line") func checkconf()
    async throws
  {
    try await withHost { host in
      let local = try host.text("named.conf.local")
      try host.named.write("named.conf.local", local + "statement-of-no-kind { };\n")
      try await expect(host, status: 1, "named-checkconf refuses")
      try await expect(host, status: 1, "named.conf.local:2:")
    }
  }

  @Test("a zone that named-checkzone refuses → 1 with file and line") func checkzone() async throws
  {
    try await withHost { host in
      let zone = try host.text("db.contoso.com")
      try host.named.write("db.contoso.com", zone + "mail IN A 192.0.2.256\n")
      try await host.rest("db.contoso.com")
      try await expect(host, status: 1, "named-checkzone refuses")
      try await expect(host, status: 1, "db.contoso.com:7:")
    }
  }

  @Test("a wrong rndc key → 1, and nothing was changed") func rndc() async throws {
    try await withHost { host in
      try host.named.folder.write(
        "wrong.conf",
        """
        key "zonebridge-test" { algorithm hmac-sha256; secret "d3JvbmcgYnV0IHdlbGwgZm9ybWVk"; };
        options {
          default-key "zonebridge-test"; default-server 127.0.0.1;
          default-port \(host.named.controlPort);
        };

        """)
      try await host.configure(rndc: host.named.folder.path.appending("wrong.conf"))
      try await expect(host, status: 1, "nothing was changed")
      try await expect(host, status: 1, "the key is not the one")
    }
  }

  @Test("a control channel that only reads → 1, and the files are as they were") func readOnly()
    async throws
  {
    let port = try freePort()
    let controls = """
      controls {
        inet 127.0.0.1 port \(port) allow { 127.0.0.1; } keys { "zonebridge-test"; } read-only yes;
      };
      """
    try await withHost(statements: controls) { host in
      try await host.configure(
        bind: "rndc: { server: 127.0.0.1, port: \(port), key-file: \(host.named.keyFile) }")
      let before = try (host.text("named.conf.local"), host.text("db.contoso.com"))
      let result = try await host.zonebridge("--once")
      #expect(result.status == 1)
      #expect(result.standardError.contains("The files were reverted"))
      #expect(try host.text("named.conf.local") == before.0)
      #expect(try host.text("db.contoso.com") == before.1)
    }
  }

  @Test("named is down → the files are written for its start, once, with 1 each time")
  func namedDown() async throws {
    try await withHost { host in
      try await host.named.stop()
      let result = try await host.zonebridge("--once")
      #expect(result.status == 1)
      #expect(result.standardError.contains("named: failed: named's control channel refused"))
      #expect(result.standardError.contains("named reads them when it starts"))
      #expect(!result.standardOutput.contains("sent"))
      #expect(try host.text("db.contoso.com").contains("DNAME"))
      // The second time there is nothing left to be written.
      let again = try await host.zonebridge("--once")
      #expect(again.status == 1)
      #expect(!again.standardError.contains("files are changed"))

      try await host.named.start()
      #expect(try await host.answer("web.marathon.cluster.contoso.com").last == "10.0.0.80")
      let commands = host.changingCommands()
      #expect(try await host.zonebridge("--once").status == 0)
      #expect(host.changingCommands() == commands)
    }
  }

  @Test("an alias whose zone named.conf does not have → 1, and no zone is made up") func noZone()
    async throws
  {
    try await withHost { host in
      try await host.configure(alias: "name: cluster.example.org")
      try await expect(host, status: 1, "no zone in")
    }
  }

  @Test("an unknown key of the configuration → 78 with its line") func unknownKey() async throws {
    try await withHost { host in
      try await host.configure(rest: "intervall: 3s")
      let lines = try host.text("zonebridge.yaml").split(
        separator: "\n", omittingEmptySubsequences: false)
      let line = try #require(lines.firstIndex { $0.hasPrefix("intervall") }) + 1
      try await expect(host, status: 78, "zonebridge.yaml:\(line): intervall: unknown key")
    }
  }

  @Test(
    "wrong usage → 64, and nothing on standard output",
    arguments: [
      ["frobnicate"], ["run", "--frobnicate"], ["run", "--accept", "prod"], ["run", "--json"],
      [], ["--once", "--accept", "nobody"], ["--once", "--wait", "-1"],
      ["diff", "--color", "often"],
    ])
  func usage(arguments: [String]) async throws {
    try await withTemporaryFolder { folder in
      let file = try folder.write(
        "z.yaml", "clusters:\n  - { name: prod, masters: [http://127.0.0.1] }\n")
      let result = try await run(
        try Host.program().string, arguments: arguments,
        environment: ["ZONEBRIDGE_CONFIG": file.string])
      #expect(result.status == 64, "\(result.standardError)")
      #expect(result.standardOutput.isEmpty && !result.standardError.isEmpty)
    }
  }

  @Test("another process holds the lock → 75, a dry run goes on, a pass that waits gets it")
  func lock() async throws {
    try await withHost { host in
      let holder = try await LockHolder(in: host.state)
      try await expect(host, status: 75, "holds the lock", ["--once", "--wait", "0"])
      try await expect(host, status: 2, "", ["--dry-run"])
      async let waiting = host.zonebridge("--once")
      try await holder.release()
      #expect(try await waiting.status == 0)
    }
  }
}
