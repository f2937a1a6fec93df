import DCOS
import DNSNames
import Named
import Reconcile
import ReconcileModel
import SystemPackage
import Testing

@testable import zonebridge

/// Every key that there is, each wrong in every way that does not depend on what it means.
@Suite("Each key of the configuration, wrong in each way", .timeLimit(.minutes(2)))
struct ConfigurationTableTests {
  /// A configuration with each key on a line of its own.
  static let whole = """
    interval: 30s
    state-directory: /s
    bind:
      tools: /t
      named-conf: /n
      zones-in: /z
      views: [internal]
      query: 127.0.0.1:53
      reload: rndc
      root: /
      user: root
      dnssec-exempt: true
      rndc:
        config: /c
        server: localhost
        port: 953
        key-file: /k
    clusters:
      - name: prod
        masters: [https://10.0.6.68]
        ca-certificate: /ca
        cluster-id: \(prodID)
        follow-id: false
        insecure: false
        forwarders: [10.0.0.1]
        dns-port: 53
        probe: web.marathon
        settle-time: 15m
        uid: somebody
        password-file: /p
      - name: lab
        static:
          cluster-id: \(otherID)
          masters: [10.0.0.1]
      - name: third
        masters: [https://10.0.7.68]
        certificate-sha256: "\(String(repeating: "ab", count: 32))"
        token-file: /t
      - name: fourth
        masters: [https://10.0.8.68]
        service-account:
          uid: somebody
          key-file: /k
    aliases:
      - name: contoso.com
        cluster: prod
        label: mesos
        ttl: 60
        allow: [hides-names]
      - name: example.net
        clusters: [prod, lab]
        failover:
          after: 90s
          back: 1h
    zones:
      contoso.com:
        create:
          file: /f
          primary: ns.example.net
          contact: hostmaster.example.net
        serial: date
        views: [internal]
        update-key: /k
    metrics:
      listen: 127.0.0.1:9953
      textfile: /z.prom
      host-names: [ns1.example.net]
    hooks:
      change: [/usr/local/sbin/commit]
      problem: [/usr/local/sbin/page, "1"]
    """

  /// A key, where it stands, and how.
  private struct Key {
    enum Shape { case word, list, section }

    var name: String
    /// From the top, as errors have it.
    var path: String
    /// Of its section; empty at the top.
    var parent: String
    /// From 0.
    var index: Int
    /// How many lines it has, with what is below it.
    var count: Int
    /// What stands before the key on its line.
    var lead: String
    var shape: Shape
    /// Whether it is the name of a zone, which no key is.
    var isFree: Bool

    var line: Int { index + 1 }
  }

  private static let lines = whole.split(separator: "\n").map(String.init)

  private static let keys: [Key] = {
    var keys: [Key] = []
    // The sections that are open, by how far what is in them is set in.
    var open: [(column: Int, path: String)] = []
    var entries: [String: Int] = [:]
    for (index, line) in lines.enumerated() {
      let lead = String(line.prefix { $0 == " " || $0 == "-" })
      let column = lead.count
      open.removeAll { $0.column >= (lead.contains("-") ? column - 2 : column) }
      if lead.contains("-") {
        let list = open.last?.path ?? ""
        open.append((column - 2, "\(list)[\(entries[list, default: 0])]"))
        entries[list, default: 0] += 1
      }
      let parent = open.last?.path ?? ""
      let rest = line.dropFirst(column)
      let name = String(rest.prefix { $0 != ":" })
      let value = rest.dropFirst(name.count + 1).drop { $0 == " " }
      let path = parent.isEmpty ? name : "\(parent).\(name)"
      let below = value.isEmpty ? lines[(index + 1)...].prefix { Self.indent(of: $0) > column } : []
      let isList =
        value.hasPrefix("[") || below.first?.drop { $0 == " " }.hasPrefix("- ") == true
      keys.append(
        Key(
          name: name, path: path, parent: parent, index: index, count: below.count + 1, lead: lead,
          shape: isList ? .list : value.isEmpty ? .section : .word, isFree: parent == "zones"))
      if value.isEmpty { open.append((column, path)) }
    }
    return keys
  }()

  private static func indent(of line: String) -> Int { line.prefix { $0 == " " }.count }

  /// The whole configuration with other lines for a key.
  private static func text(_ key: Key, _ replacement: [String]) -> String {
    var lines = lines
    lines.replaceSubrange(key.index..<key.index + key.count, with: replacement)
    return lines.joined(separator: "\n") + "\n"
  }

  private func error(_ text: String) -> String {
    do {
      _ = try Configuration.parse(text, file: "/etc/z.yaml")
      return "no error"
    } catch {
      return "\(error)"
    }
  }

