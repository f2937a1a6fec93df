import TestSupport
import Testing

@Suite("Many passes at once", .serialized, .timeLimit(.minutes(5)))
struct CrowdTests {
  @Test("one changes the files, the others find them changed, or give up waiting")
  func ten() async throws {
    try await withHost { host in
      let results = try await withThrowingTaskGroup(of: ProgramResult.self) { group in
        for number in 0..<10 {
          group.addTask {
            number < 8
              ? try await host.zonebridge("--once")
              : try await host.zonebridge("--once", "--wait", "0")
          }
        }
        var results: [ProgramResult] = []
        for try await result in group { results.append(result) }
        return results
      }
      #expect(results.allSatisfy { [0, 75].contains($0.status) }, "\(results)")
      #expect(results.count { $0.status == 0 } >= 8)
      #expect(results.count { $0.standardOutput.contains("changed") } == 1, "\(results)")
      #expect(host.changingCommands().count { $0.contains("'reconfig'") } == 1)
      #expect(try await host.answer("web.marathon.cluster.contoso.com").last == "10.0.0.80")
    }
  }
}
