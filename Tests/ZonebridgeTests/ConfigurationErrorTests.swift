import SystemPackage
import TestSupport
import Testing

@testable import zonebridge

private let clusterID = SampleID.published
private let fingerprint = String(repeating: "ab", count: 32)

/// A configuration with one mistake, and what has to be said about it.
struct Mistake: CustomTestStringConvertible, Sendable {
  var yaml: String
  /// What follows the file's name, from the line on.
  var start: String
  var rest: String

  init(_ yaml: String, _ start: String, _ rest: String = "") {
    self.yaml = yaml
    self.start = start
    self.rest = rest
  }

  /// A mistake in a key of the one cluster, which stands on line 4.
  static func cluster(_ line: String, _ start: String, _ rest: String = "") -> Mistake {
    Mistake(
      "clusters:\n  - name: prod\n    masters: [https://10.0.6.68]\n    \(line)\n",
      "4: clusters[0].\(start)", rest)
  }

  /// A mistake in the last of these keys of the one cluster.
  static func cluster(_ lines: [String], _ start: String, _ rest: String = "") -> Mistake {
    Mistake(
      "clusters:\n  - name: prod\n    masters: [https://10.0.6.68]\n"
        + lines.map { "    \($0)\n" }.joined(),
      "\(3 + lines.count): clusters[0].\(start)", rest)
  }

  /// A mistake in a key of the one alias, which stands on line 6.
  static func alias(_ line: String, _ start: String, _ rest: String = "") -> Mistake {
    Mistake(
      """
      clusters:
        - { name: prod, masters: [https://10.0.6.68] }
      aliases:
        - name: contoso.com
          cluster: prod
          \(line)
      """, "6: aliases[0].\(start)", rest)
  }

  /// A mistake in the keys of the one alias, where there are clusters a and b; on line 2.
  static func several(_ keys: String, _ start: String, _ rest: String = "") -> Mistake {
    Mistake(
      "clusters: [{ name: a, masters: [http://a] }, { name: b, masters: [http://b] }]\n"
        + "aliases: [{ name: x.y, \(keys) }]",
      "2: aliases[0].\(start)", rest)
  }

  /// A mistake in the one zone's key `create`, on line 3.
  static func create(_ keys: String, _ start: String, _ rest: String = "") -> Mistake {
    Mistake(
      "clusters: []\nzones: { contoso.com: {\n  create: { \(keys) } } }\n",
      "3: zones.contoso.com.create\(start)", rest)
  }

  var testDescription: String { yaml }
}

