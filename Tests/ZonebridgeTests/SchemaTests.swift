import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import zonebridge

/// What editors are told of the configuration is what the program takes.
@Suite("The configuration's JSON schema", .timeLimit(.minutes(5))) struct SchemaTests {
  // MARK: Keys

  /// The definition of each section, and a configuration with an unknown key in it, at %.
  @Test(
    "a section → the schema has the keys that the program has, each with a description",
    arguments: [
      ("", "%: 1"), ("bind", "bind: { %: 1 }"), ("rndc", "bind: { rndc: { %: 1 } }"),
      ("cluster", "clusters: [{ name: a, %: 1 }]"),
      ("static", "clusters: [{ name: a, static: { %: 1 } }]"),
      (
        "service-account",
        "clusters: [{ name: a, masters: [https://10.0.0.1], service-account: { %: 1 } }]"
      ),
      ("alias", "clusters: []\naliases: [{ %: 1 }]"),
      (
        "failover",
        """
        clusters: [{ name: a, masters: [https://a] }, { name: b, masters: [https://b] }]
        aliases: [{ name: a.example, clusters: [a, b], failover: { %: 1 } }]
        """
      ),
      ("zone", "clusters: []\nzones: { a.example: { %: 1 } }"),
      ("create", "clusters: []\nzones: { a.example: { create: { %: 1 } } }"),
      ("metrics", "clusters: []\nmetrics: { %: 1 }"), ("hooks", "clusters: []\nhooks: { %: 1 }"),
    ])
  func keys(section: String, yaml: String) throws {
    let schema = try Self.schema()
    let definitions = try #require(schema["$defs"] as? [String: [String: Any]])
    let definition = section.isEmpty ? schema : try #require(definitions[section])
    let properties = try #require(definition["properties"] as? [String: [String: Any]])
    let error = try #require(throws: ConfigurationError.self) {
      try Configuration.parse(
        yaml.replacing("%", with: "qqqqqqqqqqqqqqqqqqqqqqqq"), file: "/z.yaml")
    }
    let known = try #require(error.remedy?.firstMatch(of: /^The keys here are (.+)$/)?.output.1)
    #expect(Set(properties.keys) == Set(known.split(separator: ", ").map(String.init)))
    #expect(definition["additionalProperties"] as? Bool == false)
    for (key, property) in properties {
      #expect((property["description"] as? String)?.isEmpty == false, "\(section).\(key)")
    }
  }

  @Test("the words of an enumeration → those of the program")
  func words() throws {
    let definitions = try #require(try Self.schema()["$defs"] as? [String: [String: Any]])
    func words(_ section: String, _ key: String) -> [String]? {
      let property = (definitions[section]?["properties"] as? [String: [String: Any]])?[key]
      return (property?["enum"] ?? (property?["items"] as? [String: Any])?["enum"]) as? [String]
    }
    for (section, key, yaml) in [
      ("bind", "reload", "clusters: []\nbind: { reload: qqqq }"),
      ("zone", "serial", "clusters: []\nzones: { a.example: { serial: qqqq } }"),
      (
        "alias", "allow",
        "clusters: [{ name: a, masters: [https://m] }]\naliases: [{ name: a.example, cluster: a, allow: [qqqq] }]"
      ),
    ] {
      let error = try #require(throws: ConfigurationError.self) {
        try Configuration.parse(yaml, file: "/z.yaml")
      }
      let known = try #require(error.remedy?.firstMatch(of: /^Write one of: (.+)$/)?.output.1)
      #expect(words(section, key) == known.split(separator: ", ").map(String.init), "\(key)")
    }
  }

  @Test("the package has it where the example's first line says that it is")
  func place() throws {
    let path = "/usr/share/zonebridge/zonebridge.schema.json"
    let example = try String(
      contentsOf: Repository.file("deploy/zonebridge.yaml.example"), encoding: .utf8)
    #expect(example.hasPrefix("# yaml-language-server: $schema=\(path)\n"))
    let install = try String(contentsOf: Repository.file("deploy/install"), encoding: .utf8)
    #expect(install.contains("\nput 644 deploy/zonebridge.schema.json \(path)\n"))
  }

  // MARK: A validator

  @Test(
    "configurations that the program takes → the schema takes them",
    .enabled(if: SchemaValidator.isThere, SchemaValidator.reason))
  func right() async throws {
    let example = try String(
      contentsOf: Repository.file("deploy/zonebridge.yaml.example"), encoding: .utf8)
    let all = example.replacing(/^( *)#((?:  )*[a-z])/.anchorsMatchLineEndings()) {
      "\($0.output.1)\($0.output.2)"
    }
    let texts =
      [example, all, ConfigurationTableTests.whole] + SchemaCases.right
    for text in texts { _ = try Configuration.parse(text, file: "/etc/z.yaml") }
    for (text, objection) in zip(texts, try await SchemaValidator.objections(to: texts)) {
      #expect(objection == nil, "\(text)")
    }
  }

  @Test(
    "each key wrong in each way that does not depend on what it means → both refuse it",
    .enabled(if: SchemaValidator.isThere, SchemaValidator.reason))
  func wrongKeys() async throws {
    let texts = ConfigurationTableTests.mistakes
    #expect(texts.count > 400)
    let objections = try await SchemaValidator.objections(to: texts)
    for (text, objection) in zip(texts, objections) {
      #expect(throws: ConfigurationError.self, "\(text)") {
        try Configuration.parse(text, file: "/etc/z.yaml")
      }
      #expect(objection != nil, "\(text)")
    }
  }

  @Test(
    "mistaken values → refused by the program; by the schema too, but for what it cannot say",
    .enabled(if: SchemaValidator.isThere, SchemaValidator.reason))
  func wrongValues() async throws {
    let cases = SchemaCases.wrong
    let objections = try await SchemaValidator.objections(to: cases.map(\.yaml))
    for (mistake, objection) in zip(cases, objections) {
      #expect(throws: ConfigurationError.self, "\(mistake.yaml)") {
        try Configuration.parse(mistake.yaml, file: "/etc/z.yaml")
      }
      #expect((objection == nil) == (mistake.beyond != nil), "\(mistake.yaml): \(objection ?? "")")
    }
  }

  private static func schema() throws -> [String: Any] {
    let data = try Data(contentsOf: Repository.file("deploy/zonebridge.schema.json"))
    return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
  }
}

