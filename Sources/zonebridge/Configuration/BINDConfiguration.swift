import DNSNames
import FileChange
import Named
import ReconcileModel
import SystemPackage

/// The section `bind`: where named's files are, and how it is told and asked.
enum BINDConfiguration {
  private static let keys = [
    "named-conf", "zones-in", "views", "query", "reload", "rndc", "root", "user",
    "dnssec-exempt",
  ]

  /// Reads the section of the whole file; without it all its defaults hold.
  static func read(in top: ConfigurationSection) throws(ConfigurationError) -> BINDSettings {
    let section =
      if let node = top["bind"] {
        try ConfigurationSection(node, keys: keys)
      } else {
        ConfigurationSection(emptyAt: top.node)
      }
    let file = try section["named-conf"]?.path() ?? "/etc/bind/named.conf"
    return BINDSettings(
      namedConf: file,
      zonesIn: try section["zones-in"]?.path() ?? file,
      views: try section["views"].map(views),
      query: try query(section),
      reload: try reload(section),
      root: ServerRoot(try section["root"]?.path() ?? "/"),
      user: try section["user"]?.user(),
      exemptsFromValidation: try section["dnssec-exempt"]?.boolean() ?? true)
  }

  /// The names of views; an empty list of them says what its absence says.
  static func views(_ node: ConfigurationNode) throws(ConfigurationError) -> [String] {
    var names: [String] = []
    for entry in try node.list("the views") {
      let name = try entry.text("the name of a view")
      guard !names.contains(name) else {
        throw entry.error(
          "view \(name) stands there twice", remedy: "Keep only one of the two")
      }
      names.append(name)
    }
    return names
  }

  private static func query(
    _ section: ConfigurationSection
  ) throws(ConfigurationError) -> Endpoint {
    let node = section["query"]
    let text = try node?.text("an address with its port, as in 127.0.0.1:53") ?? "127.0.0.1:53"
    let place = node ?? section.node
    let endpoint: Endpoint
    do {
      endpoint = try Endpoint(text)
    } catch let reason {
      throw place.error("\(reason)", remedy: "Write the address on which named answers")
    }
    guard endpoint.port > 0 else {
      throw place.error("nothing answers on port 0", remedy: "Write 53")
    }
    return endpoint
  }

  private enum ReloadWord: String, CaseIterable {
    case rndc
    case none
  }

  private static func reload(
    _ section: ConfigurationSection
  ) throws(ConfigurationError) -> BINDSettings.Reload {
    // Read even where it is not used, so that a mistake in it is found.
    let settings = try remoteControl(section["rndc"])
    switch try section["reload"]?.word(ReloadWord.self, "way to reload") ?? .rndc {
    case .rndc: return .rndc(settings)
    case .none: return .none
    }
  }

  private static func remoteControl(
    _ node: ConfigurationNode?
  ) throws(ConfigurationError) -> RemoteControlSettings {
    guard let node else { return RemoteControlSettings() }
    let section = try ConfigurationSection(node, keys: ["config", "server", "port", "key-file"])
    return RemoteControlSettings(
      config: try section["config"]?.path(), server: try section["server"]?.server(),
      port: try section["port"]?.port(),
      keyFile: try section["key-file"]?.path())
  }
}

extension ConfigurationNode {
  /// A user of this host, by name or number.
  fileprivate func user() throws(ConfigurationError) -> UnixUser {
    let text = try text("the user that named runs as")
    if let user = UnixUser(named: text) { return user }
    guard let number = UInt32(text) else {
      throw error(
        "this host has no user '\(text)'", remedy: "Write the user that named runs as (named -u)")
    }
    return UnixUser(number: number)
  }

  /// The value as rndc's argument `-s`.
  fileprivate func server() throws(ConfigurationError) -> String {
    let text = try text("a host name or address")
    guard !text.contains(" "), !text.hasPrefix("-") else {
      throw error("'\(text)' is no host", remedy: "Write its name or address")
    }
    return text
  }
}