  @Test("all keys right → read, and the list here has each key that a section can have")
  func right() throws {
    _ = try Configuration.parse(Self.whole, file: "/etc/z.yaml")
    #expect(Self.keys.count == Self.lines.count)
    #expect(Self.keys.map(\.path).contains("bind.rndc.key-file"))
    #expect(Self.keys.map(\.path).contains("clusters[1].static.masters"))
    #expect(Self.keys.map(\.path).contains("zones.contoso.com.create.contact"))
    #expect(Self.keys.map(\.path).contains("clusters[3].service-account.uid"))
    // What an unknown key is answered with is all that there is.
    for (section, message) in [
      ("", error(Self.whole + "\nfrobnicate: 1\n")),
      ("bind", error("clusters: []\nbind: { frobnicate: 1 }\n")),
      ("bind.rndc", error("clusters: []\nbind: { rndc: { frobnicate: 1 } }\n")),
      ("clusters", error("clusters: [{ frobnicate: 1 }]\n")),
      ("static", error("clusters: [{ name: a, static: { frobnicate: 1 } }]\n")),
      (
        "service-account",
        error("clusters: [{ name: a, masters: [https://m], service-account: { frobnicate: 1 } }]\n")
      ),
      ("metrics", error("clusters: []\nmetrics: { frobnicate: 1 }\n")),
      ("hooks", error("clusters: []\nhooks: { frobnicate: 1 }\n")),
      ("zones.contoso.com", error("clusters: []\nzones: { contoso.com: { frobnicate: 1 } }\n")),
      ("create", error("clusters: []\nzones: { contoso.com: { create: { frobnicate: 1 } } }\n")),
    ] {
      let names = try #require(message.components(after: "The keys here are "), "\(message)")
      let known = Set(
        Self.keys.filter { key in
          section.isEmpty
            ? key.parent.isEmpty
            : key.parent == section || key.parent.hasSuffix(".\(section)")
              || key.parent.hasPrefix("\(section)[") && !key.parent.contains("].")
        }.map(\.name))
      #expect(Set(names) == known, "\(section)")
    }
  }

  /// The configuration with each key wrong in each of the ways below, but for keys that stand twice.
  static var mistakes: [String] {
    keys.flatMap { key -> [String] in
      let values = wrongTypes(of: key) + noValues
      let slip = lines[key.index..<key.index + key.count] + [misspelt(key)]
      return values.map { text(key, ["\(key.lead)\(key.name): \($0)"]) }
        + (key.isFree ? [] : [text(key, Array(slip))])
    }
  }

  private static let noValues = ["", "~", "null", "\"\"", "\"a\\ab\""]

  private static func wrongTypes(of key: Key) -> [String] {
    switch key.shape {
    case .word: ["[a]", "{ a: b }", "[]"]
    case .list: ["word", "{ a: b }", "17"]
    // The path of a file will do there too.
    case .section where key.name == "service-account": ["[a]", "[]"]
    case .section: ["word", "[a]", "[{ a: b }]", "17"]
    }
  }

  private static func misspelt(_ key: Key) -> String {
    key.lead.replacing("-", with: " ") + key.name + "x: 1"
  }

