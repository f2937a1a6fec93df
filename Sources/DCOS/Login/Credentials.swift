/// What a cluster knows zonebridge by.
package enum Credentials: Sendable {
  /// The cluster lets everybody ask.
  case none
  /// A token that somebody else got, and renews.
  case token(SecretSource)
  case password(uid: String, SecretSource)
  /// A service account as DC/OS hands it out: JSON with uid and private key.
  case serviceAccount(SecretSource)
  /// A service account's uid, and its private key in PEM form.
  case serviceKey(uid: String, SecretSource)
}
