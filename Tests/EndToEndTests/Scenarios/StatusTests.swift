import Foundation
import SystemPackage
import TestSupport
import Testing

@Suite("zonebridge status without an agent", .timeLimit(.minutes(5)))
struct StatusTests {
  /// The program, with what the last pass left in the state directory.
  private func status(
    _ record: String?, _ arguments: String..., in folder: TemporaryFolder
  ) async throws -> ProgramResult {
    if let record { try folder.write("state/status.json", record) }
    return try await run(
      try Host.program().string,
      arguments: ["status", "--state-directory", "\(folder.path)/state"] + arguments)
  }

  private func record(
    _ result: String, age: Int64 = 12, problem: String? = nil
  ) -> String {
    let time = Int64(Date.now.timeIntervalSince1970) - age
    let problems = problem.map {
      #"{"severity": "\#($0)", "subject": "cluster prod", "reason": "why", "cure": "Do this"}"#
    }
    return """
      {"counters": {"passes": {}, "seconds": 0, "changes": 0, "putBacks": 0, "files": 0, "bytes": 0,
        "commands": 0, "updates": 0},
       "pass": {"result": "\(result)", "time": \(time), "duration": 0.5, "steps": {}, "clusters": [],
        "aliases": [], "zones": [], "files": [], "problems": [\(problems ?? "")], "reloadDebt": [],
        "notes": []}}
      """
  }

  @Test("The exit status says what the last pass came to.") func exitStatuses() async throws {
    try await withTemporaryFolder { folder in
      let unknown = try await status(nil, in: folder)
      #expect(unknown.status == 1)
      #expect(unknown.standardOutput == "unknown: no pass has ended yet\n  no agent is running\n")
      let inSync = try await status(record("in-sync"), in: folder)
      #expect(inSync.status == 0 && inSync.standardOutput.hasPrefix("in sync, as of "))
      #expect(inSync.standardError.isEmpty)
      #expect(try await status(record("applied"), in: folder).status == 0)
      let held = try await status(record("held", problem: "held"), in: folder)
      #expect(
        held.status == 3 && held.standardOutput.contains("\nheld: cluster prod: why\n  Do this\n"))
      #expect(try await status(record("failed", problem: "failed"), in: folder).status == 1)
      #expect(try folder.names(in: "state") == ["status.json"])
    }
  }

  @Test("What is old says nothing any more.") func stale() async throws {
    try await withTemporaryFolder { folder in
      let old = record("in-sync", age: 3700)
      let stale = try await status(old, in: folder)
      #expect(stale.status == 1 && stale.standardOutput.hasPrefix("stale: "))
      #expect(try await status(old, "--max-age", "120", in: folder).status == 0)
      #expect(try await status(old, "--max-age", "0", in: folder).status == 64)
    }
  }

  @Test("--json prints one document.") func json() async throws {
    try await withTemporaryFolder { folder in
      let result = try await status(record("held", problem: "held"), "--json", in: folder)
      #expect(result.status == 3 && result.standardError.isEmpty)
      let json = try JSONSerialization.jsonObject(with: Data(result.standardOutput.utf8))
      let document = try #require(json as? [String: Any])
      #expect(document["state"] as? String == "held")
      #expect(document["source"] as? String == "state")
      #expect(document["agent"] == nil)
    }
  }

  @Test("The configuration says where the state is; if it is wrong, its mistakes are reported.")
  func configuration() async throws {
    try await withTemporaryFolder { folder in
      try folder.write("state/status.json", record("in-sync"))
      let file = try folder.write("z.yaml", "clusters: []\nstate-directory: state\n")
      let program = try Host.program().string
      let right = try await run(program, arguments: ["--config", file.string, "status"])
      #expect(right.status == 0)
      try folder.write("z.yaml", "clusters: []\nstate-directory: [state]\n")
      let wrong = try await run(program, arguments: ["--config", file.string, "status"])
      #expect(wrong.status == 78 && wrong.standardError.contains("z.yaml:2: state-directory: "))
      #expect(wrong.standardOutput.isEmpty)

      // An agent runs on with the configuration it has: what is known of it is shown beside the mistake.
      try folder.write("z.yaml", "clusters: none\nstate-directory: state\n")
      let beside = try await run(program, arguments: ["--config", file.string, "status"])
      #expect(beside.status == 78 && beside.standardError.contains("z.yaml:1: clusters: "))
      #expect(beside.standardOutput.hasPrefix("in sync, as of "))
    }
  }

  @Test("--watch → what is known, and again once it changes, until it is interrupted")
  func watch() async throws {
    try await withTemporaryFolder { folder in
      try folder.write("state/status.json", record("in-sync", age: 7_000))
      let watching = try BackgroundProcess(
        Host.program().string,
        arguments: [
          "status", "--watch", "--max-age", "120", "--state-directory", "\(folder.path)/state",
        ],
        log: folder.path.appending("log"))
      try await eventually("the state; \(watching.output)") {
        watching.output.contains("in sync, as of 11")
      }
      try folder.write("state/status.json", record("held", problem: "held"))
      try await eventually("the new state; \(watching.output)") {
        watching.output.contains("\n\nheld: 1 change waits")
      }
      _ = try await watching.stop()
    }
  }
}
