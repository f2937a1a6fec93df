import DCOS
import Glibc
import TestSupport
import Testing

/// Hosts that are there and do not behave as a web server.
@Suite("Hosts that are no masters", .timeLimit(.minutes(3)))
struct SilentHostTests {
  @Test func aHostThatTakesNoConnectionIsGivenUp() async throws {
    let listener = try Listener(backlog: 0)
    // What fills the queue of a listener that never accepts; Linux drops what comes after.
    let queued = (0..<4).map { _ in listener.connectWithoutWaiting() }
    let reports = try await observe(
      ["http://127.0.0.1:\(listener.port)"], connectTimeout: .milliseconds(500))
    #expect(reports[0].idReason == .unreachable(.timedOut))
    #expect(reports[0].membersReason == .unreachable(.timedOut))
    #expect(reports[0].fallbackReason == nil)
    for descriptor in queued {
      close(descriptor)
    }
  }

  @Test func aHostThatDoesNotAnswerTheHandshakeIsGivenUp() async throws {
    let listener = try Listener(backlog: 16)
    let reports = try await observe(
      ["https://127.0.0.1:\(listener.port)"], connectTimeout: .milliseconds(500))
    #expect(reports[0].idReason == .unreachable(.timedOut))
  }

  @Test func whatDoesNotSpeakHTTPIsToldAsSuch() async throws {
    let listener = try Listener(backlog: 16)
    async let reports = observe(["http://127.0.0.1:\(listener.port)"])
    var greeted: [CInt] = []
    try await eventually("both questions are there") {
      if let descriptor = listener.acceptWithoutWaiting() {
        let greeting = Array("SSH-2.0-OpenSSH_9.2p1\r\n".utf8)
        _ = unsafe write(descriptor, greeting, greeting.count)
        greeted.append(descriptor)
      }
      return greeted.count == 2
    }
    #expect(try await reports[0].idReason == .notHTTP)
    for descriptor in greeted {
      close(descriptor)
    }
  }
}

/// A TCP port of 127.0.0.1 at which nobody accepts unless told to.
private final class Listener: Sendable {
  let port: UInt16
  private let descriptor: CInt

  init(backlog: CInt) throws {
    port = try freePort()
    descriptor = try boundSocket(SOCK_STREAM, port: port)
    guard listen(descriptor, backlog) == 0,
      fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK) == 0
    else {
      throw SystemCallFailure("listen")
    }
  }

  deinit {
    close(descriptor)
  }

  func acceptWithoutWaiting() -> CInt? {
    let accepted = accept(descriptor, nil, nil)
    return accepted < 0 ? nil : accepted
  }

  func connectWithoutWaiting() -> CInt {
    let client = socket(
      AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_NONBLOCK.rawValue), 0)
    _ = connectSocket(client, to: "127.0.0.1", port)
    return client
  }
}
