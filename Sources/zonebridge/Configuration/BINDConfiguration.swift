import DNSNames
import FileChange
import Named
import ReconcileModel
import SystemPackage

/// The section `bind`: where named's files are, and how to send it commands and questions.
enum BINDConfiguration {
  static let keys = [
    "tools", "named-conf", "zones-in", "views", "query", "reload", "rndc", "root", "user",
    "dnssec-exempt",
  ]

  /// Reads the section; without it all its defaults apply.
  static func read(in top: ConfigurationSection) -> BINDSettings {
    let section =
      if let node = top["bind"] {
        ConfigurationSection(node, keys: keys)
      } else {
        ConfigurationSection(emptyAt: top.node)
      }
    let file = section.value("named-conf") { try $0.path() } ?? "/etc/bind/named.conf"
    return BINDSettings(
      tools: section.value("tools") { try $0.path() },
      namedConf: file,
      zonesIn: section.value("zones-in") { try $0.path() } ?? file,
      views: section.value("views", views),
      query: section.value("query", query) ?? .localNameServer,
      reload: reload(section),
      root: ServerRoot(section.value("root") { try $0.path() } ?? "/"),
      user: section.value("user") { try $0.user() } ?? nil,
      exemptsFromValidation: section.value("dnssec-exempt") { try $0.boolean() } ?? true)
  }

  /// The names of views; an empty list means the same as none.
  static func views(_ node: ConfigurationNode) throws(ConfigurationError) -> [String] {
    var names: [String] = []
    for entry in try node.list("the views, as in [internal]") {
      let name = try entry.text("the name of a view")
      guard !names.contains(name) else {
        throw entry.error(
          "view \(name) is in the list twice", remedy: "Remove it here")
      }
      names.append(name)
    }
    return names
  }

  private static func query(
    _ node: ConfigurationNode
  ) throws(ConfigurationError) -> Endpoint {
    let endpoint: Endpoint
    let text = try node.text("an address with its port, as in 127.0.0.1:53")
    do {
      endpoint = try Endpoint(text)
    } catch let reason {
      throw node.error(
        "\(reason)",
        remedy: "Write the address on which named answers")
    }
    guard endpoint.port > 0 else {
      throw node.error("nothing answers on port 0", remedy: "Write 53")
    }
    return endpoint
  }

  private enum ReloadWord: String, CaseIterable {
    case rndc
    case none
  }

  private static func reload(
    _ section: ConfigurationSection
  ) -> BINDSettings.Reload {
    // Read even where it is not used, so that a mistake in it is found.
    let settings = section.value("rndc", remoteControl) ?? RemoteControlSettings()
    switch section.value("reload", { try $0.word(ReloadWord.self, "way to reload") }) ?? .rndc {
    case .rndc: return .rndc(settings)
    case .none: return .none
    }
  }

  private static func remoteControl(
    _ node: ConfigurationNode
  ) -> RemoteControlSettings {
    let section = ConfigurationSection(node, keys: ["config", "server", "port", "key-file"])
    return RemoteControlSettings(
      config: section.value("config") { try $0.path() },
      server: section.value("server") { try $0.server() },
      port: section.value("port") { try $0.port() },
      keyFile: section.value("key-file") { try $0.path() })
  }
}

extension ConfigurationNode {
  /// A user of this host, by name or number.
  fileprivate func user() throws(ConfigurationError) -> UnixUser? {
    let text = try text("the user that named runs as")
    if let user = UnixUser(named: text) { return user }
    guard let number = UInt32(text) else {
      guard mistakes.isOnItsHost else { return nil }
      throw error(
        "this host has no user '\(text)'", remedy: "Write the user that named runs as (named -u)")
    }
    return UnixUser(number: number)
  }

  /// The value as rndc's argument `-s`.
  fileprivate func server() throws(ConfigurationError) -> String {
    let text = try text("a host name or address")
    guard !text.contains(" "), !text.hasPrefix("-") else {
      throw error("'\(text)' is not a host", remedy: "Write its name or address")
    }
    return text
  }
}
