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
/// It does so on threads of its own and waits for nothing that a pass holds: it answers when a pass hangs,
/// and a client that hangs is no concern of a pass.
final class StatusServer: Sendable {
  /// More at a time are turned away, at each place for itself.
  static let connectionLimit = 32

  private let places: [ListeningPlace]
  private let status: @Sendable () -> AgentStatus
  private let patience: TimeAmount
  private let listeners = Mutex<[Listener]>([])

  /// - Parameters:
  ///   - places: where it answers.
  ///   - patience: the time that a client has for a request, and then for taking the answer.
  ///   - status: what is known.
  init(
    at places: [ListeningPlace], patience: Duration = .seconds(10),
    status: @escaping @Sendable () -> AgentStatus
  ) {
    self.places = places
    self.patience = TimeAmount(patience)
    self.status = status
  }

  /// Begins to answer.
  ///
  /// - Returns: why it does not at some of the places; at the others it does.
  func start() async -> [ListeningError] {
    var errors: [ListeningError] = []
    for place in places {
      do {
        let listener = try await Listener(place, bootstrap)
        listeners.withLock { $0.append(listener) }
      } catch let error as ListeningError {
        errors.append(error)
      } catch {
        errors.append(ListeningError(place, error))
      }
    }
    return errors
  }

  /// Ends at once, connections and all; it can be started again.
  func stop() async {
    let stopped = listeners.withLock { listeners in
      defer { listeners = [] }
      return listeners
    }
    for listener in stopped { await listener.stop() }
  }

  /// The ports that it listens on, in the order of the places.
  var ports: [Int?] { listeners.withLock { $0.map(\.port) } }

  private func bootstrap(_ connections: Connections) -> ServerBootstrap {
    ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { [patience, status] channel in
        guard connections.admit(channel) else { return channel.close() }
        return channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.configureHTTPServerPipeline()
          try channel.pipeline.syncOperations.addHandler(
            StatusHandler(patience: patience, status: status))
        }
      }
  }
}

/// The connections of one place.
private final class Connections: Sendable {
  private let open = Mutex<[ObjectIdentifier: any Channel]>([:])

  /// - Returns: whether there is room for another one.
  func admit(_ channel: any Channel) -> Bool {
    let isAdmitted = open.withLock { open in
      guard open.count < StatusServer.connectionLimit else { return false }
      open[ObjectIdentifier(channel)] = channel
      return true
    }
    guard isAdmitted else { return false }
    channel.closeFuture.whenComplete { [self] _ in
      open.withLock { $0[ObjectIdentifier(channel)] = nil }
    }
    return true
  }

  func close() async {
    for channel in open.withLock({ Array($0.values) }) { try? await channel.close() }
  }
}

/// One place where the server listens.
private struct Listener {
  private let channel: any Channel
  private let connections: Connections
  /// The socket's file, if it has one.
  private let file: (path: FilePath, identity: FileIdentity)?

  init(_ place: ListeningPlace, _ bootstrap: (Connections) -> ServerBootstrap) async throws {
    connections = Connections()
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
      // By itself NIO would take away whatever is at the path in the end, another agent's as well.
      channel = try await bootstrap.withBoundSocket(try UnixSocket.listen(at: path)).get()
      file = try? (path, FileIdentity(path.stat(followTargetSymlink: false)))
    }
  }

  /// Takes away what an agent left that was killed; another one's socket stays.
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
        remedy: "Let one agent run for a state directory: see systemctl status zonebridge")
    case .foreign:
      throw ListeningError(place, reason: "the file is no socket", remedy: "Take it away")
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
