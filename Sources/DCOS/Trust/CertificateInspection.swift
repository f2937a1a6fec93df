import DNSNames
import FoundationEssentials
import NIOCore
import NIOPosix
import NIOSSL

/// A look at a master's certificate: at one that did not verify, to tell an operator why, and at when one
/// ends.
///
/// NIOSSL reports only that a verification failed. So the handshake is repeated up to the certificate, and aborted
/// there: nothing is sent, nobody is trusted.
package enum CertificateInspection {
  /// When the certificate that a master shows ends, in seconds since 1970, of its chain the first to end;
  /// nil if the master shows none.
  package static func end(
    of master: MasterEndpoint, within limit: Duration = .seconds(3)
  ) async -> Int64? {
    guard let chain = try? await chain(of: master, limit: limit) else { return nil }
    return chain.map { Int64($0.notValidAfter) }.min()
  }

  /// The fingerprint of the certificate that a master shows; nil if it shows none.
  package static func fingerprint(
    of master: MasterEndpoint, within limit: Duration = .seconds(3)
  ) async -> CertificateFingerprint? {
    guard let certificate = try? await chain(of: master, limit: limit).first,
      let bytes = try? certificate.toDERBytes()
    else { return nil }
    return CertificateFingerprint(der: bytes)
  }

  static func trouble(
    with master: MasterEndpoint, limit: Duration, noting ends: CertificateEnds
  ) async -> TLSError {
    guard let chain = try? await chain(of: master, limit: limit), !chain.isEmpty else {
      return .unverifiable
    }
    ends.note(chain, of: master)
    let now = time_t(Date.now.timeIntervalSince1970)
    if let expired = chain.first(where: { $0.notValidAfter < now }) {
      return .expired(since: text(expired.notValidAfter))
    }
    if let early = chain.first(where: { $0.notValidBefore > now }) {
      return .notYetValid(until: text(early.notValidBefore))
    }
    return .unknownAuthority
  }

  private static func chain(
    of master: MasterEndpoint, limit: Duration
  ) async throws -> [NIOSSLCertificate] {
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.trustRoots = .certificates([])
    let context = try NIOSSLContext(configuration: configuration)
    let isAddress = (try? IPAddress(master.host)) != nil
    let loop = MultiThreadedEventLoopGroup.singleton.any()
    let seen = loop.makePromise(of: [NIOSSLCertificate].self)
    let connecting = ClientBootstrap(group: loop)
      .connectTimeout(TimeAmount(limit))
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(
            NIOSSLClientHandler(
              context: context,
              // An address has no place in SNI (RFC 6066 section 3).
              serverHostname: isAddress ? nil : master.host,
              customVerificationCallback: { certificates, verdict in
                seen.succeed(certificates)
                verdict.succeed(.failed)
              }))
        }
      }
      .resolver(isAddress ? nil : NameResolver(.shared, host: master.host, on: loop))
      .connect(host: master.host, port: Int(master.port))
    connecting.whenComplete { result in
      switch result {
      case .failure(let error):
        seen.fail(error)
      case .success(let channel):
        channel.closeFuture.whenComplete { _ in seen.fail(ChannelError.eof) }
        channel.eventLoop.scheduleTask(in: TimeAmount(limit)) { channel.close(promise: nil) }
      }
    }
    return try await seen.futureResult.get()
  }

  private static func text(_ moment: time_t) -> String {
    Date(timeIntervalSince1970: TimeInterval(moment)).formatted(.iso8601)
  }
}
