import DNSNames
import SystemPackage
import TestSupport
import Testing

@testable import Named

/// A program that hangs must not keep a pass from its end, nor stay behind when it is given up.
@Suite("Programs that hang, crash or are not there", .timeLimit(.minutes(1)))
struct HangingToolTests {
  private let folder: TemporaryFolder
  private let limit = Duration.milliseconds(500)

  init() throws { folder = try TemporaryFolder() }

  enum Program: CaseIterable { case checkconf, checkzone, compilezone, rndc, nsupdate, version }

  /// What starting the program came to: nil for success.
  private func failure(
    of program: Program, at tool: FilePath, within limit: Duration
  ) async throws -> (any Error)? {
    do {
      switch program {
      case .checkconf: _ = try await ConfigurationChecker(tool: tool, timeout: limit).check("/x")
      case .checkzone:
        _ = try await ZoneChecker(tool: tool, timeout: limit).check(
          zone: try DomainName("x."), file: "/x")
      case .compilezone:
        _ = try await ZoneCompiler(tool: tool, timeout: limit).compile(
          zone: try DomainName("x."), file: "/x", into: "/x", workingDirectory: "/")
      case .rndc: _ = try await RemoteControl(tool: tool, timeout: limit).status()
      case .nsupdate:
        // Its own deadline is nsupdate's to keep; what is waited beyond that is ours.
        let client = UpdateClient(
          tool: tool, server: try Endpoint(host: "127.0.0.1", port: 53), timeout: .zero,
          margin: limit)
        try await client.send(DynamicUpdate(zone: try DomainName("x.")), key: "/x")
      case .version: _ = try await BINDVersion.of(tool, timeout: limit)
      }
      return nil
    } catch {
      return error
    }
  }

  private func toolFailure(_ error: (any Error)?, of program: Program) -> ToolError? {
    switch (program, error) {
    case (.rndc, let error as RemoteControlError):
      if case .tool(let failure) = error { failure } else { nil }
    case (.nsupdate, let error as UpdateError):
      if case .tool(let failure) = error { failure } else { nil }
    default: error as? ToolError
    }
  }

  private func script(_ text: String) throws -> FilePath {
    try folder.write(
      "tool", Array("#!/bin/sh\n\(text)\n".utf8),
      mode: [.ownerReadWriteExecute, .groupReadExecute, .otherReadExecute])
  }

  private func expectGone(_ file: String) throws {
    let pid = try folder.text(file).split(separator: "\n")[0]
    #expect(throws: Errno.noSuchFileOrDirectory) { try FilePath("/proc/\(pid)").stat() }
  }

  @Test(
    "given a program that hangs, deaf to SIGTERM → it is given up in time, and gone",
    arguments: Program.allCases)
  func hangs(program: Program) async throws {
    let tool = try script("trap '' TERM; echo $$ > \(folder.path)/pid; exec sleep 1000")
    let begun = ContinuousClock.now
    let error = try await failure(of: program, at: tool, within: limit)
    #expect(ContinuousClock.now - begun < .seconds(20))
    if program == .rndc {
      #expect(error as? RemoteControlError == .timedOut(command: "status", after: limit))
    } else {
      #expect(toolFailure(error, of: program) == .timedOut(tool, after: limit))
    }
    try expectGone("pid")
  }

  /// It holds the pipes that the program's words come through.
  @Test(
    "given a program that hangs, with a child that hangs too → it is given up in time",
    arguments: [Program.checkconf, .rndc, .nsupdate])
  func hangsWithChild(program: Program) async throws {
    let tool = try script(
      "sleep 1000 & echo $! > \(folder.path)/child; echo $$ > \(folder.path)/pid; exec sleep 1000")
    let begun = ContinuousClock.now
    let error = try await failure(of: program, at: tool, within: limit)
    #expect(ContinuousClock.now - begun < .seconds(20))
    #expect("\(try #require(error))".contains("0.5 seconds"))
    try expectGone("pid")
    let child = try folder.text("child").split(separator: "\n").joined()
    _ = try await run("kill", arguments: [child])
  }

  @Test(
    "given a program that ends, with a child that goes on → what it said is there at once",
    arguments: [Program.checkconf, .rndc, .nsupdate])
  func leavesChild(program: Program) async throws {
    let tool = try script("sleep 1000 & echo $! > \(folder.path)/child; exit 0")
    let error = try await failure(of: program, at: tool, within: .seconds(50))
    #expect(error == nil)
    let child = try folder.text("child").split(separator: "\n").joined()
    _ = try await run("kill", arguments: [child])
  }

  @Test(
    "given a program that crashes → that is reported, and is no judgement",
    arguments: Program.allCases)
  func crashes(program: Program) async throws {
    let tool = try script("kill -SEGV $$")
    let error = try await failure(of: program, at: tool, within: .seconds(20))
    #expect(toolFailure(error, of: program) == .killed(tool, signal: 11))
    #expect("\(try #require(error))" == "\(tool) was ended by signal 11")
  }

  @Test(
    "given no such program, or none that may be run → its path is reported",
    arguments: Program.allCases
  )
  func missing(program: Program) async throws {
    let plain = try folder.write("plain", "no program\n")
    for tool in [folder.path.appending("missing"), plain] {
      let error = try await failure(of: program, at: tool, within: .seconds(20))
      guard case .notStarted(tool, _) = toolFailure(error, of: program) else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect("\(try #require(error))".hasPrefix("cannot start \(tool): "))
    }
  }

