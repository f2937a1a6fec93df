import DNSNames
import NIOCore
import NIOHTTP1
import NIOTLS

/// Sends questions over a connection, one at a time, and assembles the answers.
///
/// The other side may send anything at any time, so no order of events counts as impossible here: what does not fit
/// ends the connection. AsyncHTTPClient 1.37 ends the process in such a case, as after a status line of `HTTP/1.1 099`,
/// whose head it ignores and whose body it then does not expect (see also swift-server/async-http-client issue 927).
final class QuestionHandler: ChannelDuplexHandler {
  typealias InboundIn = HTTPClientResponsePart
  typealias OutboundIn = Question
  typealias OutboundOut = HTTPClientRequestPart

  private var isOpen: Bool
  private var opening: EventLoopPromise<Void>?
  private var waiting: EventLoopPromise<Answer>?
  private var head: HTTPResponseHead?
  private var body = ByteBuffer()
  private var hasAnswered = false
  private var failure: (any Error)?

  /// Makes a handler; open from the start where no TLS handshake comes first.
  init(isOpen: Bool) {
    self.isOpen = isOpen
  }

  /// Succeeds as soon as questions may be put; to be called in the channel's event loop.
  func opened(on loop: any EventLoop) -> EventLoopFuture<Void> {
    if let failure {
      return loop.makeFailedFuture(failure)
    }
    if isOpen {
      return loop.makeSucceededVoidFuture()
    }
    let promise = opening ?? loop.makePromise()
    opening = promise
    return promise.futureResult
  }

  // MARK: - Out

  func write(
    context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?
  ) {
    let question = Self.unwrapOutboundIn(data)
    guard failure == nil, waiting == nil else {
      // A kept connection that has ended meanwhile says nothing about the master: try another.
      let error = hasAnswered ? ChannelError.eof : failure ?? ChannelError.operationUnsupported
      question.answer.fail(error)
      promise?.fail(error)
      return
    }
    waiting = question.answer
    context.triggerUserOutboundEvent(WireLimit.Event.question, promise: nil)
    context.write(Self.wrapOutboundOut(.head(question.head)), promise: nil)
    if let body = question.body {
      context.write(Self.wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
    }
    context.write(Self.wrapOutboundOut(.end(nil)), promise: promise)
  }

  // MARK: - In

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard failure == nil else { return }
    switch Self.unwrapInboundIn(data) {
    case .head(let head):
      self.head = head
    case .body(var part):
      body.writeBuffer(&part)
      if body.readableBytes > WireLimit.bodyLimit {
        end(context, AnswerTooLarge())
      }
    case .end:
      finish(context)
    }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case .handshakeCompleted = event as? TLSUserEvent {
      isOpen = true
      opening?.succeed()
      opening = nil
    }
    context.fireUserInboundEventTriggered(event)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    end(context, error)
  }

  func channelInactive(context: ChannelHandlerContext) {
    end(context, ChannelError.eof)
    context.fireChannelInactive()
  }

  private func finish(_ context: ChannelHandlerContext) {
    guard let answer = waiting, let head else {
      end(context, NIOHTTPDecoderError.unsolicitedResponse)
      return
    }
    let whole = Answer(
      head: head, body: body,
      leavesOpen: head.isKeepAlive && head.status != .switchingProtocols,
      address: context.channel.remoteAddress?.ipAddress.flatMap { try? IPAddress($0) })
    waiting = nil
    self.head = nil
    body = ByteBuffer()
    hasAnswered = true
    if !whole.leavesOpen {
      end(context, ChannelError.eof)
    }
    answer.succeed(whole)
  }

  /// Keeps the first error, which is the cause of those that follow.
  private func end(_ context: ChannelHandlerContext, _ error: any Error) {
    guard failure == nil else { return }
    failure = error
    context.triggerUserOutboundEvent(WireLimit.Event.cut, promise: nil)
    opening?.fail(error)
    opening = nil
    waiting?.fail(error)
    waiting = nil
    body = ByteBuffer()
  }
}
