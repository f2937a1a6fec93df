import NIOCore

/// Cuts a connection that delivers more for one question than any answer needs.
///
/// It stands before TLS and before the parser, and so counts what they swallow without a word: interim
/// responses, chunk extensions, blank lines, a status line without end.
final class WireLimit: ChannelDuplexHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundIn = ByteBuffer

  /// What a pipeline's other handlers tell this one.
  enum Event {
    /// A question goes out: its answer is counted from here.
    case question
    /// The connection is of no more use. TLS does no closing handshake, because a malicious master would let us wait
    /// for it.
    case cut
  }

  /// A real answer has a few hundred bytes a master.
  static let bodyLimit = 1 << 20
  /// The body, and as much as a handshake, headers, chunks and TLS records reasonably add to it.
  static let limit = bodyLimit / 4 * 5

  private var left = limit
  private var isCut = false

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !isCut else { return }
    left -= Self.unwrapInboundIn(data).readableBytes
    guard left >= 0 else {
      context.fireErrorCaught(AnswerTooLarge())
      cut(context, promise: nil)
      return
    }
    context.fireChannelRead(data)
  }

  func triggerUserOutboundEvent(
    context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?
  ) {
    switch event as? Event {
    case .question:
      left = Self.limit
      promise?.succeed()
    case .cut:
      cut(context, promise: promise)
    case nil:
      context.triggerUserOutboundEvent(event, promise: promise)
    }
  }

  private func cut(_ context: ChannelHandlerContext, promise: EventLoopPromise<Void>?) {
    guard !isCut else {
      promise?.succeed()
      return
    }
    isCut = true
    context.close(promise: promise)
  }
}

extension Channel {
  /// Closes the connection at once.
  func cut() {
    triggerUserOutboundEvent(WireLimit.Event.cut, promise: nil)
  }
}
