import NIOCore
import NIOPosix

/// A DNS server on one address and port, over UDP and TCP.
struct DNSListener: Sendable {
  /// Answers a message in wire format; nil for no answer.
  typealias Answer = @Sendable (_ message: [UInt8], _ overUDP: Bool) async -> [UInt8]?

  private typealias Datagrams = NIOAsyncChannel<
    AddressedEnvelope<ByteBuffer>, AddressedEnvelope<ByteBuffer>
  >
  private typealias Connection = NIOAsyncChannel<ByteBuffer, ByteBuffer>

  private let datagrams: Datagrams
  /// Bare channels that do not read yet, as in `HTTPListener`.
  private let server: NIOAsyncChannel<any Channel, Never>

  /// Binds an address and a port for both transports.
  init(address: String, port: Int) async throws {
    server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.autoRead, value: false)
      .bind(to: SocketAddress(ipAddress: address, port: port)) { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(
            ByteToMessageHandler(DNSFrameDecoder()))
          try channel.pipeline.syncOperations.addHandler(
            MessageToByteHandler(DNSFrameEncoder()))
          return channel
        }
      }
    do {
      datagrams = try await DatagramBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .bind(to: SocketAddress(ipAddress: address, port: port)) { channel in
          channel.eventLoop.makeCompletedFuture {
            try Datagrams(wrappingChannelSynchronously: channel)
          }
        }
    } catch {
      try? await server.executeThenClose { _ in }
      throw error
    }
  }

  /// Answers until the task is cancelled; then closes everything.
  func serve(_ answer: @escaping Answer) async {
    async let overUDP: Void = serveDatagrams(answer)
    await serveConnections(answer)
    await overUDP
  }

  private func serveDatagrams(_ answer: Answer) async {
    try? await datagrams.executeThenClose { inbound, outbound in
      for try await datagram in inbound {
        if let reply = await answer(Array(datagram.data.readableBytesView), true) {
          try await outbound.write(
            AddressedEnvelope(
              remoteAddress: datagram.remoteAddress, data: ByteBuffer(bytes: reply)))
        }
      }
    }
  }

  private func serveConnections(_ answer: @escaping Answer) async {
    try? await server.executeThenClose { connections in
      try await withThrowingDiscardingTaskGroup { group in
        for try await channel in connections {
          group.addTask {
            // A client that disconnects must not affect the others.
            try? await Self.serve(channel, answer)
          }
        }
      }
    }
  }

  private static func serve(_ channel: any Channel, _ answer: Answer) async throws {
    let connection = try await channel.eventLoop.submit {
      try Connection(wrappingChannelSynchronously: channel)
    }.get()
    try await connection.executeThenClose { inbound, outbound in
      try await channel.setOption(.autoRead, value: true).get()
      for try await message in inbound {
        if let reply = await answer(Array(message.readableBytesView), false) {
          try await outbound.write(ByteBuffer(bytes: reply))
        }
      }
    }
  }
}

/// A message over TCP is preceded by its length (RFC 1035 section 4.2.2).
private struct DNSFrameDecoder: ByteToMessageDecoder {
  typealias InboundOut = ByteBuffer

  mutating func decode(
    context: ChannelHandlerContext, buffer: inout ByteBuffer
  ) throws -> DecodingState {
    guard let message = buffer.readLengthPrefixedSlice(as: UInt16.self) else {
      return .needMoreData
    }
    context.fireChannelRead(wrapInboundOut(message))
    return .continue
  }
}

private struct DNSFrameEncoder: MessageToByteEncoder {
  typealias OutboundIn = ByteBuffer

  func encode(data: ByteBuffer, out: inout ByteBuffer) throws {
    _ = try out.writeLengthPrefixed(as: UInt16.self) { $0.writeImmutableBuffer(data) }
  }
}
