import Glibc
import NIOSSL

/// Whose signature on a master's certificate is believed.
package enum Trust: Hashable, Sendable {
  /// The authorities that this host trusts.
  case system
  /// The authorities in this PEM file, and no others; it is read once, by the observer's init.
  case certificates(file: String)
  /// Nobody's: a master's own certificate is one of these, whatever else is wrong with it.
  case fingerprints(Set<CertificateFingerprint>)
  /// Anybody's: the operator asked for it.
  case unverified

  /// Whether a token, a password or a proof may go to a master.
  package func guardsSecrets(onTheWayTo master: MasterEndpoint) -> Bool {
    self == .unverified || master.scheme == .https
  }

  /// The certificates that alone are taken; nil where it is their signature that counts.
  var pins: Set<CertificateFingerprint>? {
    guard case .fingerprints(let pins) = self else { return nil }
    return pins
  }

  /// Checks that the files that it needs can be read.
  package func validate() throws(TrustError) {
    _ = try tlsConfiguration()
  }

  func tlsConfiguration() throws(TrustError) -> TLSConfiguration {
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.certificateVerification = .fullVerification
    // RFC 8996; every Admin Router from DC/OS 1.8 on speaks TLS 1.2.
    configuration.minimumTLSVersion = .tlsv12
    switch self {
    case .system:
      break
    case .certificates(let path):
      configuration.trustRoots = .certificates(try Self.certificates(in: path))
    case .fingerprints, .unverified:
      // MasterClient compares the fingerprint of a pinned certificate before it sends anything.
      configuration.certificateVerification = .none
    }
    return configuration
  }

  private static func certificates(in path: String) throws(TrustError) -> [NIOSSLCertificate] {
    // As open(2) would have it: access(2) leaves the capabilities of a confined service aside.
    guard unsafe faccessat(AT_FDCWD, path, R_OK, AT_EACCESS) == 0 else {
      throw TrustError(path: path, problem: .unreadable(errnoText(errno)))
    }
    guard let certificates = try? NIOSSLCertificate.fromPEMFile(path), !certificates.isEmpty
    else {
      throw TrustError(path: path, problem: .noCertificate)
    }
    return certificates
  }
}