/// Debian's python3-jsonschema, over python3-yaml.
private enum SchemaValidator {
  static let reason: Comment =
    "python3 has no yaml and jsonschema (2020-12): apt-get install python3-jsonschema python3-yaml"

  static let isThere: Bool = {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: locate("python3").string)
    process.arguments = ["-c", "import yaml; from jsonschema import Draft202012Validator"]
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }()

  /// Scalars are read as YAML 1.2 has them, as editors do: `yes` is a text.
  private static let script = """
    import json, re, sys, yaml
    from jsonschema import Draft202012Validator
    class Loader(yaml.SafeLoader):
        yaml_implicit_resolvers = {}
    for tag, form, first in [
        ("bool", r"true|false", "tf"), ("null", r"~|null|", "~n\\0"), ("int", r"-?(0|[1-9][0-9]*)", "-0123456789"),
    ]:
        for letter in first.replace("\\0", ""):
            Loader.add_implicit_resolver("tag:yaml.org,2002:" + tag, re.compile("^(?:" + form + ")$"), [letter])
    Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile("^$"), [""])
    validator = Draft202012Validator(json.load(open(sys.argv[1])))
    Draft202012Validator.check_schema(validator.schema)
    def objection(text):
        errors = list(validator.iter_errors(yaml.load(text, Loader)))
        return errors[0].message if errors else None
    print(json.dumps([objection(text) for text in json.load(sys.stdin)]))
    """

  /// What the validator has against each text; nil for nothing.
  static func objections(to texts: [String]) async throws -> [String?] {
    let input = String(decoding: try JSONEncoder().encode(texts), as: UTF8.self)
    let result = try await run(
      "python3",
      arguments: ["-c", script, Repository.file("deploy/zonebridge.schema.json").path],
      input: input)
    #expect(result.status == 0, "\(result.standardError)")
    return try JSONDecoder().decode([String?].self, from: Data(result.standardOutput.utf8))
  }
}

/// A mistake, and why a schema cannot say that it is one.
private struct SchemaCase {
  var yaml: String
  var beyond: String?

  init(_ yaml: String, beyond: String? = nil) {
    self.yaml = yaml
    self.beyond = beyond
  }

  static func cluster(_ keys: String, beyond: String? = nil) -> SchemaCase {
    SchemaCase("clusters: [{ name: prod, \(keys) }]\n", beyond: beyond)
  }

