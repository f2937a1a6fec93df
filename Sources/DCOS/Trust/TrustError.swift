/// Why a file of CA certificates cannot be used.
package struct TrustError: Error, Hashable, Sendable, CustomStringConvertible {
  package enum Problem: Hashable, Sendable {
    case unreadable(String)
    case noCertificate
  }

  package let path: String
  package let problem: Problem

  /// What is wrong.
  package var cause: String {
    switch problem {
    case .unreadable(let detail): "\(path): \(detail)"
    case .noCertificate:
      "\(path): no certificate in PEM form (-----BEGIN CERTIFICATE-----) in it"
    }
  }

  /// What helps.
  package var remedy: String? {
    switch problem {
    case .unreadable: "the user that zonebridge runs as has to be able to read the CA certificate"
    case .noCertificate: "convert a DER file with openssl x509 -inform der"
    }
  }

  package var description: String {
    let link = problem == .noCertificate ? "; " : ": "
    return cause + (remedy.map { link + $0 } ?? "")
  }
}
