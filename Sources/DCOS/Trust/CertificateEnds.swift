import DNSNames
import NIOCore
import NIOSSL
import Synchronization

/// When the certificates that masters showed last expire, accepted or not: an operator has to know about an expired one
/// above all.
final class CertificateEnds: Sendable {
  /// In seconds since 1970.
  private let ends: Mutex<[MasterEndpoint: Int64]> = Mutex([:])

  subscript(master: MasterEndpoint) -> Int64? { ends.withLock { $0[master] } }

  /// Records what a master has shown in a handshake; to be called in the channel's event loop.
  func note(_ channel: any Channel, of master: MasterEndpoint) {
    guard let handler = try? channel.pipeline.syncOperations.handler(type: NIOSSLHandler.self),
      let certificate = handler.peerCertificate
    else { return }
    note([certificate], of: master)
  }

  /// Records what a master has shown: of a chain the first to end counts.
  func note(_ chain: [NIOSSLCertificate], of master: MasterEndpoint) {
    guard let end = chain.map({ Int64($0.notValidAfter) }).min() else { return }
    ends.withLock { $0[master] = end }
  }

  /// Forgets all other masters: a liar may keep naming new ones.
  func forget(allBut masters: [MasterEndpoint]) {
    let kept = Set(masters)
    ends.withLock { ends in ends = ends.filter { kept.contains($0.key) } }
  }
}
