import DCOS
import Reconcile

/// The keys of a cluster with zonebridge's credentials for its masters.
struct CredentialsConfiguration {
  let credentials: Credentials
  /// The key that they are written under.
  let key: String

  static let keys = ["token-file", "uid", "password-file", "service-account"]

  /// Reads the credentials; nil where there are none.
  static func read(
    in section: ConfigurationSection
  ) throws(ConfigurationError) -> CredentialsConfiguration? {
    let ways = [
      ("token-file", section["token-file"]), ("uid", section["uid"] ?? section["password-file"]),
      ("service-account", section["service-account"]),
    ].compactMap { name, node in node.map { (name: name, node: $0) } }
    guard let way = ways.first else { return nil }
    if let other = ways.dropFirst().first {
      throw other.node.error(
        "\(way.name) and \(other.name) cannot be used together: a cluster has one account",
        remedy: "Remove one of the two")
    }
    return CredentialsConfiguration(
      credentials: try credentials(way.node, in: section), key: way.name)
  }

  private static func credentials(
    _ node: ConfigurationNode, in section: ConfigurationSection
  ) throws(ConfigurationError) -> Credentials {
    if let file = section["token-file"] {
      return .token(try file.secret())
    }
    if let account = section["service-account"] {
      return try serviceAccount(account)
    }
    guard let uid = section["uid"] else {
      throw node.error(
        "needs the key uid beside it", remedy: "Add uid: the account's name")
    }
    guard let file = section["password-file"] else {
      throw node.error(
        "needs the key password-file beside it",
        remedy: """
          Add password-file: the path of a file with the password; a service account's key \
          goes into service-account: { uid, key-file }
          """)
    }
    return .password(uid: try uid.accountName(), try file.secret())
  }

  private static func serviceAccount(
    _ node: ConfigurationNode
  ) throws(ConfigurationError) -> Credentials {
    guard node.isSection else { return .serviceAccount(try node.secret()) }
    let section = ConfigurationSection(node, keys: ["uid", "key-file"])
    let uid = section.required("uid", "the account's name") { try $0.accountName() }
    let file = section.required("key-file", "the path of its private key in PEM form") {
      try $0.secret()
    }
    // What is missing is noted.
    guard let uid, let file else { return .none }
    return .serviceKey(uid: uid, file)
  }
}

extension ConfigurationNode {
  fileprivate func accountName() throws(ConfigurationError) -> String {
    try text("the account's name")
  }

  fileprivate func secret() throws(ConfigurationError) -> SecretSource {
    try secretFile().source
  }
}

extension ConfigurationNode {
  /// The value as the name of a file with a secret in it.
  func secretFile() throws(ConfigurationError) -> SecretFile {
    CredentialsDirectory.current.file(try text("a path"), besides: try path())
  }
}
