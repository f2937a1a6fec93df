import DNSNames
import FileChange
import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import Named
import ReconcileModel
import Synchronization
import SystemPackage

/// Answers over HTTP what is known of the agent.
///
/// It has its own thread and waits for nothing that a pass holds: it answers while a pass hangs, and clients cannot
/// disturb a pass.
final class StatusServer: Sendable {
  private struct Running {
    let group: MultiThreadedEventLoopGroup
    var listeners: [Listener] = []
  }

  private let places: [ListeningPlace]
  private let names: HostNames
  private let bounds: ListenerBounds
  private let pages: StatusPages
  private let running = Mutex<Running?>(nil)

  /// - Parameters:
  ///   - places: where it answers.
  ///   - names: under which names it does.
  ///   - bounds: what it spends on clients.
  ///   - past: what the agent has done.
  ///   - status: what is known.
  init(
    at places: [ListeningPlace], names: HostNames = HostNames([]),
    bounds: ListenerBounds = ListenerBounds(),
    past: @escaping @Sendable () -> AgentPast = { AgentPast() },
    status: @escaping @Sendable () -> AgentStatus
  ) {
    self.places = places
    self.names = names
    self.bounds = bounds
    pages = StatusPages(status, past: past)
  }

  /// Begins to answer.
  ///
  /// - Returns: why it cannot listen at some of the places; it answers at the others.
  func start() async -> [ListeningError] {
    var errors: [ListeningError] = []
    // The masters' connections are on the loops that the process shares.
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    var started = Running(group: group)
    for place in places {
      do {
        started.listeners.append(
          try await Listener(place, within: bounds) { bootstrap(on: group, $0) })
      } catch let error as ListeningError {
        errors.append(error)
      } catch {
        errors.append(ListeningError(place, error))
      }
    }
    running.withLock { $0 = started }
    return errors
  }

  /// Ends at once, connections and all; it can be started again.
  func stop() async {
    let stopped = running.withLock { running in
      defer { running = nil }
      return running
    }
    for listener in stopped?.listeners ?? [] { await listener.stop() }
    try? await stopped?.group.shutdownGracefully()
  }

  /// The ports that it listens on, in the order of the places.
  var ports: [Int?] { running.withLock { $0?.listeners.map(\.port) ?? [] } }

  private func bootstrap(
    on group: MultiThreadedEventLoopGroup, _ connections: Connections
  ) -> ServerBootstrap {
    ServerBootstrap(group: group)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .serverChannelOption(.backlog, value: ListenerBounds.waitingConnections)
      // Whoever was let in and has asked is read before the next one may take a place.
      .serverChannelOption(.maxMessagesPerRead, value: 1)
      .serverChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(AcceptBackoffHandler())
        }
      }
      .childChannelOption(.socketOption(.so_sndbuf), value: ListenerBounds.kernelBuffers.send)
      .childChannelOption(.socketOption(.so_rcvbuf), value: ListenerBounds.kernelBuffers.receive)
      .childChannelOption(.maxMessagesPerRead, value: 1)
      .childChannelOption(
        .recvAllocator,
        value: FixedSizeRecvByteBufferAllocator(capacity: ListenerBounds.bytesPerRead)
      )
      .childChannelInitializer { [pages, names, bounds] channel in
        connections.admit(channel)
        return channel.eventLoop.makeCompletedFuture {
          let pipeline = channel.pipeline.syncOperations
          let decoder = HTTPRequestDecoder(limitConfiguration: ListenerBounds.request)
          try pipeline.addHandler(HTTPResponseEncoder())
          try pipeline.addHandler(
            ByteToMessageHandler(decoder, maximumBufferSize: ListenerBounds.unparsedBytes))
          try pipeline.addHandler(HTTPServerPipelineHandler())
          // No page of a browser gets at a socket in the file system.
          let isNamed = channel.localAddress?.ipAddress != nil
          try pipeline.addHandler(
            StatusHandler(
              pages, names: isNamed ? names : nil, patience: TimeAmount(bounds.patience),
              progress: connections.noteProgress))
        }
      }
  }
}

/// One place where the server listens.
private struct Listener {
  private let channel: any Channel
  private let connections: Connections
  /// The socket's file, if it has one.
  private let file: (path: FilePath, identity: FileIdentity)?

  init(
    _ place: ListeningPlace, within bounds: ListenerBounds,
    _ bootstrap: (Connections) -> ServerBootstrap
  ) async throws {
    connections = Connections(within: bounds)
    let bootstrap = bootstrap(connections)
    switch place {
    case .address(let endpoint):
      let address = try SocketAddress(ipAddress: endpoint.host, port: Int(endpoint.port))
      channel = try await bootstrap.bind(to: address).get()
      file = nil
    case .inherited(let descriptor):
      // What the server closes is its own.
      guard UnixSocket.isListening(descriptor) else { throw Errno.invalidArgument }
      let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
      guard copy >= 0 else { throw Errno(rawValue: errno) }
      channel = try await bootstrap.withBoundSocket(copy).get()
      file = nil
    case .socket(let path):
      try Self.makeRoom(at: path, for: place)
      // NIO itself would finally remove whatever is at the path, even another agent's socket.
      channel = try await bootstrap.withBoundSocket(try UnixSocket.listen(at: path)).get()
      file = try? (path, FileIdentity(path.stat(followTargetSymlink: false)))
    }
    // Of two clients at one address, the one that asks is then let in together with its question, and answered before
    // any number of others takes its place. A socket in the file system has no such option.
    try? await channel.setOption(
      .tcpOption(NIOBSDSocket.Option(rawValue: TCP_DEFER_ACCEPT)),
      value: SocketOptionValue(bounds.silence)
    ).get()
  }

  /// Removes the socket that a killed agent left; another agent's socket stays.
  private static func makeRoom(at path: FilePath, for place: ListeningPlace) throws {
    switch UnixSocket.state(of: path) {
    case .absent:
      // What zonebridge keeps may contain parts of named.conf, and so keys: as the lock makes it.
      _ = unsafe mkdir(path.removingLastComponent().string, 0o700)
    case .dead:
      guard unsafe unlink(path.string) == 0 else { throw Errno(rawValue: errno) }
    case .listening:
      throw ListeningError(
        place, reason: "another agent answers there",
        remedy: "Run only one agent for a state directory: see systemctl status zonebridge")
    case .foreign:
      throw ListeningError(place, reason: "the file is not a socket", remedy: "Remove it")
    case .refused(let code):
      throw code
    }
  }

  var port: Int? { channel.localAddress?.port }

  func stop() async {
    if let file, let now = try? file.path.stat(followTargetSymlink: false),
      FileIdentity(now) == file.identity
    {
      _ = unsafe unlink(file.path.string)
    }
    try? await channel.close()
    await connections.close()
  }
}
