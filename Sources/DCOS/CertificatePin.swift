import NIOCore
import NIOSSL

/// The look at a master's certificate where nothing counts but which one it is.
///
/// The handshake has proved that the master has the certificate's key; nothing has been sent yet.
enum CertificatePin {
  static func check(
    _ channel: any Channel, pins: Set<CertificateFingerprint>
  ) -> EventLoopFuture<Void> {
    channel.eventLoop.submit {
      // Without TLS there is no such handler, which fails as well.
      let handler = try channel.pipeline.syncOperations.handler(type: NIOSSLHandler.self)
      guard let certificate = handler.peerCertificate else {
        throw NIOSSLError.noCertificateToValidate
      }
      let seen = CertificateFingerprint(der: try certificate.toDERBytes())
      guard pins.contains(seen) else {
        throw ForeignCertificate(seen: seen)
      }
    }.flatMapErrorThrowing { error in
      // AsyncHTTPClient leaves the connection to us, and has to hear of the failure before it hears
      // that the connection is closed.
      channel.eventLoop.execute { channel.close(promise: nil) }
      throw error
    }
  }
}

/// A master has another certificate than the pinned one.
struct ForeignCertificate: Error {
  let seen: CertificateFingerprint
}
