import DNSNames
import Named
import SystemPackage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct CheckerTests {
  private let folder: TemporaryFolder
  private let tools: NamedTools

  init() throws {
    folder = try TemporaryFolder()
    tools = try NamedTools.locate()
  }

  @Test func aGoodConfigurationIsAccepted() async throws {
    try folder.write("part.conf", "zone \"x.test\" { type primary; file \"/nowhere\"; };\n")
    let file = try folder.write(
      "named.conf", "include \"\(folder.path.appending("part.conf"))\";\n")
    let report = try await ConfigurationChecker(tool: tools.checkconf).check(file)
    #expect(report.isAccepted)
    #expect(report.messages.isEmpty)
  }

  @Test(arguments: [
    ("zone \"x.test\" { type primary; };\n", ":1: zone 'x.test': missing 'file' entry"),
    ("options {\n\tforwarders {; };\n};\n", ":2: expected IP address near ';'"),
    ("zone \"x.test\" {\n", ":2: '}' expected near end of file"),
    ("include \"/nowhere.conf\";\n", "file not found"),
  ])
  func aBadConfigurationIsRefusedWithFileLineAndReason(text: String, words: String) async throws {
    let file = try folder.write("named.conf", text)
    let report = try await ConfigurationChecker(tool: tools.checkconf).check(file)
    #expect(!report.isAccepted)
    let message = try #require(report.messages.first { $0.contains(words) }, "\(report.messages)")
    #expect(message.contains(file.string))
  }

  @Test func aGoodZoneIsAccepted() async throws {
    let file = try folder.write("db.x", ReferenceZones.zoneFile("x.test", serial: 12))
    let report = try await ZoneChecker(tool: tools.checkzone).check(
      zone: DomainName("x.test"), file: file)
    #expect(report.isAccepted)
    #expect(report.messages.contains("zone x.test/IN: loaded serial 12"))
  }

  /// A relative path is taken from named's `directory`, in `$INCLUDE` as well.
  @Test func relativePathsAreTakenFromNamedsDirectory() async throws {
    try folder.write("zones/db.x", ReferenceZones.zoneFile("x.test", "$INCLUDE parts/more"))
    try folder.write("parts/more", "more IN A 192.0.2.1\n")
    let checker = ZoneChecker(tool: tools.checkzone)
    let report = try await checker.check(
      zone: DomainName("x.test"), file: "zones/db.x", workingDirectory: folder.path)
    #expect(report.isAccepted, "\(report.messages)")
    let elsewhere = try await checker.check(
      zone: DomainName("x.test"), file: folder.path.appending("zones/db.x"),
      workingDirectory: folder.path.appending("parts"))
    #expect(!elsewhere.isAccepted)
  }

  @Test(arguments: [
    ("alias IN CNAME a.test.\nalias IN A 192.0.2.1", "CNAME and other data"),
    ("www IN A 192.0.2.256", "bad dotted quad"),
    ("www IN DNAME a.test.\nwww IN DNAME b.test.", "multiple RRs of singleton type"),
    ("@ IN NS missing", "has no address records"),
  ])
  func aBadZoneIsRefusedWithItsReason(records: String, words: String) async throws {
    let file = try folder.write("db.x", ReferenceZones.zoneFile("x.test", records))
    let report = try await ZoneChecker(tool: tools.checkzone).check(
      zone: DomainName("x.test"), file: file)
    #expect(!report.isAccepted)
    #expect(report.messages.contains { $0.contains(words) }, "\(report.messages)")
  }

  /// named itself is asked whether it loads each zone; the checker has to say the same.
  @Test func aZoneIsJudgedAsNamedWould() async throws {
    let cases: [(records: String, statement: String, strictness: ZoneStrictness)] = [
      ("_x IN A 192.0.2.1", "", ZoneStrictness()),
      ("_x IN A 192.0.2.1", "check-names ignore;", .with { $0.names = .ignore }),
      ("@ IN NS missing", "", ZoneStrictness()),
      ("@ IN NS missing", "check-integrity no;", .with { $0.checksIntegrity = false }),
      ("@ IN MX 1 192.0.2.1.", "", ZoneStrictness()),
      ("@ IN MX 1 192.0.2.1.", "check-mx fail;", .with { $0.mx = .fail }),
      ("@ IN MX 1 c\nc IN CNAME ns", "", ZoneStrictness()),
      ("@ IN MX 1 c\nc IN CNAME ns", "check-mx-cname fail;", .with { $0.mxToCNAME = .fail }),
      ("_s._t IN SRV 1 1 1 c\nc IN CNAME ns", "", ZoneStrictness()),
      (
        "_s._t IN SRV 1 1 1 c\nc IN CNAME ns", "check-srv-cname fail;",
        .with { $0.srvToCNAME = .fail }
      ),
      ("a IN MX 1 ns\na IN MX 1 NS", "check-dup-records fail;", .with { $0.duplicates = .fail }),
      ("a IN MX 1 ns\na IN MX 1 NS", "", ZoneStrictness()),
      ("a IN NS ns.b\nb IN NS ns.b", "", ZoneStrictness()),
      ("a IN NS ns.b\nb IN NS ns.b", "check-sibling no;", .with { $0.checksSiblings = false }),
    ]
    let zones = cases.enumerated().map { index, zone in
      "zone \"z\(index).test\" { type primary; file \"db.\(index)\"; \(zone.statement) };\n"
    }
    let files = cases.enumerated().map { index, zone in
      ("db.\(index)", ReferenceZones.zoneFile("z\(index).test", zone.records))
    }
    let setup = NamedSetup(
      local: zones.joined(), files: Dictionary(files, uniquingKeysWith: { $1 }))
    try await withNamed(setup) { named in
      var verdicts: [Bool] = []
      for (index, zone) in cases.enumerated() {
        let report = try await ZoneChecker(tool: tools.checkzone).check(
          zone: DomainName("z\(index).test"), file: named.folder.path.appending("db.\(index)"),
          strictness: zone.strictness)
        let status = try await named.rndc("zonestatus", "z\(index).test")
        #expect(
          report.isAccepted == (status.status == 0), "\(zone) \(report.messages) \(status)")
        verdicts.append(report.isAccepted)
      }
      #expect(verdicts.contains(true) && verdicts.contains(false))
    }
  }

  /// Addresses of hosts elsewhere are not looked up: named does not, and there may be no network.
  ///
  /// That a name is none of a host, the resolver says without asking anybody.
  @Test func nothingIsAskedOverTheNetwork() async throws {
    let file = try folder.write(
      "db.x", ReferenceZones.zoneFile("x.test", "@ IN MX 1 -mx.elsewhere.example."))
    var strictness = ZoneStrictness()
    strictness.names = .ignore
    let report = try await ZoneChecker(tool: tools.checkzone)
      .check(zone: DomainName("x.test"), file: file, strictness: strictness)
    #expect(report.isAccepted)
    #expect(!report.messages.contains { $0.contains("has no addresses") }, "\(report.messages)")
  }

  /// A checker may say a great deal; it must neither be waited for in vain nor fill the memory.
  @Test func endlessOutputIsCutOff() async throws {
    let tool = try script("yes error | head -c 3000000; exit 1")
    let report = try await ConfigurationChecker(tool: tool).check("/dev/null")
    #expect(!report.isAccepted)
    #expect(report.messages.count == 64 * 1024 / "error\n".utf8.count + 1)
  }

  @Test func aCheckerThatHangsIsStopped() async throws {
    let tool = try script("trap '' TERM; echo $$ > \(folder.path)/pid; exec sleep 1000")
    let limit = Duration.milliseconds(500)
    let began = ContinuousClock.now
    await #expect(throws: ToolError.timedOut(tool, after: limit)) {
      try await ConfigurationChecker(tool: tool, timeout: limit).check("/dev/null")
    }
    #expect(ContinuousClock.now - began < limit * 18)
    let pid = try folder.text("pid").split(separator: "\n")[0]
    #expect(throws: Errno.noSuchFileOrDirectory) { try FilePath("/proc/\(pid)").stat() }
  }

  /// Something that it started holds its output open; what it said is there all the same.
  @Test(.timeLimit(.minutes(1)))
  func whatACheckerLeavesBehindIsNotWaitedFor() async throws {
    let tool = try script("sleep 1000 & echo $! > \(folder.path)/pid; echo said")
    let report = try await ConfigurationChecker(tool: tool).check("/dev/null")
    #expect(report == CheckReport(isAccepted: true, messages: ["said"]))
    _ = try await run("kill", arguments: [try folder.text("pid").split(separator: "\n").joined()])
  }

  @Test func aCheckerThatCrashesIsNoRefusal() async throws {
    let tool = try script("kill -SEGV $$")
    await #expect(throws: ToolError.killed(tool, signal: 11)) {
      try await ConfigurationChecker(tool: tool).check("/dev/null")
    }
  }

  @Test func toStopZonebridgeStopsTheChecker() async throws {
    let tool = try script("exec sleep 1000")
    let task = Task { try await ConfigurationChecker(tool: tool).check("/dev/null") }
    task.cancel()
    await #expect(throws: ToolError.cancelled(tool)) { try await task.value }
  }

  /// Its messages are read by machines and by operators abroad alike.
  @Test func checkersSpeakEnglishAndSeeNothingOfTheEnvironment() async throws {
    let tool = try script("env")
    let report = try await ConfigurationChecker(tool: tool).check("/dev/null")
    let names = Set(report.messages.compactMap { $0.split(separator: "=").first.map(String.init) })
    #expect(report.messages.contains("LC_ALL=C"))
    // The shell adds some of its own.
    #expect(names.subtracting(["LC_ALL", "PATH", "PWD", "OLDPWD", "SHLVL", "_"]).isEmpty)
  }

  private func script(_ text: String) throws -> FilePath {
    try folder.write(
      "tool", Array("#!/bin/sh\n\(text)\n".utf8),
      mode: [.ownerReadWriteExecute, .groupReadExecute, .otherReadExecute])
  }
}

@Suite(.timeLimit(.minutes(5))) struct NamedToolsTests {
  @Test func theyAreFoundWhereDebianPutsThem() throws {
    let tools = try NamedTools.locate()
    #expect(tools.rndc == "/usr/sbin/rndc")
    #expect(tools.checkconf.lastComponent == "named-checkconf")
    #expect(tools.checkzone.lastComponent == "named-checkzone")
  }

  @Test func whatIsMissingIsNamedWithItsPackage() throws {
    let folder = try TemporaryFolder()
    try folder.write(
      "named-checkconf", [], mode: [.ownerReadExecute, .groupReadExecute, .otherReadExecute])
    // It is there, and cannot be run.
    try folder.write("named-checkzone", "")
    let error = #expect(throws: MissingToolError.self) { try NamedTools.locate(in: [folder.path]) }
    #expect(error?.name == "named-checkzone")
    #expect(error?.description.contains("bind9-utils") == true)
  }
}

extension ZoneStrictness {
  fileprivate static func with(_ change: (inout ZoneStrictness) -> Void) -> ZoneStrictness {
    var strictness = ZoneStrictness()
    change(&strictness)
    return strictness
  }
}
