import DNSNames
import NIOCore
import NIOHTTP1

/// Answers the requests on one connection, one after the other.
///
/// The next request is taken when the answer before it has left: NIO's HTTPServerPipelineHandler keeps it back, and
/// reads nothing, until the end of an answer is written, which here waits for the rest of it to be sent.
final class StatusHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let pages: StatusPages
  /// The names under which it answers; nil where it cannot be reached by a name.
  private let names: HostNames?
  private let patience: TimeAmount
  /// Called when the client has asked a whole question, and when it has taken an answer.
  private let progress: (any Channel) -> Void
  private var request: HTTPRequestHead?
  /// Whether the connection's last answer was given: further input is ignored.
  private var isEnding = false
  private var isAnswering = false
  private var deadline: Scheduled<Void>?

  init(
    _ pages: StatusPages, names: HostNames?, patience: TimeAmount,
    progress: @escaping (any Channel) -> Void
  ) {
    self.pages = pages
    self.names = names
    self.patience = patience
    self.progress = progress
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
    guard !isEnding else { return }
    switch unwrapInboundIn(data) {
    case .head(let head):
      if let refusal = refusal(of: head, context.channel) {
        answer(refusal, to: head, isLast: true, context)
      } else {
        request = head
      }
    case .body: break
    case .end:
      guard let head = request else { return }
      request = nil
      progress(context.channel)
      // HTTP/1.0 would have to ask for more, which nobody does who could not speak 1.1. Behind an upgrade, though
      // nobody takes it up, the parser stops.
      let isLast =
        !head.isKeepAlive || head.version.minor == 0 || head.headers.contains(name: "Upgrade")
      answer(pages.page(at: head.uri), to: head, isLast: isLast, context)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    // What follows the last request may be anything.
    guard !isEnding else { return }
    guard let error = error as? HTTPParserError, !isAnswering else {
      context.close(promise: nil)
      return
    }
    answer(StatusPage(error), to: nil, isLast: true, context)
  }

  /// Why a request is not carried out, as soon as its head is there.
  private func refusal(of head: HTTPRequestHead, _ channel: any Channel) -> StatusPage? {
    if let names, let refusal = Self.refusal(of: head, under: names, channel) { return refusal }
    guard head.method == .GET || head.method == .HEAD else { return .onlyToRead }
    let isBare =
      !head.headers.contains(name: "Transfer-Encoding")
      && head.headers["Content-Length"].allSatisfy { $0 == "0" }
    return isBare ? nil : .noBody
  }

  private static func refusal(
    of head: HTTPRequestHead, under names: HostNames, _ channel: any Channel
  ) -> StatusPage? {
    let hosts = head.headers["Host"]
    // HTTP/1.0 can do without, and no browser does.
    if hosts.isEmpty, head.version.minor == 0 { return nil }
    guard hosts.count == 1, let host = RequestedHost(hosts[0]) else { return .noHost }
    let address = channel.localAddress?.ipAddress.flatMap { try? IPAddress($0) }
    return names.contain(host, at: address) ? nil : .otherHost
  }

  private func answer(
    _ page: StatusPage, to request: HTTPRequestHead?, isLast: Bool,
    _ context: ChannelHandlerContext
  ) {
    (isAnswering, isEnding) = (true, isLast)
    var headers: HTTPHeaders = [
      "Content-Type": page.contentType, "Content-Length": String(page.body.readableBytes),
      "Cache-Control": "no-store", "Content-Security-Policy": page.policy,
      "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
    ]
    if page.status == .methodNotAllowed { headers.add(name: "Allow", value: "GET, HEAD") }
    if isLast { headers.add(name: "Connection", value: "close") }
    let head = HTTPResponseHead(version: .http1_1, status: page.status, headers: headers)
    giveTime(to: context.channel)
    let isSent = context.eventLoop.makePromise(of: Void.self)
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    isSent.futureResult.whenSuccess {
      // In a separate turn: a client that has sent many requests at once waits for others, and the stack does not grow
      // with them.
      bound.eventLoop.execute {
        let (handler, context) = bound.value
        handler.end(isLast: isLast, context)
      }
    }
    if request?.method == .HEAD {
      context.writeAndFlush(wrapOutboundOut(.head(head)), promise: isSent)
    } else {
      context.write(wrapOutboundOut(.head(head)), promise: nil)
      context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(page.body))), promise: isSent)
    }
  }

  /// The answer has been sent.
  private func end(isLast: Bool, _ context: ChannelHandlerContext) {
    guard context.channel.isActive else { return }
    isAnswering = false
    giveTime(to: context.channel)
    progress(context.channel)
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    // What was not read, closed away at once, would have the kernel take the answer back (RFC 9112 section 9.6).
    if isLast { context.close(mode: .output, promise: nil) }
  }

  /// From now on the client has its time for the next request, or for taking the answer.
  private func giveTime(to channel: any Channel) {
    deadline?.cancel()
    deadline = channel.eventLoop.scheduleTask(in: patience) { channel.close(promise: nil) }
  }
}
