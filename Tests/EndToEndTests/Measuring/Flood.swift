import Foundation
import Synchronization
import TestSupport

/// Clients that mean no good, each kind on a thread of its own.
final class Flood: Sendable {
  enum Kind: String, CaseIterable, Sendable {
    /// Requests in a row whose answers nobody reads.
    case unread
    /// A request that never comes to its end, a few bytes at a time.
    case slow
    /// A connection of which one half is closed.
    case halfOpen
    /// Fields without end.
    case hugeHead
    /// A body that nobody wants.
    case body
    /// Connections over which nothing comes.
    case silent
    case otherHost
    case garbage
  }

  private let counts = Mutex<[Kind: Int]>([:])
  private let threads = Mutex(0)

  /// How much of each kind was sent.
  var sent: [Kind: Int] { counts.withLock(\.self) }
  var isOver: Bool { threads.withLock { $0 == 0 } }

  /// Sends as many requests, or beginnings of them.
  func begin(_ number: Int, to port: Int) {
    threads.withLock { $0 += Kind.allCases.count }
    for kind in Kind.allCases {
      Thread.detachNewThread { [self] in
        var clients: [RawClient] = []
        while sent[kind, default: 0] < number / Kind.allCases.count {
          guard let client = try? RawClient(port: port, receiveBuffer: 4096) else { continue }
          let count = attack(kind, client)
          counts.withLock { $0[kind, default: 0] += count }
          // They stay connected for a while.
          clients.append(client)
          if clients.count > 100 { clients.removeFirst(50) }
        }
        threads.withLock { $0 -= 1 }
      }
    }
  }

  /// - Returns: how many requests that was.
  private func attack(_ kind: Kind, _ client: RawClient) -> Int {
    switch kind {
    case .unread:
      let request = "GET /status HTTP/1.1\r\nHost: localhost\r\n\r\n"
      let requests = String(repeating: request, count: 500)
      var bytes = 0
      for _ in 1...20 { bytes += client.sendWithoutWaiting(requests) ?? 0 }
      return max(1, bytes / request.utf8.count)
    case .slow:
      for part in ["GET /status", " HTTP/1.1\r\nHost", ": localhost\r\nX: "] {
        _ = client.sendWithoutWaiting(part)
      }
    case .halfOpen:
      _ = client.sendWithoutWaiting("GET /status HTTP/1.1\r\n")
      client.closeOutput()
    case .hugeHead:
      _ = client.sendWithoutWaiting(
        "GET / HTTP/1.1\r\nHost: localhost\r\nX: " + String(repeating: "a", count: 1 << 18))
    case .body:
      _ = client.sendWithoutWaiting(
        "POST /status HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999\r\n\r\n"
          + String(repeating: "a", count: 1 << 18))
    case .silent: break
    case .otherHost:
      _ = client.sendWithoutWaiting("GET /status HTTP/1.1\r\nHost: evil.example\r\n\r\n")
    case .garbage:
      var random = SystemRandomNumberGenerator()
      let letters = (0..<4096).map { _ in UnicodeScalar(UInt8(truncatingIfNeeded: random.next())) }
      _ = client.sendWithoutWaiting(String(String.UnicodeScalarView(letters)))
    }
    return 1
  }
}
