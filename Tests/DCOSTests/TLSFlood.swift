import NIOCore
import NIOPosix
import NIOSSL
import TestSupport

@testable import DCOSSimulator

/// A TLS server that answers whatever it is asked without end.
struct TLSFlood {
  let url: String
  private let server: any Channel

  /// Listens on 127.0.0.1 until `stop()`.
  init(head: [UInt8], flood: [UInt8]) async throws {
    let tls = try await CertificateAuthority().server(for: "127.0.0.1", issue: .valid).context
    let port = Int(try freePort())
    server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls))
          try channel.pipeline.syncOperations.addHandler(FloodHandler(head: head, flood: flood))
        }
      }
      .bind(host: "127.0.0.1", port: port).get()
    url = "https://127.0.0.1:\(port)"
  }

  func stop() async throws {
    try await server.close()
  }
}

/// Writes as much as the other side takes.
private final class FloodHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let head: ByteBuffer
  private let block: ByteBuffer
  private var isAsked = false

  init(head: [UInt8], flood: [UInt8]) {
    self.head = ByteBuffer(bytes: head)
    block = ByteBuffer(bytes: floodBlock(of: flood))
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !isAsked else { return }
    isAsked = true
    context.write(Self.wrapOutboundOut(head), promise: nil)
    pour(context)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }

  /// One block at a time, each as soon as the last one has been taken.
  private func pour(_ context: ChannelHandlerContext) {
    let isTaken = context.eventLoop.makePromise(of: Void.self)
    isTaken.futureResult.assumeIsolated().whenSuccess { self.pour(context) }
    context.writeAndFlush(Self.wrapOutboundOut(block), promise: isTaken)
  }
}
