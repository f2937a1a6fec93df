import Glibc
import NIOSSL

extension ClusterObserver {
  /// Whose signature on a master's certificate is believed.
  package enum Trust: Hashable, Sendable {
    /// The authorities that this host trusts.
    case system
    /// The authorities in this PEM file, and no others; it is read once, by the observer's init.
    case certificates(file: String)

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
      }
      return configuration
    }

    private static func certificates(in path: String) throws(TrustError) -> [NIOSSLCertificate] {
      guard unsafe access(path, R_OK) == 0 else {
        throw TrustError(path: path, problem: .unreadable(errnoText(errno)))
      }
      guard let certificates = try? NIOSSLCertificate.fromPEMFile(path), !certificates.isEmpty
      else {
        throw TrustError(path: path, problem: .noCertificate)
      }
      return certificates
    }
  }
}

/// Why a file of CA certificates cannot be used.
package struct TrustError: Error, Hashable, Sendable, CustomStringConvertible {
  package enum Problem: Hashable, Sendable {
    case unreadable(String)
    case noCertificate
  }

  package let path: String
  package let problem: Problem

  package var description: String {
    switch problem {
    case .unreadable(let detail):
      "\(path): \(detail): the CA certificate has to be readable by the user zonebridge runs as"
    case .noCertificate:
      """
      \(path): no certificate in PEM form (-----BEGIN CERTIFICATE-----) in it; \
      convert a DER file by openssl x509 -inform der
      """
    }
  }
}
