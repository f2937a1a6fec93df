import DNSNames
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

/// Connections to masters, each with one question at a time.
final class MasterConnections: Sendable {
  private let tls: TLSConfiguration
  private let pins: Set<CertificateFingerprint>?
  private let timeout: Duration
  private let names: NameLookups
  private let certificateEnds: CertificateEnds
  private let context: Mutex<NIOSSLContext?> = Mutex(nil)
  private let idle = IdleConnections()

  /// Makes ready to connect.
  ///
  /// - Parameters:
  ///   - tls: How certificates are verified.
  ///   - pins: The certificates that alone are taken; nil for what `tls` says.
  ///   - timeout: The time for TCP and TLS.
  ///   - names: Looks up the masters that have names.
  ///   - certificateEnds: Records when the masters' certificates end.
  init(
    tls: TLSConfiguration, pins: Set<CertificateFingerprint>?, timeout: Duration,
    names: NameLookups = .shared, certificateEnds: CertificateEnds = CertificateEnds()
  ) {
    self.certificateEnds = certificateEnds
    self.tls = tls
    self.pins = pins
    self.timeout = timeout
    self.names = names
  }

  func close() async {
    await idle.close()
  }

  /// Puts a question, over a connection that is open already if there is one.
  ///
  /// A task that is cancelled waits for nothing: a connection that is on its way is closed when it comes.
  func ask(
    _ head: HTTPRequestHead, _ body: ByteBuffer?, of master: MasterEndpoint
  ) async throws -> Answer {
    let kept = idle.take(for: master)
    let loop = kept?.eventLoop ?? MultiThreadedEventLoopGroup.singleton.any()
    let answer = loop.makePromise(of: Answer.self)
    let outcome = loop.makePromise(of: Answer.self)
    return try await withTaskCancellationHandler {
      let connection = kept.map { loop.makeSucceededFuture($0) } ?? open(to: master, on: loop)
      connection.cascadeFailure(to: answer)
      connection.flatMap { [idle] channel in
        let end = answer.futureResult.always { result in
          if case .success(let answer) = result, answer.leavesOpen {
            idle.keep(channel, for: master)
          } else {
            channel.cut()
          }
        }
        // A connection that has just gone has no handler left that would tell.
        channel.writeAndFlush(Question(head: head, body: body, answer: answer))
          .cascadeFailure(to: answer)
        return end
      }.cascade(to: outcome)
      return try await outcome.futureResult.get()
    } onCancel: {
      answer.fail(CancellationError())
      outcome.fail(CancellationError())
    }
  }

  private func open(
    to master: MasterEndpoint, on loop: any EventLoop
  ) -> EventLoopFuture<any Channel> {
    let deadline = NIODeadline.now() + TimeAmount(timeout)
    return connect(to: master, on: loop).flatMap { [pins, timeout, certificateEnds] channel in
      // TCP has had a part of the time already.
      let timer = loop.scheduleTask(deadline: deadline) {
        channel.pipeline.fireErrorCaught(ChannelError.connectTimeout(TimeAmount(timeout)))
      }
      return Self.opened(channel).flatMapThrowing {
        certificateEnds.note(channel, of: master)
        if let pins {
          try CertificatePin.check(channel, pins: pins)
        }
        return channel
      }.always { result in
        timer.cancel()
        if case .failure = result {
          channel.cut()
        }
      }
    }
  }

  private func connect(
    to master: MasterEndpoint, on loop: any EventLoop
  ) -> EventLoopFuture<any Channel> {
    do {
      let tls = try tlsContext(for: master)
      let address = try? IPAddress(master.host)
      let bootstrap = ClientBootstrap(group: loop)
        .connectTimeout(TimeAmount(timeout))
        .channelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandler(WireLimit())
            if let tls {
              // An address has no place in SNI (RFC 6066 section 3).
              let name = address == nil ? master.host : nil
              try pipeline.addHandler(NIOSSLClientHandler(context: tls, serverHostname: name))
            }
            try pipeline.addHTTPClientHandlers()
            try pipeline.addHandler(QuestionHandler(isOpen: tls == nil))
          }
        }
      guard let address else {
        return
          bootstrap
          .resolver(NameResolver(names, host: master.host, on: loop))
          .connect(host: master.host, port: Int(master.port))
          .flatMapErrorThrowing { [names] error in
            throw names.isLooking(for: master.host) ? NameUnresolved(host: master.host) : error
          }
      }
      return bootstrap.connect(
        to: try SocketAddress(ipAddress: address.description, port: Int(master.port)))
    } catch {
      return loop.makeFailedFuture(error)
    }
  }

  private static func opened(_ channel: any Channel) -> EventLoopFuture<Void> {
    let loop = channel.eventLoop
    do {
      let handler = try channel.pipeline.syncOperations.handler(type: QuestionHandler.self)
      return handler.opened(on: loop)
    } catch {
      // The pipeline of a connection that was closed at once is empty.
      return loop.makeFailedFuture(ChannelError.eof)
    }
  }

  /// Made when it is first needed, since it reads this host's authorities.
  private func tlsContext(for master: MasterEndpoint) throws -> NIOSSLContext? {
    guard master.scheme == .https else { return nil }
    return try context.withLock { context in
      let made = try context ?? NIOSSLContext(configuration: tls)
      context = made
      return made
    }
  }
}