@Suite(.timeLimit(.minutes(2))) struct ConfigurationErrorTests {
  private func check(_ mistake: Mistake) throws {
    let error = try #require(throws: ConfigurationError.self) {
      try Configuration.parse(mistake.yaml, file: "/etc/z.yaml")
    }
    #expect(error.description.hasPrefix("/etc/z.yaml:\(mistake.start)"))
    #expect(error.description.contains(mistake.rest))
    // What to do about it is apart, and a sentence of its own.
    let remedy = try #require(error.remedy)
    #expect(remedy.first?.isUppercase == true && error.description == "\(error.cause). \(remedy)")
  }

  @Test(
    "a mistake in the document → its line and key, and what to write",
    arguments: [
      Mistake("", "1: the file is empty"),
      Mistake("# nothing\n", "1: the file is empty"),
      Mistake("- a", "1: the file is a list, not keys with values"),
      Mistake("interval: 30s\n", "1: clusters: the key is missing, which leaves nothing to do"),
      Mistake("clusters:\n", "1: clusters: has no value"),
      Mistake("clusters:\n  name: x\n", "1: clusters: is a section of keys, not a list"),
      Mistake("clusters: []\nbind: [\n", "3: not YAML: "),
      Mistake("clusters: []\nbind:\n\treload: none\n", "3: a tab, where YAML allows only spaces"),
      Mistake("interval: 30s\nclusters: []\ninterval: 5m\n", "1: interval: the key is here twice"),
      Mistake("clusters: []\n---\nclusters: []\n", "2: not YAML: ", "another document"),
      Mistake("clusters: []\nintervall: 30s", "2: intervall: unknown key. Did you mean interval?"),
      Mistake("clusters: []\nstate_directory: /x", "2: state_directory: ", "mean state-directory?"),
      Mistake("clusters: []\nfrobnicate: 1", "2: frobnicate: unknown key. The keys here are inter"),
      Mistake("clusters: []\nmetrics:\n", "2: metrics: is without a value, not a section"),
      Mistake(
        "clusters: []\nmetrics: { port: 1 }", "2: metrics.port: unknown key",
        "listen, host-names, textfile"),
      Mistake(
        "clusters: []\nmetrics:\n  listen: localhost:9953\n",
        "3: metrics.listen: \"localhost:9953\" is not an IP address", "as in 127.0.0.1:9953"),
      Mistake(
        "clusters: []\nmetrics: { listen: \":9953\" }", "2: metrics.listen: \":9953\" is not"),
      Mistake("clusters: []\nmetrics: { listen: 9953 }", "2: metrics.listen: \"9953\" is not"),
      Mistake(
        "clusters: []\nmetrics: { listen: \"[::1]:0\" }",
        "2: metrics.listen: port 0 would be another"),
      Mistake(
        "clusters: []\nmetrics: { textfile: metrics.txt }",
        "2: metrics.textfile: node_exporter reads files that end in .prom", "/etc/metrics.txt.prom"),
      Mistake(
        "clusters: []\nmetrics: { host-names: ns1 }", "2: metrics.host-names: is a single value"),
      Mistake(
        "clusters: []\nmetrics: { host-names: [] }", "2: metrics.host-names: the list is empty"),
      Mistake(
        "clusters: []\nmetrics: { host-names: [\"ns1:80\"] }", "2: metrics.host-names[0]: 'ns1:80'",
        "without a port"),
      Mistake(
        "clusters: []\nmetrics: { host-names: [\"[::1]\"] }",
        "2: metrics.host-names[0]: '[::1]' is not"),
      Mistake(
        "clusters: []\nmetrics: { host-names: [a, \"b/c\"] }",
        "2: metrics.host-names[1]: 'b/c' is not"),
      Mistake(
        "clusters: []\nmetrics: { host-names: [ns1, NS1.] }",
        "2: metrics.host-names[1]: ns1 is in the list twice"
      ),
      Mistake("clusters: []\nmetrics: { textfile: [] }", "2: metrics.textfile: is a list"),
      Mistake("clusters: []\nstate-directory: [/x]", "2: state-directory: is a list, not a single"),
      Mistake(
        "clusters: []\nstate-directory: \"a\\0b\"",
        "2: state-directory: the value has a control character"),
    ])
  func document(mistake: Mistake) throws { try check(mistake) }

  @Test(
    "an interval that is none → its key, and what to write",
    arguments: ["500ms", "999ms", "0s", "30", "-5s", "5 m", "1d", "s", "9999999999s", "1.5m"])
  func interval(text: String) throws {
    try check(Mistake("clusters: []\ninterval: \(text)", "2: interval: ", "Write"))
  }

  @Test(
    "a mistake in bind → its line and key, and what to write",
    arguments: [
      ("named_conf: /x", "named_conf: ", "Did you mean named-conf?"),
      ("named-conf: \"\"", "named-conf: ", "has no value"),
      ("query: localhost", "query: ", "127.0.0.1:53"),
      ("query: 127.0.0.1:0", "query: ", "port 0"),
      (
        "reload: systemctl", "reload: 'systemctl' is not a way to reload",
        "Write one of: rndc, none"
      ),
      ("rndc: { prot: 953 }", "rndc.prot: ", "Did you mean port?"),
      ("rndc: { port: 65536 }", "rndc.port: 65536 is not a whole number", "from 1 to 65535"),
      ("rndc: { server: -x }", "rndc.server: ", "is not a host"),
      ("views: [internal, internal]", "views[1]: view internal is in the list twice", ""),
      ("views: [{}]", "views[0]: is a section", ""),
      ("views: internal", "views: is a single value, not a list", "in brackets: views: [internal]"),
      ("root: [/chroot]", "root: is a list", ""),
      ("dnssec-exempt: auto", "dnssec-exempt: ", ""),
      ("dnssec-exempt: no", "dnssec-exempt: 'no' is neither true nor false", ""),
    ])
  func bind(line: String, start: String, rest: String) throws {
    try check(Mistake("clusters: []\nbind:\n  \(line)", "3: bind.\(start)", rest))
  }

  @Test(
    "a mistake in a cluster → its line and key, and what to write",
    arguments: [
      .cluster("cluster_id: x", "cluster_id: ", "Did you mean cluster-id?"),
      .cluster("cluster-id: 1abc", "cluster-id: ", "52 characters"),
      .cluster("settle-time: soon", "settle-time: ", "'soon' is not a time"),
      .cluster("follow-id: \"true\"", "follow-id: ", "neither true nor false"),
      .cluster("insecure: yes", "insecure: 'yes' is neither true nor false"),
      .cluster("token_file: /x", "token_file: ", "Did you mean token-file?"),
      .cluster("token-file: [x]", "token-file: is a list, not a single value"),
      .cluster("uid: x", "uid: needs the key password-file beside it", "{ uid, key-file }"),
      .cluster("password-file: /x", "password-file: needs the key uid beside it"),
      .cluster("service-account: [x]", "service-account: is a list, not a single value"),
      .cluster("service-account: { uid: x }", "service-account: the key key-file is missing"),
      .cluster("service-account: { key-file: x }", "service-account: the key uid is missing"),
      .cluster(
        "service-account: { uid: x, keyfile: y }", "service-account.keyfile: ", "mean key-file?"),
      .cluster(
        ["token-file: z", "password-file: y", "uid: x"],
        "uid: token-file and uid cannot be used together",
        "Remove one of the two"),
      .cluster(
        ["token-file: z", "service-account: x"],
        "service-account: token-file and service-account cannot be used together"),
      .cluster(
        ["password-file: y", "service-account: x"],
        "service-account: uid and service-account cannot be used together"),
      .cluster(
        "certificate-sha256: AB:CD", "certificate-sha256: 'AB:CD' is not a fingerprint",
        "64 hexadecimal digits in quotes, as openssl x509 -noout -fingerprint -sha256"),
      .cluster("certificate-sha256: []", "certificate-sha256: the list is empty"),
      .cluster(
        ["ca-certificate: x", "certificate-sha256: y"],
        "certificate-sha256: ca-certificate and certificate-sha256 cannot be used together"),
      .cluster(
        ["insecure: true", "ca-certificate: x"],
        "ca-certificate: has no effect together with insecure: true"),
      .cluster(
        ["insecure: true", "certificate-sha256: x"],
        "certificate-sha256: has no effect together with insecure: true"),
      Mistake(
        "clusters:\n- name: a\n  token-file: t\n  masters:\n  - https://a\n  - http://b\n",
        "6: clusters[0].masters[1]: http://b would be sent the credentials of token-file in clear text",
        "Write https://, or insecure: true"),
      Mistake(
        "clusters:\n- name: a\n  certificate-sha256: \(fingerprint)\n  masters: [http://b]\n",
        "4: clusters[0].masters[0]: http://b shows no certificate", "Write https://"),
      Mistake(
        "clusters:\n- name: a\n  token-file: t\n"
          + "  static: { cluster-id: \(clusterID), masters: [10.0.0.1] }",
        "3: clusters[0].token-file: has no effect together with static"),
      Mistake(
        "clusters:\n- name: a\n  insecure: true\n"
          + "  static: { cluster-id: \(clusterID), masters: [10.0.0.1] }",
        "3: clusters[0].insecure: has no effect together with static"),
      .cluster("forwarders: []", "forwarders: the list is empty"),
      .cluster("forwarders: [ns.example]", "forwarders[0]: ", "not an IPv4 or IPv6 address"),
      .cluster("forwarders: [10.0.0.1, 10.0.0.1]", "forwarders[1]: 10.0.0.1 is in the list twice"),
      .cluster("dns-port: 0", "dns-port: 0 is not a whole number"),
      .cluster("dns-port: 053", "dns-port: 053 is not a whole number"),
      .cluster("dns-port: \"53\"", "dns-port: \"53\" is not a whole number"),
      .cluster("probe: leader.", "probe: 'leader.' ends in a dot"),
      .cluster("probe: a..b", "probe: 'a..b' is not a domain name: it has an empty label"),
      .cluster(
        "probe: '*.marathon'", "probe: '*.marathon' has other characters than letters, digits"),
      .cluster("probe: \(String(repeating: "x", count: 64))", "probe: ", "longer than 63 octets"),
      .cluster("probe:", "probe: has no value"),
      .cluster("static: {}", "static: masters and static cannot be used together"),
      Mistake(
        "clusters: [{ name: a }]", "1: clusters[0]: the cluster has neither masters nor static"),
      Mistake("clusters: [{ masters: [http://a] }]", "1: clusters[0]: the key name is missing"),
      Mistake("clusters: [{ name: a, masters: [] }]", "1: clusters[0].masters: the list is empty"),
      Mistake(
        "clusters: [{ name: a, masters: [10.0.6.68] }]", "1: clusters[0].masters[0]: ", "https"),
      Mistake("clusters: [{ name: a b, masters: [http://a] }]", "1: clusters[0].name: 'a b'"),
      Mistake("clusters: [{ name: -a, masters: [http://a] }]", "1: clusters[0].name: '-a'"),
      Mistake(
        "clusters:\n- { name: a, masters: [http://a] }\n- { name: a, masters: [http://b] }\n",
        "3: clusters[1].name: another cluster is named a already"),
      Mistake(
        "clusters: [{ name: a, static: { masters: [10.0.0.1] } }]",
        "1: clusters[0].static: the key cluster-id is missing"),
      Mistake(
        "clusters: [{ name: a, static: { cluster-id: \(clusterID), masters: [] } }]",
        "1: clusters[0].static.masters: the list is empty"),
      Mistake(
        "clusters: [{ name: a, static: { cluster-id: \(clusterID), masters: [http://10.0.0.1] } }]",
        "1: clusters[0].static.masters[0]: ", "Write an IP address alone"),
      Mistake(
        "clusters:\n- name: a\n  ca-certificate: /x\n"
          + "  static: { cluster-id: \(clusterID), masters: [10.0.0.1] }",
        "3: clusters[0].ca-certificate: has no effect together with static"),
    ] as [Mistake])
  func cluster(mistake: Mistake) throws { try check(mistake) }

  @Test(
    "a mistake in an alias → its line and key, and what to write",
    arguments: [
      .alias("lable: mesos", "lable: ", "Did you mean label?"),
      .alias("label: a.b", "label: 'a.b' is not a single DNS label"),
      .alias("label: -a", "label: '-a' is not a single DNS label"),
      .alias("ttl: 2147483648", "ttl: 2147483648 is not a whole number", "from 0 to 2147483647"),
      .alias("ttl: -1", "ttl: -1 is not a whole number"),
      .alias("ttl: 1h", "ttl: 1h is not a whole number", "without quotes and unit"),
      .alias(
        "allow: [all]", "allow[0]: 'all' is not a safeguard",
        "Write one of: hides-names, shared-file"),
      .alias("allow: hides-names", "allow: is a single value, not a list"),
      Mistake(
        "clusters: []\naliases: [{ name: a.b }]", "2: aliases[0]: the key cluster is missing"),
      Mistake(
        "clusters: []\naliases: [{ name: a.b, cluster: x }]", "2: aliases[0].cluster: ", "empty"),
      Mistake(
        "clusters: [{ name: a, masters: [http://a] }, { name: b, masters: [http://a] }]\n"
          + "aliases: [{ name: a.b, cluster: c }]",
        "2: aliases[0].cluster: there is no cluster 'c'. The clusters are: a, b"),
      Mistake(
        "clusters: [{ name: a, masters: [http://a] }]\n"
          + "aliases:\n- { name: a.b, cluster: a }\n- { name: A.b., cluster: a }",
        "4: aliases[1].name: the alias A.b is listed already, on line 3"),
      Mistake(
        "clusters: [{ name: a, masters: [http://a] }]\n"
          + "aliases:\n- { name: a.b, cluster: a }\n- { name: c.d.A.b, cluster: a }",
        "4: aliases[1].name: c.d.A.b is below the alias a.b (line 3)"),
      Mistake(
        "clusters: [{ name: a, masters: [http://a] }]\n"
          + "aliases:\n- { name: d.a.b, cluster: a }\n- { name: a.b, cluster: a }",
        "4: aliases[1].name: a.b is above the alias d.a.b (line 3)"),
      Mistake(
        "clusters: [{ name: a, masters: [http://a] }]\naliases: [{ name: '*.b', cluster: a }]",
        "2: aliases[0].name: an alias cannot be a wildcard"),
      Mistake(
        "clusters: [{ name: a, masters: [http://a] }]\naliases: [{ name: 'a:b.c', cluster: a }]",
        "2: aliases[0].name: ", "colon"),
      .several("clusters: [a, b], cluster: a", "clusters: cluster and clusters exclude each other"),
      .several("clusters: [a]", "clusters: with a single cluster the alias has nowhere to go"),
      .several("clusters: []", "clusters: the list is empty"),
      .several("clusters: a", "clusters: is a single value, not a list"),
      .several("clusters: [a, a]", "clusters[1]: a is in the list twice"),
      .several("clusters: [a, c]", "clusters[1]: there is no cluster 'c'. The clusters are: a, b"),
      .several("cluster: a, failover: { after: 1m }", "failover: has no effect with a single"),
      .several("clusters: [a, b], failover: 2m", "failover: is a single value, not a section"),
      .several("clusters: [a, b], failover: { for: 2m }", "failover.for: unknown key. The keys"),
      .several("clusters: [a, b], failover: { after: 2 }", "failover.after: '2' has no unit"),
      .several("clusters: [a, b], failover: { after: 500ms }", "failover.after: 500ms is not betw"),
      .several("clusters: [a, b], failover: { after: 0s }", "failover.after: 0s is not between 1s"),
      .several("clusters: [a, b], failover: { after: 25h }", "failover.after: 25h is not between"),
      .several("clusters: [a, b], failover: { back: 721h }", "failover.back: 721h is not between"),
      .several(
        "clusters: [a, b], failover: { back: 90s }", "failover.back: the alias would return sooner",
        "(90 s) than it leaves (after: 120 s)"),
      Mistake(
        "clusters: []\naliases: [{ name: a..b, cluster: x }]", "2: aliases[0].name: ", "empty l"),
      Mistake(
        "clusters: []\naliases: [{ name: ., cluster: x }]", "2: aliases[0].name: '.' is the root"),
      Mistake(
        "clusters: []\naliases: [{ name: '@', cluster: x }]", "2: aliases[0].name: '@' is not"),
      Mistake(
        "clusters: []\naliases: [{ name: käse.de, cluster: x }]", "2: aliases[0].name: ", "xn--"),
    ] as [Mistake])
  func alias(mistake: Mistake) throws { try check(mistake) }

  @Test(
    arguments: [
      .create("file: f, primary: ns.x.net", ": the key contact is missing"),
      .create("file: f, contact: h.x.net", ": the key primary is missing"),
      .create("primary: ns.x.net, contact: h.x.net", ": the key file is missing"),
      .create(
        "file: 'a\"b', primary: ns.x.net, contact: h.x.net",
        ".file: the path has a quote or backslash"),
      .create(
        "file: f, primary: ns1.Contoso.com, contact: h.x.net", ".primary: ns1.Contoso.com. is in",
        "which named refuses below a DNAME. Name a server outside the zone"),
      .create("file: f, primary: contoso.com, contact: h.x.net", ".primary: contoso.com. is in"),
      .create(
        "file: f, primary: ns.x.net, contact: hostmaster@contoso.com", ".contact: a mailbox",
        "Write hostmaster.contoso.com"),
      .create(
        "file: f, primary: ns.x.net, contact: a.b@contoso.com", ".contact: a mailbox",
        "Write a\\.b.contoso.com"),
      Mistake(
        "clusters: []\nzones: { a.b: { serial: day } }", "2: zones.a.b.serial: 'day'", "unixtime"),
      Mistake(
        "clusters: []\nzones: { a.b: { views: v } }", "2: zones.a.b.views: ", "not a list"),
      Mistake(
        "clusters: []\nzones: { a.b: { update-key: [k] } }", "2: zones.a.b.update-key: is a list"),
      Mistake(
        "clusters: []\nzones: { a.b: { seriel: date } }", "2: zones.a.b.seriel: ", "mean serial?"),
      Mistake(
        "clusters: []\nzones:\n  a.b: {}\n  A.b.: {}", "4: zones.A.b.: the zone is listed already"),
      Mistake("clusters: []\nzones: [a.b]", "2: zones: is a list, not a section"),
    ] as [Mistake])
  func zone(mistake: Mistake) throws { try check(mistake) }
}
