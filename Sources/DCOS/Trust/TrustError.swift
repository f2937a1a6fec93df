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
