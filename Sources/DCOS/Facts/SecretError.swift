/// Why a secret cannot be used; never with a part of it.
package struct SecretError: Error, Hashable, Sendable, CustomStringConvertible {
  package enum Problem: Error, Hashable, Sendable {
    case unreadable(String)
    /// Others may read it; the permission bits.
    case tooOpen(mode: UInt32)
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

  package var description: String {
    switch problem {
    case .unreadable(let detail):
      "\(name): \(detail): the file has to be there, and readable by the user zonebridge runs as"
    case .tooOpen(let mode):
      """
      \(name): its mode is 0\(String(mode, radix: 8)), so that others than its owner may get at \
      the secret: chmod 600 \(name)
      """
    case .empty:
      "\(name): the file is empty: write the secret into it"
    case .severalLines:
      "\(name): a password stands alone on one line, without control characters"
    case .noToken:
      """
      \(name): this is no token: write it alone on one line, as `dcos config show \
      core.dcos_acs_token` prints it, without "token=" before it
      """
    case .noServiceAccount:
      """
      \(name): this is not what DC/OS hands out for a service account: JSON with uid, \
      private_key and scheme; a PEM file goes into service-account: { uid, key-file }
      """
    case .foreignScheme:
      "\(name): its scheme is not RS256, the only one there is for a service account"
    case .noKey:
      """
      \(name): no RSA private key of 2048 bits or more in PEM form, PKCS#1 or PKCS#8, without a \
      passphrase
      """
    }
  }
}
