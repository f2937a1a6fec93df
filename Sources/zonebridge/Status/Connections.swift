import DNSNames
import NIOCore
import Synchronization

/// The open connections of one place.
///
/// Where there are too many, a new one takes the place of the idlest: so whoever keeps connections and does not use them
/// loses them, and whoever asks and reads is served.
final class Connections: Sendable {
  private struct Connection {
    let channel: any Channel
    let peer: Peer
  }

  private let bounds: ListenerBounds
  /// The idlest first: the one that was let in, has asked a whole question, or has taken an answer the longest time ago.
  private let open = Mutex<[Connection]>([])

  init(within bounds: ListenerBounds) {
    self.bounds = bounds
  }

  /// Takes a connection in, and closes another one where there are too many.
  func admit(_ channel: any Channel) {
    let peer = Peer(channel.remoteAddress?.ipAddress)
    let displaced = open.withLock { open -> (any Channel)? in
      defer { open.append(Connection(channel: channel, peer: peer)) }
      return Self.indexOfDisplaced(by: peer, in: open.map(\.peer), within: bounds)
        .map { open.remove(at: $0).channel }
    }
    displaced?.close(promise: nil)
    channel.closeFuture.whenComplete { [self] _ in
      open.withLock { open in open.removeAll { $0.channel === channel } }
    }
  }

  /// A connection has come further: its client has asked a whole question, or has taken an answer.
  ///
  /// A few bytes more of either count for nothing: they cost a client nothing.
  func noteProgress(of channel: any Channel) {
    open.withLock { open in
      guard let index = open.lastIndex(where: { $0.channel === channel }) else { return }
      open.append(open.remove(at: index))
    }
  }

  /// Which connection makes room for a new one: the idlest of a peer that has too many; else, where all have too many, the
  /// idlest of those who have most.
  ///
  /// - Parameters:
  ///   - peer: whose connection the new one is.
  ///   - open: whose those are that there are, the idlest first.
  ///   - bounds: how many there may be.
  /// - Returns: its place among them; nil where there is room.
  static func indexOfDisplaced(by peer: Peer, in open: [Peer], within bounds: ListenerBounds)
    -> Int?
  {
    if open.count(where: { $0 == peer }) >= bounds.connectionsPerPeer {
      return open.firstIndex(of: peer)
    }
    guard open.count >= bounds.connections else { return nil }
    let counts = Dictionary(open.map { ($0, 1) }, uniquingKeysWith: +)
    let most = counts.values.max()
    return open.firstIndex { counts[$0] == most }
  }

  func close() async {
    let channels = open.withLock { open in open.map(\.channel) }
    for channel in channels { try? await channel.close() }
  }
}

/// Whose connections are counted together: those of one host, if its addresses show that they are one host's.
enum Peer: Hashable {
  /// Whoever is on this host.
  case thisHost
  /// An IPv4 address, or the first half of an IPv6 one: a host has the other half to itself (RFC 4291 section 2.5.1).
  case host([UInt8])

  /// - Parameter address: nil for a socket in the file system.
  init(_ address: String?) {
    guard let address, let address = try? IPAddress(address) else {
      self = .thisHost
      return
    }
    let isLoopback =
      address.family == .v4 ? address.bytes[0] == 127 : address.description == "::1"
    self = isLoopback ? .thisHost : .host(Array(address.bytes.prefix(8)))
  }
}
