import Glibc
import Reconcile
import ReconcileModel
import SystemPackage
import TestSupport
import Testing

@testable import zonebridge

/// The socket in the state directory, by which `status` asks the agent.
@Suite(.timeLimit(.minutes(2))) struct AgentSocketTests {
  private func withAgent(
    in folder: TemporaryFolder, _ status: AgentStatus = .inSync,
    _ body: (FilePath) async throws -> Void
  ) async throws {
    let directory = folder.path.appending("state")
    let server = StatusServer(at: [.socket(UnixSocket.ofAgent(in: directory))]) { status }
    #expect(await server.start() == [])
    do {
      try await body(directory)
    } catch {
      await server.stop()
      throw error
    }
    await server.stop()
  }

  private func report(in directory: FilePath) async -> StatusReport {
    await StatusCommand.report(in: directory, maxAge: 3600)
  }

  @Test func theAgentIsAsked() async throws {
    try await withTemporaryFolder { folder in
      try await withAgent(in: folder) { directory in
        try AgentRecord(pass: PassRecord(result: .failed, time: 1, duration: 1)).write(
          in: StateDirectory(directory))
        let report = await report(in: directory)
        #expect(report.source == .agent)
        #expect(report.status == .inSync)
        #expect(report.trouble == nil)
        #expect(report.state == .inSync)
        let socket = try UnixSocket.ofAgent(in: directory).stat()
        #expect(socket.permissions.rawValue & 0o777 == 0o666)
        #expect(try directory.stat().permissions.rawValue & 0o777 == 0o700)
      }
      #expect(try folder.names(in: "state") == ["status.json"])
    }
  }

  @Test func withoutAnAgentItIsWhatTheLastPassLeft() async throws {
    try await withTemporaryFolder { folder in
      let directory = folder.path.appending("state")
      try await withAgent(in: folder) { _ in }
      let nothing = await report(in: directory)
      #expect(nothing.state == .unknown && nothing.trouble == nil && nothing.source == .state)
      let record = AgentRecord(
        pass: PassRecord(result: .inSync, time: Int64(time(nil)), duration: 1))
      try record.write(in: StateDirectory(directory))
      let report = await report(in: directory)
      #expect(report.state == .inSync && report.trouble == nil && report.source == .state)
      #expect(report.status.record == record && report.status.agent == nil)
    }
  }

  @Test("given a directory that others may write to → neither who listens nor what is there counts")
  func planted() async throws {
    try await withTemporaryFolder { folder in
      try await withAgent(in: folder) { directory in
        try AgentRecord(
          pass: PassRecord(result: .inSync, time: Int64(time(nil)), duration: 1)
        ).write(in: StateDirectory(directory))
        #expect(await report(in: directory).state == .inSync)
        for mode in [0o777, 0o730] as [mode_t] {
          try #require(unsafe chmod(directory.string, mode) == 0)
          let report = await report(in: directory)
          #expect(report.state == .unknown)
          #expect(report.status.agent == nil && report.status.record == nil)
          #expect(report.trouble?.remedy.contains("chmod go-w \(directory)") == true)
        }
      }
    }
  }

  @Test("A socket that a killed agent left is in nobody's way.") func dead() async throws {
    try await withTemporaryFolder { folder in
      let directory = folder.path.appending("state")
      try folder.write("state/x", "")
      let socket = UnixSocket.ofAgent(in: directory)
      close(try UnixSocket.listen(at: socket))
      #expect(UnixSocket.state(of: socket) == .dead)
      let report = await report(in: directory)
      #expect(report.state == .unknown && report.trouble == nil)
      try await withAgent(in: folder) { directory in
        #expect(await self.report(in: directory).state == .inSync)
      }
      #expect(UnixSocket.state(of: socket) == .absent)
    }
  }

  @Test("A living agent keeps its socket, and a file that is none stays.") func taken() async throws
  {
    try await withTemporaryFolder { folder in
      try await withAgent(in: folder) { directory in
        let socket = UnixSocket.ofAgent(in: directory)
        let second = StatusServer(at: [.socket(socket)]) { .starting }
        let errors = await second.start()
        #expect(errors.count == 1 && "\(errors)".contains("another agent answers there"))
        await second.stop()
        #expect(await self.report(in: directory).status == .inSync)
      }
      let file = try folder.write("state/agent.socket", "mine\n")
      let server = StatusServer(at: [.socket(file)]) { .starting }
      #expect("\(await server.start())".contains("is not a socket"))
      #expect(try folder.text("state/agent.socket") == "mine\n")
    }
  }

  @Test("One that was replaced meanwhile is not taken away.") func replaced() async throws {
    try await withTemporaryFolder { folder in
      let socket = folder.path.appending("agent.socket")
      let server = StatusServer(at: [.socket(socket)]) { .inSync }
      #expect(await server.start() == [])
      try removeFile(socket)
      let other = try UnixSocket.listen(at: socket)
      await server.stop()
      #expect(UnixSocket.state(of: socket) == .listening)
      close(other)
    }
  }

  @Test("An agent that does not answer is hung, whatever the last pass left.") func silent()
    async throws
  {
    try await withTemporaryFolder { folder in
      let directory = folder.path
      let listener = try UnixSocket.listen(at: UnixSocket.ofAgent(in: directory))
      defer { close(listener) }
      let record = AgentRecord(
        pass: PassRecord(result: .inSync, time: Int64(time(nil)), duration: 1))
      try record.write(in: StateDirectory(directory))
      let report = await report(in: directory)
      #expect(report.state == .hung && report.source == .state)
      #expect(report.status.record == record)
      #expect(report.trouble?.reason.contains("does not answer") == true)
      #expect(StatusText(report).text.hasPrefix("hung: "))
    }
  }

  @Test(
    "What another version wrote is told.",
    arguments: [
      "", "{", "[]", #"{"pass":{}}"#, #"{"pass":{"result":"unheard-of","time":1,"duration":1}}"#,
    ])
  func strangeRecord(_ text: String) async throws {
    try await withTemporaryFolder { folder in
      try folder.write("status.json", text)
      let report = await report(in: folder.path)
      #expect(report.state == .unknown)
      #expect(
        report.trouble?.reason.contains("status.json was not written by this version") == true)
    }
  }

  @Test("What a newer version adds is overlooked.") func newerRecord() async throws {
    try await withTemporaryFolder { folder in
      var status = AgentStatus.inSync
      status.record?.pass.time = Int64(time(nil))
      try #require(status.record).write(in: StateDirectory(folder.path))
      let text = try folder.text("status.json")
        .replacing(
          "\"pass\" : {", with: "\"novelty\" : [1],\n  \"pass\" : {\n \"more\" : {\"a\" : 1},")
      #expect(text.contains("novelty") && text.contains("more"))
      try folder.write("status.json", text)
      let report = await report(in: folder.path)
      #expect(report.state == .inSync && report.status.record == status.record)
    }
  }

  @Test("A path that no socket can have is reported.") func longPath() async throws {
    try await withTemporaryFolder { folder in
      let directory = folder.path.appending(String(repeating: "x", count: 100))
      let server = StatusServer(at: [.socket(UnixSocket.ofAgent(in: directory))]) { .inSync }
      #expect("\(await server.start())".contains("107 bytes"))
      #expect(await report(in: directory).state == .unknown)
    }
  }
}