  static func alias(_ keys: String, beyond: String? = nil) -> SchemaCase {
    SchemaCase(
      "clusters: [{ name: prod, masters: [https://m] }]\naliases: [{ \(keys) }]\n", beyond: beyond)
  }

  static func rest(_ text: String, beyond: String? = nil) -> SchemaCase {
    SchemaCase("clusters: []\n\(text)\n", beyond: beyond)
  }
}

private enum SchemaCases {
  static let right = [
    "clusters: []\n",
    """
    bind: { root: /chroot, dnssec-exempt: false, views: [a, b], query: 10.0.0.1, reload: none, user: 0 }
    clusters: [{ name: a, masters: [http://m:8080, "https://[::1]:443"], insecure: true, settle-time: 500ms, uid: 17,
      password-file: p }]
    aliases: [{ name: b.c., cluster: a, label: _x-1, ttl: 2147483647, allow: [shared-file, hides-names] }]
    zones: { b.c: { serial: unixtime, views: [v], update-key: k } }
    metrics: { listen: "[::1]:9953", host-names: [ns1.example.net, 192.0.2.1, "2001:db8::1"] }
    """,
    "clusters: [{ name: 1a, static: { cluster-id: \(otherID), masters: [10.1.0.5, \"2001:db8::5\"] }, insecure: false }]\n",
    """
    clusters:
      - { name: a, masters: [https://m], service-account: account.json, forwarders: [192.0.2.1] }
      - { name: b, masters: [https://m], certificate-sha256: "\(String(repeating: "AB:", count: 31))AB" }
    aliases: []
    zones: {}
    metrics: {}
    hooks: {}
    """,
    "interval: 1s\nclusters: []\nmetrics: { listen: 127.0.0.1 }\nbind: {}\n",
    "interval: 1000ms\nclusters: []\nmetrics: { listen: \"::1\" }\n",
  ]

