import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// An HTTP server on one address.
struct HTTPListener: Sendable {
  private typealias Connection = NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart>

  struct Request: Sendable {
    let method: HTTPMethod
    let path: String
    let authorization: String?
    let host: String?
    let contentType: String?
    var body: [UInt8] = []

    init(_ head: HTTPRequestHead) {
      method = head.method
      path = head.uri
      authorization = head.headers.first(name: "Authorization")
      host = head.headers.first(name: "Host")
      contentType = head.headers.first(name: "Content-Type")
    }
  }

  /// The limit for a request's body; the rest is discarded.
  private static let bodyLimit = 1 << 20

  /// Accepted connections, as bare channels that do not read yet.
  ///
  /// An asynchronous channel that nobody takes before the listener stops would crash the program.
  private let server: NIOAsyncChannel<any Channel, Never>

  /// Binds an address and a port.
  init(address: String, port: Int, tls: NIOSSLContext?) async throws {
    server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.autoRead, value: false)
      .bind(to: SocketAddress(ipAddress: address, port: port)) { channel in
        channel.eventLoop.makeCompletedFuture {
          if let tls {
            try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls))
          }
          // Headers are sent in the case written here, which is that of nginx.
          var encoder = HTTPResponseEncoder.Configuration()
          encoder.automaticallySetFramingHeaders = false
          try channel.pipeline.syncOperations.configureHTTPServerPipeline(
            withEncoderConfiguration: encoder)
          return channel
        }
      }
  }

  /// Closes a listener that will not serve.
  func close() async {
    try? await server.executeThenClose { _ in }
  }

  /// Answers until the task is cancelled; then closes everything.
  func serve(_ answer: @escaping @Sendable (Request) async -> HTTPReply) async {
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

  private static func serve(
    _ channel: any Channel, _ answer: @Sendable (Request) async -> HTTPReply
  ) async throws {
    let connection = try await channel.eventLoop.submit {
      try Connection(wrappingChannelSynchronously: channel)
    }.get()
    try await connection.executeThenClose { inbound, outbound in
      try await channel.setOption(.autoRead, value: true).get()
      var pending: (head: HTTPRequestHead, request: Request)?
      for try await part in inbound {
        switch part {
        case .head(let head):
          pending = (head, Request(head))
        case .body(let bytes):
          if let count = pending?.request.body.count, count < Self.bodyLimit {
            pending?.request.body += bytes.readableBytesView
          }
        case .end:
          guard let (head, request) = pending else { continue }
          pending = nil
          let reply = await answer(request)
          if reply.ending == .never { continue }
          guard try await send(reply, to: outbound, keepsAlive: head.isKeepAlive),
            head.isKeepAlive
          else { return }
        }
      }
    }
  }

  /// Sends an answer and returns whether the connection stays open.
  private static func send(
    _ reply: HTTPReply, to outbound: NIOAsyncChannelOutboundWriter<HTTPServerResponsePart>,
    keepsAlive: Bool
  ) async throws -> Bool {
    try await outbound.write(.head(head(of: reply, keepsAlive: keepsAlive)))
    switch reply.ending {
    case .cutShort:
      let half = reply.body.prefix(reply.body.count / 2)
      try await outbound.write(.body(.byteBuffer(ByteBuffer(bytes: half))))
      return false
    case .drips:
      while true {
        try await outbound.write(.body(.byteBuffer(ByteBuffer(string: " "))))
        try await Task.sleep(for: .milliseconds(50))
      }
    case .complete:
      try await outbound.write(.body(.byteBuffer(ByteBuffer(bytes: reply.body))))
      try await send(blanks: reply.blanks, to: outbound)
      try await outbound.write(.end(nil))
      return true
    case .never:
      return true
    }
  }

  private static func send(
    blanks: Int, to outbound: NIOAsyncChannelOutboundWriter<HTTPServerResponsePart>
  ) async throws {
    var left = blanks
    while left > 0 {
      let count = min(left, 1 << 16)
      let piece = ByteBuffer(repeating: UInt8(ascii: " "), count: count)
      try await outbound.write(.body(.byteBuffer(piece)))
      left -= count
    }
  }

  /// The headers in the order of nginx.
  private static func head(of reply: HTTPReply, keepsAlive: Bool) -> HTTPResponseHead {
    var headers: HTTPHeaders = ["Server": "nginx", "Date": HTTPDate.now()]
    if let contentType = reply.contentType {
      headers.add(name: "Content-Type", value: contentType)
    }
    switch (reply.framing, reply.ending) {
    case (.chunked, _), (_, .drips):
      headers.add(name: "Transfer-Encoding", value: "chunked")
    case (.contentLength, _):
      headers.add(name: "Content-Length", value: String(reply.body.count + reply.blanks))
    }
    headers.add(name: "Connection", value: keepsAlive ? "keep-alive" : "close")
    for header in reply.extraHeaders {
      headers.add(name: header.name, value: header.value)
    }
    return HTTPResponseHead(
      version: .http1_1, status: HTTPResponseStatus(statusCode: reply.status), headers: headers)
  }
}
