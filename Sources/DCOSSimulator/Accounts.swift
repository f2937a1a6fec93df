/// The accounts that may log in to a simulated cluster.
package struct Accounts: Sendable {
  /// Passwords of people, by uid.
  package var passwords: [String: String]
  /// Public keys of service accounts in PEM form, by uid.
  package var serviceKeys: [String: String]
  /// The lifetime of a token in seconds; five days in DC/OS.
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
