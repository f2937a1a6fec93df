import NIOCore
import NIOHTTP1

/// Answers the requests on one connection, one after the other.
final class StatusHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let patience: TimeAmount
  private let status: @Sendable () -> AgentStatus
  private var request: HTTPRequestHead?
  private var deadline: Scheduled<Void>?

  init(patience: TimeAmount, status: @escaping @Sendable () -> AgentStatus) {
    self.patience = patience
    self.status = status
  }

  func channelActive(context: ChannelHandlerContext) {
    giveTime(to: context.channel)
    context.fireChannelActive()
  }

  func channelInactive(context: ChannelHandlerContext) {
    deadline?.cancel()
    context.fireChannelInactive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head): request = head
    // A question needs no body; how long one may be is bounded by the time.
    case .body: break
    case .end:
      guard let head = request else { return }
      request = nil
      answer(head, context)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    // What is no HTTP has been answered with status 400 by now.
    context.close(promise: nil)
  }

  private func answer(_ request: HTTPRequestHead, _ context: ChannelHandlerContext) {
    let page = StatusPage(request.uri, request.method, of: status)
    let body = context.channel.allocator.buffer(string: page.body)
    // HTTP/1.0 would have to ask for it, which nobody does who could not speak 1.1.
    let isLast = !request.isKeepAlive || request.version.minor == 0
    var headers: HTTPHeaders = [
      "Content-Type": page.contentType, "Content-Length": String(body.readableBytes),
      "Cache-Control": "no-store",
    ]
    if page.status == .methodNotAllowed { headers.add(name: "Allow", value: "GET, HEAD") }
    if isLast { headers.add(name: "Connection", value: "close") }
    let head = HTTPResponseHead(version: .http1_1, status: page.status, headers: headers)
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    if request.method != .HEAD {
      context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
    }
    giveTime(to: context.channel)
    let isWritten = context.eventLoop.makePromise(of: Void.self)
    let bound = NIOLoopBound(
      (handler: self, channel: context.channel), eventLoop: context.eventLoop)
    isWritten.futureResult.whenComplete { _ in
      let (handler, channel) = bound.value
      if isLast { channel.close(promise: nil) } else { handler.giveTime(to: channel) }
    }
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: isWritten)
  }

  /// From now on the client has its time for the next request, or for taking the answer.
  private func giveTime(to channel: any Channel) {
    deadline?.cancel()
    deadline = channel.eventLoop.scheduleTask(in: patience) { channel.close(promise: nil) }
  }
}
