import DNSNames
import SystemPackage
import TestSupport
import Testing

@testable import Named

/// What BIND's programs are given on their command lines, which every user of the host can read.
@Suite("The command lines of BIND's programs", .timeLimit(.minutes(1)))
struct CommandLineTests {
  private let tool: RecordingTool

  init() throws { tool = try RecordingTool() }

  @Test("given settings of rndc → each is handed on, and nothing else")
  func settings() async throws {
    let cases: [(RemoteControlSettings, [String])] = [
      (RemoteControlSettings(), []),
      (RemoteControlSettings(config: "/etc/rndc.conf"), ["-c", "/etc/rndc.conf"]),
      (RemoteControlSettings(server: "192.0.2.1"), ["-s", "192.0.2.1"]),
      (RemoteControlSettings(port: 1953), ["-p", "1953"]),
      (RemoteControlSettings(keyFile: "/etc/rndc.key"), ["-k", "/etc/rndc.key"]),
      (
        RemoteControlSettings(config: "/c", server: "::1", port: 1, keyFile: "/k"),
        ["-c", "/c", "-s", "::1", "-p", "1", "-k", "/k"]
      ),
    ]
    for (settings, arguments) in cases {
      _ = try await RemoteControl(tool: tool.path, settings: settings).status()
      #expect(try tool.arguments() == arguments + ["status"])
    }
  }

  /// Without the class rndc would take a view's name for it, without the view it would refuse a zone that is
  /// in several.
  @Test("given a command → named gets it with class and view")
  func commands() async throws {
    let control = RemoteControl(tool: tool.path)
    func expect(_ words: String) throws {
      #expect(try tool.arguments().joined(separator: " ") == words)
    }
    try await control.reconfig()
    try expect("reconfig")
    try await control.reload(zone: DomainName("x.test"))
    try expect("reload x.test IN")
    try await control.reload(zone: DomainName("x.test"), class: .chaos, view: "inside")
    try expect("reload x.test CH inside")
    _ = try await control.zoneStatus(zone: DomainName("x.test"))
    try expect("zonestatus x.test IN")
    _ = try await control.zoneStatus(zone: DomainName("x.test"), view: "inside")
    try expect("zonestatus x.test IN inside")
    try await control.flushTree(DomainName("x.test"))
    try expect("flushtree x.test")
    try await control.flushTree(DomainName("x.test"), view: "inside")
    try expect("flushtree x.test inside")
    _ = try await control.validationStatus()
    try expect("validation status")
    _ = try await control.secureRoots()
    try expect("secroots -")
  }

