import DNSNames
import Named
import SystemPackage
import TestSupport
import Testing

/// BIND's clients end sooner where all their threads take turns.
@Suite("Programs on one processor", .timeLimit(.minutes(1)))
struct OneProcessorTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// An rndc that goes on once it may run on one processor only, takes that down, and waits for others to do the same.
  private func control(waitingFor count: Int) throws -> RemoteControl {
    let seen = folder.path.appending("seen")
    let tool = try folder.write(
      "rndc",
      Array(
        """
        #!/bin/sh
        allowed() { sed -n 's/^Cpus_allowed_list:[[:space:]]*//p' /proc/self/status; }
        until allowed | grep -qx '[0-9]*'; do sleep 0.02; done
        allowed >>\(seen)
        until [ "$(wc -l <\(seen))" -ge \(count) ]; do sleep 0.02; done

        """.utf8), mode: [.ownerReadWriteExecute, .groupReadExecute, .otherReadExecute])
    return RemoteControl(tool: tool)
  }

  private var seen: [Substring] {
    get throws { try folder.text("seen").split(separator: "\n") }
  }

  @Test("rndc → it may run on one of the processors") func one() async throws {
    let control = try control(waitingFor: 1)
    for _ in 1...3 { _ = try await control.status() }
    #expect(try seen.count == 3)
  }

  @Test("two at a time → each has a processor for itself, where there are two")
  func two() async throws {
    let control = try control(waitingFor: 2)
    async let first = control.status()
    async let second = control.status()
    _ = try await (first, second)
    let processors = Set(try seen).count
    // Those that this process may use.
    let allowed = try #require(Int(try await run("nproc").standardOutput.filter(\.isNumber)))
    #expect(processors == min(2, allowed))
  }
}
