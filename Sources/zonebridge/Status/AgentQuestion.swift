import AsyncHTTPClient
import FoundationEssentials
import NIOCore
import NIOHTTP1
import Reconcile
import SystemPackage

/// What came of asking the agent that has a state directory.
enum AgentAnswer {
  case status(AgentStatus)
  /// Nobody listens.
  case none
  /// Somebody listens and does not answer in time.
  case silent
  /// The answer is not one that this version understands, as of an agent that was started before an update.
  case strange(String)
  /// It cannot be asked.
  case refused(Errno)
}

/// The question that `status` asks of the agent, over its socket in the state directory.
struct AgentQuestion {
  /// A status with 500 clusters has half a megabyte.
  private static let limit = 16 << 20

  let socket: FilePath
  /// An agent answers at once, whatever its passes do.
  var patience = Duration.seconds(3)

  func ask() async -> AgentAnswer {
    switch UnixSocket.state(of: socket) {
    case .absent, .dead, .foreign: return .none
    case .refused(let code): return .refused(code)
    case .listening: break
    }
    do {
      let (status, body) = try await withThrowingTaskGroup { group in
        group.addTask { try await answer() }
        group.addTask {
          try await ContinuousClock().sleep(for: patience)
          throw CancellationError()
        }
        defer { group.cancelAll() }
        return try await group.next() ?? (.internalServerError, ByteBuffer())
      }
      guard status == .ok else { return .strange("its answer is HTTP \(status.code)") }
      return .status(try JSONDecoder().decode(AgentStatus.self, from: Data(body.readableBytesView)))
    } catch let error as DecodingError {
      return .strange(error.summary)
    } catch {
      return .silent
    }
  }

  private func answer() async throws -> (HTTPResponseStatus, ByteBuffer) {
    // AsyncHTTPClient takes the path as the host, with all percent-encoded that a host cannot have.
    let host = socket.string.utf8.map { byte in
      let digits = String(byte, radix: 16, uppercase: true)
      return byte < 0x10 ? "%0\(digits)" : "%\(digits)"
    }.joined()
    let client = HTTPClient(eventLoopGroupProvider: .singleton)
    do {
      let response = try await client.execute(
        HTTPClientRequest(url: "http+unix://\(host)/status"), timeout: TimeAmount(patience))
      let body = try await response.body.collect(upTo: Self.limit)
      try await client.shutdown()
      return (response.status, body)
    } catch {
      try? await client.shutdown()
      throw error
    }
  }
}

extension DecodingError {
  /// Which key it is about.
  fileprivate var summary: String {
    switch self {
    case .keyNotFound(let key, _): "its answer lacks \(key.stringValue)"
    case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
      "its answer has another \(context.codingPath.map(\.stringValue).joined(separator: "."))"
    @unknown default: "its answer is another one"
    }
  }
}
