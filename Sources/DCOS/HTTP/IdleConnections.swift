import NIOCore
import Synchronization

/// Connections that wait for the next question to their master.
final class IdleConnections: Sendable {
  private struct Idle {
    let channel: any Channel
    let since: ContinuousClock.Instant
  }

  /// Less than the 75 s after which nginx, and so Admin Router, closes one.
  private static let patience = Duration.seconds(60)
  /// One for a round's questions, and one for a login beside them.
  private static let mostOfOne = 2
  /// More than a cluster's masters need: a list that names others each time has us keep no more.
  private static let most = 128

  /// Nil once nothing is kept any more.
  private let idle: Mutex<[MasterEndpoint: [Idle]]?> = Mutex([:])

  /// A connection to this master, which then belongs to the caller.
  func take(for master: MasterEndpoint) -> (any Channel)? {
    prune()
    return idle.withLock { $0?[master]?.popLast()?.channel }
  }

  func keep(_ channel: any Channel, for master: MasterEndpoint) {
    let isKept = idle.withLock { idle in
      guard let kept = idle, kept[master]?.count ?? 0 < Self.mostOfOne,
        kept.values.reduce(0, { $0 + $1.count }) < Self.most
      else { return false }
      idle?[master, default: []].append(Idle(channel: channel, since: .now))
      return true
    }
    if !isKept {
      channel.cut()
    }
  }

  /// Closes them all, and each that is still given.
  func close() async {
    let all = idle.withLock { idle in
      defer { idle = nil }
      return idle
    }
    let channels = (all ?? [:]).values.joined().map(\.channel)
    channels.forEach { $0.cut() }
    for channel in channels {
      try? await channel.closeFuture.get()
    }
  }

  /// Closes those that have waited for too long, and forgets those that the other side has closed.
  private func prune() {
    let now = ContinuousClock.now
    let old = idle.withLock { idle in
      var old: [any Channel] = []
      for (master, connections) in idle ?? [:] {
        let kept = connections.filter {
          $0.channel.isActive && now - $0.since < Self.patience
        }
        guard kept.count < connections.count else { continue }
        old += connections.map(\.channel)
          .filter { channel in !kept.contains { $0.channel === channel } }
        idle?[master] = kept.isEmpty ? nil : kept
      }
      return old
    }
    old.forEach { $0.cut() }
  }
}
