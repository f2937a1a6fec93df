import FoundationEssentials
import NIOCore
import NIOHTTP1
import NIOPosix
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
struct AgentClient {
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
      let answer = try await answer()
      guard answer.status == .ok else {
        return .strange("its answer is HTTP \(answer.status.code)")
      }
      return .status(
        try JSONDecoder().decode(AgentStatus.self, from: Data(answer.body.readableBytesView)))
    } catch let error as DecodingError {
      return .strange(error.summary)
    } catch {
      return .silent
    }
  }

  private func answer() async throws -> StatusAnswer {
    let loop = MultiThreadedEventLoopGroup.singleton.any()
    let answer = loop.makePromise(of: StatusAnswer.self)
    let timer = loop.scheduleTask(in: TimeAmount(patience)) {
      answer.fail(ChannelError.connectTimeout(TimeAmount(patience)))
    }
    let connection = ClientBootstrap(group: loop)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHTTPClientHandlers()
          try channel.pipeline.syncOperations.addHandler(
            StatusAnswerReader(answer, limit: Self.limit))
        }
      }
      .connect(unixDomainSocketPath: socket.string)
    connection.cascadeFailure(to: answer)
    answer.futureResult.whenComplete { _ in
      timer.cancel()
      connection.whenSuccess { $0.close(promise: nil) }
    }
    return try await answer.futureResult.get()
  }
}

/// What was answered.
private struct StatusAnswer: Sendable {
  var status: HTTPResponseStatus
  var body: ByteBuffer
}

/// Asks as soon as it is connected, and puts the answer together.
private final class StatusAnswerReader: ChannelInboundHandler {
  typealias InboundIn = HTTPClientResponsePart
  typealias OutboundOut = HTTPClientRequestPart

  private let answer: EventLoopPromise<StatusAnswer>
  private let limit: Int
  private var status = HTTPResponseStatus.internalServerError
  private var body = ByteBuffer()

  init(_ answer: EventLoopPromise<StatusAnswer>, limit: Int) {
    self.answer = answer
    self.limit = limit
  }

  func channelActive(context: ChannelHandlerContext) {
    let head = HTTPRequestHead(
      version: .http1_1, method: .GET, uri: "/status",
      headers: ["Host": "localhost", "Connection": "close"])
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head): status = head.status
    case .body(var part):
      body.writeBuffer(&part)
      if body.readableBytes > limit { answer.fail(ChannelError.inputClosed) }
    case .end: answer.succeed(StatusAnswer(status: status, body: body))
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    answer.fail(error)
  }

  func channelInactive(context: ChannelHandlerContext) {
    answer.fail(ChannelError.eof)
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
