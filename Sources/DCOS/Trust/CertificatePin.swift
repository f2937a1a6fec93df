import NIOCore
import NIOSSL

/// Compares a master's certificate with the pinned ones, and checks nothing else.
///
/// The handshake has proved that the master has the certificate's key; nothing has been sent yet.
enum CertificatePin {
  /// Looks once the handshake is done; to be called in the channel's event loop.
  static func check(_ channel: any Channel, pins: Set<CertificateFingerprint>) throws {
    // Without TLS there is no such handler, which fails as well.
    let handler = try channel.pipeline.syncOperations.handler(type: NIOSSLHandler.self)
    guard let certificate = handler.peerCertificate else {
      throw NIOSSLError.noCertificateToValidate
    }
    let seen = CertificateFingerprint(der: try certificate.toDERBytes())
    guard pins.contains(seen) else {
      throw ForeignCertificate(seen: seen)
    }
  }
}

/// A master has another certificate than the pinned one.
struct ForeignCertificate: Error {
  let seen: CertificateFingerprint
}