  static let wrong: [SchemaCase] = [
    SchemaCase("interval: 30s\n"), .rest("interval: 10"), .rest("interval: 0s"),
    .rest("interval: 999ms"), .rest("interval: 30 s"), .rest("interval: 1d"),
    .rest("bind: { query: localhost }"), .rest("bind: { query: \"127.0.0.1:0\" }"),
    .rest("bind: { query: 127.0.0.1:99999 }", beyond: "how large a number in a text is"),
    .rest("bind: { query: 127.0.0.256 }", beyond: "how large a number in a text is"),
    .rest("bind: { reload: restart }"), .rest("bind: { rndc: { port: 0 } }"),
    .rest("bind: { rndc: { port: 99999 } }"), .rest("bind: { rndc: { port: \"953\" } }"),
    .rest("bind: { rndc: { server: -p } }"), .rest("bind: { rndc: { server: \"a b\" } }"),
    .rest("bind: { views: [a, a] }"), .rest("bind: { dnssec-exempt: yes }"),
    .cluster("masters: []"), .cluster("masters: [10.0.6.68]"), .cluster("masters: [\"https://\"]"),
    .cluster("masters: [ftp://10.0.6.68]"), .cluster("masters: [https://m/path]"),
    .cluster("masters: [https://m, https://m]"),
    .cluster("masters: [https://m, \"https://m:443\"]", beyond: "that two URLs are one master"),
    .cluster("masters: [https://m:99999]", beyond: "how large a number in a text is"),
    .cluster("ca-certificate: x"),
    .cluster("masters: [https://m], static: { cluster-id: \(prodID), masters: [10.0.0.1] }"),
    .cluster("static: { cluster-id: bogus, masters: [10.0.0.1] }"),
    .cluster("static: { cluster-id: \(prodID) }"),
    .cluster("static: { cluster-id: \(prodID), masters: [m] }"),
    .cluster("static: { cluster-id: \(prodID), masters: [10.0.0.1] }, uid: a, password-file: b"),
    .cluster("static: { cluster-id: \(prodID), masters: [10.0.0.1] }, ca-certificate: a"),
    .cluster("static: { cluster-id: \(prodID), masters: [10.0.0.1] }, insecure: true"),
    .cluster("static: { cluster-id: \(prodID), masters: [10.0.0.1] }, follow-id: true"),
    .cluster("masters: [https://m], uid: a"), .cluster("masters: [https://m], password-file: a"),
    .cluster("masters: [https://m], token-file: a, uid: b, password-file: c"),
    .cluster("masters: [https://m], token-file: a, service-account: b"),
    .cluster("masters: [https://m], service-account: { uid: a }"),
    .cluster("masters: [https://m], ca-certificate: a, insecure: true"),
    .cluster("masters: [https://m], ca-certificate: a, certificate-sha256: \"\(fingerprint)\""),
    .cluster("masters: [http://m], certificate-sha256: \"\(fingerprint)\""),
    .cluster("masters: [https://m], certificate-sha256: abcd"),
    .cluster(
      "masters: [http://m], token-file: a", beyond: "which masters would get what in clear text"),
    .cluster("masters: [https://m], cluster-id: 1"),
    .cluster("masters: [https://m], forwarders: []"),
    .cluster("masters: [https://m], forwarders: [m]"),
    .cluster("masters: [https://m], dns-port: 0"), .cluster("masters: [https://m], settle-time: 5"),
    .cluster("masters: [https://m], probe: web.marathon."),
    .cluster("masters: [https://m], probe: \"a b\""),
    .cluster("masters: [https://m], follow-id: maybe"),
    SchemaCase("clusters: [{ name: \"a b\", masters: [https://m] }]\n"),
    SchemaCase("clusters: [{ name: -a, masters: [https://m] }]\n"),
    SchemaCase("clusters: [{ masters: [https://m] }]\n"), SchemaCase("clusters: [lab]\n"),
    SchemaCase(
      "clusters: [{ name: a, masters: [https://m] }, { name: a, masters: [https://n] }]\n",
      beyond: "that names of entries differ"),
    .alias("name: contoso.com"), .alias("cluster: prod"),
    .alias("name: contoso.com, cluster: lab", beyond: "that a cluster of this name is there"),
    .alias("name: \"*.contoso.com\", cluster: prod"), .alias("name: \"*\", cluster: prod"),
    .alias("name: \"a:b\", cluster: prod"), .alias("name: a@b, cluster: prod"),
    .alias("name: a b, cluster: prod"), .alias("name: ., cluster: prod"),
    .alias("name: k\u{e4}se.example, cluster: prod"),
    .alias("name: a..b, cluster: prod", beyond: "each rule of a domain name"),
    .alias("name: contoso.com, cluster: prod, ttl: -1"),
    .alias("name: contoso.com, cluster: prod, ttl: 2147483648"),
    .alias("name: contoso.com, cluster: prod, ttl: 1m"),
    .alias("name: contoso.com, cluster: prod, label: a.b"),
    .alias("name: contoso.com, cluster: prod, label: -a"),
    .alias("name: contoso.com, cluster: prod, allow: [everything]"),
    .alias(
      "name: contoso.com, cluster: prod }, { name: a.contoso.com, cluster: prod",
      beyond: "that no alias lies below another one"),
    .rest("zones: { contoso.com: { serial: maybe } }"), .rest("zones: { contoso.com: no }"),
    .rest("zones: { contoso.com: { create: { file: /x, primary: a.b } } }"),
    .rest("zones: { contoso.com: { create: { file: '/x\"', primary: a.b, contact: c.d } } }"),
    .rest("zones: { contoso.com: { create: { file: /x, primary: a.b, contact: c@d } } }"),
    .rest(
      "zones: { contoso.com: { create: { file: /x, primary: ns.contoso.com, contact: c.d } } }",
      beyond: "that a name lies outside the zone"),
    .rest(
      "zones: { contoso.com: {}, contoso.com.: {} }", beyond: "that two names are the same"),
    .rest("metrics: { listen: 9953 }"), .rest("metrics: { listen: \"localhost:9953\" }"),
    .rest("metrics: { listen: \"[::1]:0\" }"), .rest("metrics: { textfile: /x }"),
    .rest("metrics: { host-names: [] }"), .rest("metrics: { host-names: [\"ns1:80\"] }"),
    .rest("metrics: { host-names: [a, \"b/c\"] }"), .rest("hooks: { change: [] }"),
    .rest("hooks: { change: [commit] }"), .rest("hooks: { problem: /usr/local/sbin/page }"),
    .rest("clusters: []", beyond: "that a key stands twice, which is YAML's to say"),
  ]

  private static let fingerprint = String(repeating: "ab", count: 32)
}
