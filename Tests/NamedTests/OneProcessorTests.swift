import DNSNames
import SystemPackage
import TestSupport
import Testing

@testable import Named

/// BIND's clients end sooner where all their threads take turns.
@Suite("Programs on one processor", .timeLimit(.minutes(1)))
struct OneProcessorTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// An rndc that goes on once it may run on one processor only, among batch jobs, takes that down, and waits for others
  /// to do the same.
  private func control(waitingFor count: Int) throws -> RemoteControl {
    let seen = folder.path.appending("seen")
    let tool = try folder.write(
      "rndc",
      Array(
        """
        #!/bin/sh
        allowed() { sed -n 's/^Cpus_allowed_list:[[:space:]]*//p' /proc/self/status; }
        until allowed | grep -qx '[0-9]*'; do sleep 0.02; done
        # The class is the 41st field (proc(5)); SCHED_BATCH is 3.
        until [ "$(cut -d ' ' -f 41 /proc/self/stat)" = 3 ]; do sleep 0.02; done
        allowed >>\(seen)
        until [ "$(wc -l <\(seen))" -ge \(count) ]; do sleep 0.02; done

        """.utf8), mode: [.ownerReadWriteExecute, .groupReadExecute, .otherReadExecute])
    return RemoteControl(tool: tool)
  }

  private var seen: [Substring] {
    get throws { try folder.text("seen").split(separator: "\n") }
  }

  @Test("rndc → it may run on one of the processors, among batch jobs") func one() async throws {
    let control = try control(waitingFor: 1)
    for _ in 1...3 { _ = try await control.status() }
    #expect(try seen.count == 3)
  }

  @Test(
    "others run on some of them → the one with the fewest, and among equals this thread's own",
    arguments: [
      ([0, 1], [:], 1, 1), ([0, 1], [1: 1], 1, 0), ([0, 1], [0: 1, 1: 1], 1, 1),
      ([2, 5, 7], [2: 1, 5: 2], 0, 7), ([2, 5, 7], [:], 0, 2),
    ] as [([Int], [Int: Int], Int, Int)])
  func choice(allowed: [Int], taken: [Int: Int], own: Int, expected: Int) {
    #expect(OneProcessor.choice(among: allowed, taken, own: own) == expected)
  }
}
