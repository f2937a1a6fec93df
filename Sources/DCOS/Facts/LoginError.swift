import DNSNames

/// Why there is no token to ask with, with cause and remedy; never with a part of a secret.
package indirect enum LoginError: Error, Hashable, Sendable {
  /// The file of the credentials is of no use.
  case secret(SecretError)
  /// The connection to the master is not safe for a secret.
  case unguarded
  /// The master does not know this account, or not by these credentials.
  case refused(uid: String)
  /// The master has no path for it.
  case noLogin
  /// The question got no answer that counts.
  case failed(ObservationError.Reason)
  /// A master refused a token that it, or another one, had issued just before.
  case tokenRefused(uid: String)
  /// A master refused the token that was given in a file; when it ended, where it tells that and has.
  case fileTokenRefused(file: String, ended: String?)
}

extension LoginError: CustomStringConvertible {
  /// What is wrong.
  package var cause: String {
    switch self {
    case .secret(let error): error.cause
    case .unguarded:
      "the credentials were not sent, because nothing protects them in transit"
    case .refused(let uid): "401, the login as \(Printable(uid)) was refused"
    case .noLogin:
      "404, this master has no login (DC/OS Open has one from 1.13 on, Enterprise always)"
    case .failed(let reason): "logging in: \(reason.cause)"
    case .tokenRefused(let uid):
      "401, the new token from a login as \(Printable(uid)) was refused"
    case .fileTokenRefused(let file, let ended):
      "401, the token in \(file) was refused\(ended.map { "; it ended at \($0)" } ?? "")"
    }
  }

  /// What helps; nil where nothing is known to.
  package var remedy: String? {
    switch self {
    case .secret(let error): error.remedy
    case .unguarded:
      """
      ask this master over https:// with a certificate that can be verified, or write insecure: true
      """
    case .refused:
      """
      the account does not exist, or its password or key is wrong; a service account is also refused if a clock is off \
      by more than five minutes
      """
    case .noLogin:
      "remove the credentials if none are needed, or use a token-file"
    case .failed(.backEndDown):
      "check bouncer on this master, which answers logins (dcos-bouncer)"
    case .failed(let reason): reason.remedy
    case .tokenRefused:
      "check the masters' clocks, and that all of them belong to one cluster"
    case .fileTokenRefused: "write a fresh one to the file; zonebridge reads it again"
    }
  }

  package var description: String { cause + (remedy.map { ": \($0)" } ?? "") }
}