  @Test(
    "given that zonebridge is to stop → the program is stopped, and that is no failure of its own",
    arguments: Program.allCases)
  func cancelled(program: Program) async throws {
    let tool = try script("echo $$ > \(folder.path)/pid; exec sleep 1000")
    let task = Task { try await failure(of: program, at: tool, within: .seconds(50)) }
    try await eventually("it runs") { (try? folder.text("pid").isEmpty) == false }
    task.cancel()
    let error = try await task.value
    #expect(toolFailure(error, of: program) == .cancelled(tool))
    try expectGone("pid")
  }

  @Test("given endless words on standard error → they are cut off, and the status counts")
  func endlessErrors() async throws {
    let tool = try script("yes error | head -c 3000000 >&2; exit 3")
    let result = try await ToolRunner(tool: tool, timeout: .seconds(50)).run([])
    #expect(result.status == 3)
    #expect(result.standardOutput == "")
    #expect(result.standardError.utf8.count == ToolRunner.outputLimit)
  }

  /// In a process of its own, in which nobody has seen to that before.
  @Test("given a program that does not read its input → its status counts, and we live on")
  func unreadInput() async throws {
    let tool = try script("exec 0<&-; exit 4")
    await #expect(processExitsWith: .success) { [path = tool.string as String] in
      for size in [10, 1 << 20] {
        let result = try await ToolRunner(tool: FilePath(path), timeout: .seconds(50))
          .run([], input: [UInt8](repeating: 10, count: size))
        #expect(result.status == 4)
      }
    }
  }

  @Test("given a working folder that does not exist → that is reported")
  func noFolder() async throws {
    let tool = try script("exit 0")
    let runner = ToolRunner(
      tool: tool, timeout: .seconds(20), workingDirectory: folder.path.appending("missing"))
    let error = await #expect(throws: ToolError.self) { _ = try await runner.run([]) }
    guard case .notStarted(tool, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test("given words that are not UTF-8 → the readable part is read")
  func otherBytes() async throws {
    let tool = try script("printf 'a\\377b\\n'; exit 1")
    let report = try await ConfigurationChecker(tool: tool).check("/x")
    #expect(report == CheckReport(isAccepted: false, messages: ["a\u{fffd}b"]))
  }
}

@Suite("Where BIND's programs are found", .timeLimit(.minutes(5)))
struct ToolSearchTests {
  private static let names = [
    ("named-checkconf", "bind9-utils"), ("named-checkzone", "bind9-utils"),
    ("named-compilezone", "bind9-utils"), ("rndc", "bind9-utils"), ("nsupdate", "bind9-dnsutils"),
  ]

  private func folder(without missing: String) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for (name, _) in Self.names where name != missing {
      try folder.write(name, [], mode: [.ownerReadExecute, .groupReadExecute, .otherReadExecute])
    }
    return folder
  }

  /// Only dynamic zones need nsupdate: without it the others are kept all the same.
  @Test(
    "given a program that is missing → it is reported with its package, and nsupdate when it is needed"
  )
  func missing() throws {
    for (name, package) in Self.names {
      let folder = try folder(without: name)
      let expected = MissingToolError(
        name: name, debianPackage: package, directories: [folder.path])
      if name == "nsupdate" {
        let tools = try NamedTools.locate(in: [folder.path])
        #expect(tools.nsupdate == .failure(expected))
        #expect(tools.rndc == folder.path.appending("rndc"))
      } else {
        #expect(throws: expected) { try NamedTools.locate(in: [folder.path]) }
      }
      #expect(expected.description.hasPrefix("\(name) was not found in \(folder.path); install"))
      #expect(expected.description.contains("apt install \(package);"))
    }
  }

  @Test("given a folder of the configuration → the two halves of its installation, and no other")
  func configured() throws {
    let root = try TemporaryFolder()
    #expect(
      NamedTools.places(of: "/opt/bind/sbin") == ["/opt/bind/sbin", "/opt/bind/bin"])
    #expect(NamedTools.places(of: "/opt/bind") == ["/opt/bind", "/opt/bind/sbin", "/opt/bind/bin"])
    for (name, _) in Self.names {
      let half = name == "rndc" ? "sbin" : "bin"
      try root.write(
        "\(half)/\(name)", [], mode: [.ownerReadExecute, .groupReadExecute, .otherReadExecute])
    }
    let sbin = root.path.appending("sbin")
    let tools = try NamedTools.locate(sbin)
    #expect(tools.rndc == sbin.appending("rndc"))
    #expect(tools.checkconf == root.path.appending("bin/named-checkconf"))
    let error = #expect(throws: MissingToolError.self) {
      try NamedTools.locate(root.path.appending("nothing"))
    }
    #expect(error?.remedy?.contains("bind.tools") == true, "not what a package brings")
  }

  @Test("PATH → its absolute folders beside the usual ones, in its order")
  func path() {
    #expect(
      NamedTools.directories(inPath: "/opt/isc/sbin:bin::/usr/bin:.:/opt/a")
        == ["/opt/isc/sbin", "/opt/a"])
    #expect(NamedTools.directories(inPath: "") == [])
  }

  @Test("given a program in two folders → that of the first is taken")
  func first() throws {
    let folders = [try folder(without: "rndc"), try folder(without: ""), try folder(without: "")]
    let tools = try NamedTools.locate(in: folders.map(\.path))
    #expect(tools.checkconf == folders[0].path.appending("named-checkconf"))
    #expect(tools.rndc == folders[1].path.appending("rndc"))
  }
}
