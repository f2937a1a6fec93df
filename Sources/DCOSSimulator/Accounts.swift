/// Who may log in to a simulated cluster.
package struct Accounts: Sendable {
  /// The password of each person, by uid.
  package var passwords: [String: String]
  /// The public key of each service account in PEM form, by uid.
  package var serviceKeys: [String: String]
  /// How long a token lives, in seconds; five days in DC/OS.
  package var tokenLife: Int

  package init(
    passwords: [String: String] = [:], serviceKeys: [String: String] = [:],
    tokenLife: Int = 432_000
  ) {
    self.passwords = passwords
    self.serviceKeys = serviceKeys
    self.tokenLife = tokenLife
  }

  var isEmpty: Bool { passwords.isEmpty && serviceKeys.isEmpty }
}
