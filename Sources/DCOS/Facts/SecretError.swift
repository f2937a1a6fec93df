/// Why a secret cannot be used; never with a part of it.
package struct SecretError: Error, Hashable, Sendable, CustomStringConvertible {
  package enum Problem: Error, Hashable, Sendable {
    case unreadable(String)
    /// Others may read it; the permission bits.
    case tooOpen(mode: UInt32)
    /// It belongs to another user, who could give the account of somebody else.
    case foreign(owner: String)
    case empty
    case severalLines
    case noToken
    case noServiceAccount
    case foreignScheme
    case noKey
  }

  package let name: String
  package let problem: Problem

  package init(name: String, problem: Problem) {
    self.name = name
    self.problem = problem
  }

  /// What is wrong.
  package var cause: String {
    let text =
      switch problem {
      case .unreadable(let detail): detail
      case .tooOpen(let mode):
        """
        its mode is 0\(String(mode, radix: 8)), so others than its owner have access to the secret
        """
      case .foreign(let owner):
        "it belongs to \(owner), not to root or to the user that zonebridge runs as"
      case .empty: "the file is empty"
      case .severalLines: "a password has to be alone on one line, without control characters"
      case .noToken: "this is not a token"
      case .noServiceAccount: "this is not a service account as DC/OS hands it out"
      case .foreignScheme: "its scheme is not RS256, the only one there is for a service account"
      case .noKey:
        """
        no RSA private key of 2048 bits or more in PEM form, PKCS#1 or PKCS#8, without a passphrase
        """
      }
    return "\(name): \(text)"
  }

  /// What helps; nil where the cause says it.
  package var remedy: String? {
    switch problem {
    case .unreadable:
      "the file has to exist, and the user that zonebridge runs as has to be able to read it"
    case .tooOpen: "chmod 600 \(name)"
    case .foreign: "if its contents are right, give it to that user with chown"
    case .empty: "write the secret into it"
    case .noToken:
      """
      write it alone on one line, as `dcos config show core.dcos_acs_token` prints it, without "token="
      """
    case .noServiceAccount:
      """
      JSON with uid, private_key and scheme; a PEM file goes into service-account: { uid, key-file }
      """
    case .severalLines, .foreignScheme, .noKey: nil
    }
  }

  package var description: String { cause + (remedy.map { ": \($0)" } ?? "") }
}
