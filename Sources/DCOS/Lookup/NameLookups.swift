import Dispatch
import Glibc
import NIOCore
import NIOPosix
import Synchronization

/// Looks up the names of masters with this host's resolver, each name once at a time.
///
/// getaddrinfo(3) blocks its thread for as long as a name server keeps silent, half a minute and more, and cannot be
/// cancelled. NIO gives it one thread an event loop: there a name that hangs holds up the names of all other clusters,
/// and each attempt at it queues up behind the one before. Here each name that is being looked up has a thread of its
/// own, and other callers wait for the same answer.
final class NameLookups: Sendable {
  /// Looks up one name; it may block.
  typealias Lookup = @Sendable (_ host: String) -> Result<[SocketAddress], any Error>

  static let shared = NameLookups()

  private let look: Lookup
  private let waiting: Mutex<[String: [EventLoopPromise<[SocketAddress]>]]> = Mutex([:])

  init(_ look: @escaping Lookup = lookUp) {
    self.look = look
  }

  /// The addresses of a host, without a port.
  func addresses(of host: String, on loop: any EventLoop) -> EventLoopFuture<[SocketAddress]> {
    let promise = loop.makePromise(of: [SocketAddress].self)
    let isFirst = waiting.withLock { waiting in
      waiting[host, default: []].append(promise)
      return waiting[host]?.count == 1
    }
    if isFirst {
      // A serial queue of its own has a thread of its own.
      DispatchQueue(label: "zonebridge.names").async { self.finish(host, self.look(host)) }
    }
    return promise.futureResult
  }

  /// Whether the resolver has not come to a result for a host yet.
  func isLooking(for host: String) -> Bool { waiting.withLock { $0[host] != nil } }

  private func finish(_ host: String, _ result: Result<[SocketAddress], any Error>) {
    let promises = waiting.withLock { $0.removeValue(forKey: host) } ?? []
    for promise in promises { promise.completeWith(result) }
  }
}

/// The resolver of one connection, as NIO wants it.
struct NameResolver: Resolver {
  private let addresses: EventLoopFuture<[SocketAddress]>

  init(_ lookups: NameLookups, host: String, on loop: any EventLoop) {
    addresses = lookups.addresses(of: host, on: loop)
  }

  func initiateAQuery(host: String, port: Int) -> EventLoopFuture<[SocketAddress]> {
    addresses(of: .inet, port)
  }

  func initiateAAAAQuery(host: String, port: Int) -> EventLoopFuture<[SocketAddress]> {
    addresses(of: .inet6, port)
  }

  func cancelQueries() {}

  private func addresses(
    of family: NIOBSDSocket.ProtocolFamily, _ port: Int
  ) -> EventLoopFuture<[SocketAddress]> {
    addresses.map { addresses in
      addresses.filter { $0.protocol == family }.map { address in
        var address = address
        address.port = port
        return address
      }
    }
  }
}

/// This host's resolver has not come to a result in time.
struct NameUnresolved: Error {
  let host: String
}

/// A name has no address.
private struct NameNotFound: Error {}

@Sendable private func lookUp(_ host: String) -> Result<[SocketAddress], any Error> {
  var hints = unsafe addrinfo()
  unsafe hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
  var list: UnsafeMutablePointer<addrinfo>?
  guard unsafe getaddrinfo(host, nil, &hints, &list) == 0 else {
    return .failure(NameNotFound())
  }
  defer { unsafe freeaddrinfo(list) }
  var addresses: [SocketAddress] = []
  var next = unsafe list
  while let entry = unsafe next {
    if let address = unsafe SocketAddress(entry.pointee, host: host) { addresses.append(address) }
    unsafe next = entry.pointee.ai_next
  }
  return addresses.isEmpty ? .failure(NameNotFound()) : .success(addresses)
}

extension SocketAddress {
  fileprivate init?(_ entry: addrinfo, host: String) {
    guard let raw = unsafe UnsafeRawPointer(entry.ai_addr) else { return nil }
    let family = unsafe entry.ai_family
    switch family {
    case AF_INET: self.init(unsafe raw.loadUnaligned(as: sockaddr_in.self), host: host)
    case AF_INET6: self.init(unsafe raw.loadUnaligned(as: sockaddr_in6.self), host: host)
    default: return nil
    }
  }
}