  @Test("given an update → nsupdate gets the key's file, and the message on its standard input")
  func update() async throws {
    let record = try ZoneRecord(owner: DomainName("a.x.test."), type: .dname, rdata: "b.test.")
    let update = try DynamicUpdate(
      zone: DomainName("x.test."),
      prerequisites: [.absent(owner: DomainName("a.x.test."), type: .cname), .only(record)],
      changes: [.delete(record), .add(record, ttl: 60)])
    let client = UpdateClient(
      tool: tool.path, server: try Endpoint(host: "::1", port: 5353), timeout: .seconds(7))
    try await client.send(update, key: "/etc/update.key")
    #expect(try tool.arguments() == ["-v", "-t", "7", "-k", "/etc/update.key"])
    #expect(
      try tool.input() == """
        server ::1 5353
        zone x.test.
        prereq nxrrset a.x.test. IN CNAME
        prereq yxrrset a.x.test. IN DNAME b.test.
        update delete a.x.test. IN DNAME b.test.
        update add a.x.test. 60 IN DNAME b.test.
        send

        """)
  }

  @Test("given several changes of a zone → one message with each prerequisite once")
  func severalChanges() throws {
    let soa = try DynamicUpdate.Prerequisite.absent(owner: DomainName("x.test."), type: .cname)
    let parts = try ["a", "b"].map { name in
      try DynamicUpdate(
        zone: DomainName("x.test."),
        prerequisites: [soa, .absent(owner: DomainName("\(name).x.test."), type: .dname)],
        changes: [
          .add(ZoneRecord(owner: DomainName("\(name).x.test."), type: .dname, rdata: "c."), ttl: 1)
        ])
    }
    let whole = try DynamicUpdate(zone: DomainName("x.test."), parts)
    #expect(whole.prerequisites == [soa] + parts.map { $0.prerequisites[1] })
    #expect(whole.changes == parts.flatMap(\.changes))
  }

  @Test(
    "given a configuration → named-checkconf looks at it where named does, and at no zone's file")
  func configuration() async throws {
    let checker = ConfigurationChecker(tool: tool.path)
    _ = try await checker.check("/etc/bind/named.conf")
    #expect(try tool.arguments() == ["/etc/bind/named.conf"])
    #expect(try tool.input() == "")
    _ = try await checker.check("/named.conf", workingDirectory: tool.folder.path)
    #expect(try tool.arguments() == ["/named.conf"])
    #expect(try tool.directory() == tool.folder.path.string)
  }

  @Test("given how named judges a zone → named-checkzone judges it so")
  func zone() async throws {
    let checker = ZoneChecker(tool: tool.path)
    _ = try await checker.check(zone: DomainName("-x.test"), file: "db.x")
    var expected = ["-k", "fail", "-r", "warn", "-m", "warn", "-M", "warn", "-S", "warn"]
    expected += ["-i", "local", "--", "-x.test", "db.x"]
    #expect(try tool.arguments() == expected)

    var strictness = ZoneStrictness()
    strictness.names = .ignore
    strictness.duplicates = .fail
    strictness.mx = .ignore
    strictness.mxToCNAME = .fail
    strictness.srvToCNAME = .ignore
    strictness.checksSiblings = false
    _ = try await checker.check(
      zone: DomainName("x.test"), file: "db.x", strictness: strictness,
      workingDirectory: "/var/named")
    expected = ["-k", "ignore", "-r", "fail", "-m", "ignore", "-M", "fail", "-S", "ignore"]
    expected += ["-i", "local-sibling", "-w", "/var/named", "--", "x.test", "db.x"]
    #expect(try tool.arguments() == expected)
    strictness.checksIntegrity = false
    _ = try await checker.check(zone: DomainName("x.test"), file: "db.x", strictness: strictness)
    #expect(try tool.arguments().contains("none"))
  }

  /// What the records mean is not its business: a zone that named serves must not be refused here.
  @Test("given a zone → named-compilezone writes it, whatever it thinks of it")
  func compiled() async throws {
    let compiler = ZoneCompiler(tool: tool.path)
    let lenient = [
      "-i", "none", "-k", "ignore", "-m", "ignore", "-M", "ignore", "-n", "ignore", "-r", "ignore",
      "-S", "ignore", "-T", "ignore", "-W", "ignore",
    ]
    _ = try await compiler.compile(
      zone: DomainName("x.test"), file: "db.x", into: "/out", workingDirectory: "/var/named")
    #expect(
      try tool.arguments()
        == lenient + ["-f", "text", "-w", "/var/named", "-o", "/out", "--", "x.test", "db.x"])
    _ = try await compiler.compile(
      zone: DomainName("x.test"), file: "db.x", format: "raw", journal: "/var/named/db.x.jnl",
      into: "/out",
      workingDirectory: "/var/named")
    #expect(
      try tool.arguments()
        == lenient + [
          "-f", "raw", "-w", "/var/named", "-o", "/out", "-j", "-J", "/var/named/db.x.jnl", "--",
          "x.test", "db.x",
        ])
  }
}

/// A program that writes down how it was started.
private struct RecordingTool {
  let folder: TemporaryFolder
  let path: FilePath

  init() throws {
    folder = try TemporaryFolder()
    let place = folder.path.string
    path = try folder.write(
      "tool",
      Array(
        """
        #!/bin/sh
        cat > '\(place)/input'
        pwd > '\(place)/directory'
        for argument; do printf '%s\\n' "$argument"; done > '\(place)/arguments'

        """.utf8), mode: [.ownerReadWriteExecute, .groupReadExecute, .otherReadExecute])
  }

  func arguments() throws -> [String] {
    try folder.text("arguments").split(separator: "\n").map(String.init)
  }

  func input() throws -> String { try folder.text("input") }

  func directory() throws -> String {
    String(try folder.text("directory").dropLast())
  }
}