  @Test("a list, a section or a word in another's place → told with file, line and key")
  func wrongTypes() {
    for key in Self.keys {
      for value in Self.wrongTypes(of: key) {
        let message = error(Self.text(key, ["\(key.lead)\(key.name): \(value)"]))
        #expect(
          message.hasPrefix("/etc/z.yaml:\(key.line): \(key.path)"),
          "\(key.path): \(value): \(message)")
      }
    }
  }

  @Test("a key without a value, or with one that says nothing → told with file, line and key")
  func noValues() {
    for key in Self.keys {
      for value in Self.noValues {
        let message = error(Self.text(key, ["\(key.lead)\(key.name): \(value)"]))
        #expect(
          message.hasPrefix("/etc/z.yaml:\(key.line): \(key.path): "),
          "\(key.path): \(value): \(message)")
      }
    }
  }

  @Test("a key that stands twice → told with its line, whatever section it is in")
  func duplicates() {
    for key in Self.keys {
      let own = Self.lines[key.index..<key.index + key.count]
      let again = key.lead.replacing("-", with: " ") + key.name + ": again"
      let message = error(Self.text(key, own + [again]))
      #expect(
        message.hasPrefix("/etc/z.yaml:\(key.line): \(key.path): the key is here twice"),
        "\(key.path): \(message)")
    }
  }

  @Test("a key with a letter too many → told with file, line and key, and with the one meant")
  func misspelt() {
    for key in Self.keys where !key.isFree {
      let own = Self.lines[key.index..<key.index + key.count]
      let message = error(Self.text(key, own + [Self.misspelt(key)]))
      let path = key.parent.isEmpty ? "\(key.name)x" : "\(key.parent).\(key.name)x"
      #expect(
        message
          == "/etc/z.yaml:\(key.line + key.count): \(path): unknown key. Did you mean \(key.name)?",
        "\(key.path)")
    }
  }

  @Test(
    "a mistyped key → the one that was meant, where one is near; else none",
    arguments: [
      ("masters", "masters"), ("masterz", "masters"), ("mastesr", "masters"), ("mster", "masters"),
      ("MASTERS", "masters"), ("matsres", "masters"), ("mater", "masters"), ("mate", nil),
      ("nmae", "name"), ("nam", "name"), ("na", nil), ("eman", nil), ("", nil), ("frobnicate", nil),
      ("uids", "uid"), ("ui", "uid"), ("ud", "uid"), ("u", nil), ("cluster", "cluster-id"),
      ("clusterid", "cluster-id"), ("cluster_id", "cluster-id"), ("id", "uid"), ("käse", nil),
    ] as [(String, String?)])
  func nearest(typed: String, meant: String?) {
    let known = NearestWord(known: ["masters", "name", "uid", "cluster-id"])
    #expect(known.suggestion(for: typed) == meant)
    #expect(NearestWord(known: []).suggestion(for: typed) == nil)
  }

  @Test(
    "a key as another program calls it, or its beginning → the one that is meant",
    arguments: [
      ("ca-cert", "ca-certificate"), ("cacert", "ca-certificate"), ("token", "token-file"),
      ("username", "uid"), ("urls", "masters"), ("poll_interval", "interval"), ("id", "cluster-id"),
      ("frobnicate", nil), ("aliases", nil), ("named-conf", nil),
    ] as [(String, String?)])
  func meaning(typed: String, meant: String?) {
    let keys = ["masters", "ca-certificate", "token-file", "uid", "cluster-id", "interval"]
    #expect(UnknownKey(typed, among: keys).suggestion == meant)
  }

  @Test(
    "a key of another section → where it belongs",
    arguments: [
      ("masters: [http://10.0.6.68]", "1: masters: unknown key. Move it into an entry of clusters"),
      ("named-conf: /x", "1: named-conf: unknown key. Move it below bind"),
      ("user: bind", "1: user: unknown key. Move it below bind"),
      (
        "bind: { interval: 5s }",
        "1: bind.interval: unknown key. Move it to the top level of the file"
      ),
      ("bind: { port: 53 }", "1: bind.port: unknown key. Did you mean query?"),
      ("domains: []", "1: domains: unknown key. Did you mean aliases?"),
      ("hooks: { on-change: [/x] }", "1: hooks.on-change: unknown key. Did you mean change?"),
    ])
  func misplaced(yaml: String, told: String) {
    #expect(mistakes(of: yaml + "\nclusters: []").contains { $0.hasPrefix(told) })
  }

  @Test(
    "a path for a shell → a mistake; one with these signs in it → taken",
    arguments: [("~/zb", true), ("$HOME/zb", true), ("/srv/a~b/$x", false)])
  func shellPath(path: String, isMistake: Bool) {
    let told = mistakes(of: "clusters: []\nstate-directory: \(path)")
    #expect(
      told
        == (isMistake
          ? [
            "2: state-directory: '\(path)' is a path for a shell, and no shell reads this file. Write the whole path, as in /var/lib/zonebridge"
          ] : []))
  }

  @Test("a cluster that cannot be read → its mistake alone, and none of the alias that leads to it")
  func unreadCluster() {
    let told = mistakes(
      of: """
        clusters: [{ name: "my prod", masters: [http://10.0.6.68] }]
        aliases: [{ name: a.contoso.com, cluster: "my prod" }]
        """)
    #expect(told.count == 1 && told[0].hasPrefix("1: clusters[0].name: 'my prod' cannot name"))
  }

  /// All mistakes, each with its line.
  private func mistakes(of yaml: String) -> [String] {
    guard case .wrong(let mistakes) = Configuration.read(yaml, file: "/etc/z.yaml") else {
      return []
    }
    return mistakes.map { String("\($0)".dropFirst("/etc/z.yaml:".count)) }
  }

  // MARK: Defaults

  @Test("a key that is left out → the default that the reference gives")
  func defaults() throws {
    let configuration = try Configuration.parse(
      """
      clusters: [{ name: a, masters: [https://10.0.6.68] }]
      aliases: [{ name: contoso.com, cluster: a }]
      zones: { contoso.com: {} }
      metrics: {}
      """, file: "/etc/z.yaml")
    #expect(configuration.interval == .seconds(30))
    #expect(configuration.stateDirectory == "/var/lib/zonebridge")
    #expect(configuration.metrics == MetricsConfiguration())
    #expect(configuration.metrics.listen == nil && configuration.metrics.textfile == nil)
    #expect(configuration.notes == [])
    let bind = configuration.desired.bind
    #expect(bind.namedConf == "/etc/bind/named.conf" && bind.zonesIn == "/etc/bind/named.conf")
    #expect(bind.views == nil)
    #expect(bind.root == ServerRoot("/"))
    #expect(bind.exemptsFromValidation)
    #expect(bind.query.description == "127.0.0.1:53")
    #expect(bind.reload == .rndc(RemoteControlSettings()))
    let cluster = try #require(configuration.desired.clusters.first)
    #expect(cluster.pinnedID == nil && !cluster.followsID && cluster.forwarders == nil)
    #expect(cluster.settleTime == 900 && cluster.dnsPort == 53)
    guard case .polled(_, .system) = cluster.source, case .none = cluster.credentials else {
      Issue.record("\(cluster)")
      return
    }
    let alias = try #require(configuration.desired.aliases.first)
    #expect(alias.label == "mesos" && alias.ttl == 60 && alias.allow == [])
    #expect(alias.cluster == "a" && alias.failover == nil)
    let zone = try #require(configuration.desired.zones.first?.value)
    #expect(zone.create == nil && zone.serial == .increment)
    #expect(zone.views == nil && zone.updateKey == nil)
  }

  @Test("other values than the defaults → read as they stand, each into its own place")
  func values() throws {
    let configuration = try Configuration.parse(Self.whole, file: "/etc/z.yaml")
    let bind = configuration.desired.bind
    #expect(bind.views == ["internal"] && bind.exemptsFromValidation)
    #expect(
      bind.reload
        == .rndc(
          RemoteControlSettings(config: "/c", server: "localhost", port: 953, keyFile: "/k")))
    let alias = try #require(configuration.desired.aliases.last)
    #expect(alias.cluster == "prod")
    #expect(alias.failover == Failover(["prod", "lab"], after: 90, back: 3600))
    try several()
    let other = try Configuration.parse(
      """
      bind: { tools: sbin, root: /chroot, dnssec-exempt: false, views: [a, b], query: 10.0.0.1, reload: none }
      clusters: [{ name: a, masters: [https://m], insecure: true, settle-time: 500ms }]
      aliases: [{ name: b.c, cluster: a, label: _x-1, ttl: 2147483647, allow: [shared-file] }]
      zones: { b.c: { serial: unixtime, views: [v], update-key: k } }
      """, file: "/etc/z.yaml")
    #expect(other.desired.bind.tools == "/etc/sbin")
    #expect(other.desired.bind.root == ServerRoot("/chroot"))
    #expect(!other.desired.bind.exemptsFromValidation)
    #expect(other.desired.bind.views == ["a", "b"])
    #expect(other.desired.bind.query.description == "10.0.0.1:53")
    #expect(other.desired.bind.reload == .none)
    guard case .polled(_, .unverified)? = other.desired.clusters.first?.source else {
      Issue.record("\(other.desired.clusters)")
      return
    }
    #expect(other.desired.clusters.first?.settleTime == 0)
    let otherAlias = try #require(other.desired.aliases.first)
    #expect(
      otherAlias.label == "_x-1" && otherAlias.ttl == 2_147_483_647
        && otherAlias.allow == [.sharedFile])
    let zone = try #require(other.desired.zones.first?.value)
    #expect(zone.serial == .unixtime && zone.views == ["v"] && zone.updateKey == "/etc/k")
  }

  private func several() throws {
    let clusters =
      "clusters: [{ name: a, masters: [https://a] }, { name: b, masters: [https://b] }]"
    for (keys, failover) in [
      ("clusters: [b, a]", Failover(["b", "a"])),
      ("clusters: [b, a], failover: {}", Failover(["b", "a"], after: 120)),
      ("clusters: [a, b], failover: { after: 1s }", Failover(["a", "b"], after: 1)),
      ("clusters: [a, b], failover: { back: 24h }", Failover(["a", "b"], back: 86_400)),
    ] {
      let text = "\(clusters)\naliases: [{ name: x.y, \(keys) }]\n"
      let configuration = try Configuration.parse(text, file: "/etc/z.yaml")
      #expect(configuration.desired.aliases.first?.failover == failover, "\(keys)")
    }
  }
}

extension String {
  /// What follows a text, divided at commas; nil where the text is not there.
  fileprivate func components(after text: String) -> [String]? {
    guard let range = firstRange(of: text) else { return nil }
    return self[range.upperBound...].split(separator: ", ").map(String.init)
  }
}
