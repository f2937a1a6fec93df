import DCOS
import DNSNames
import Named
import Reconcile
import ReconcileModel
import SystemPackage
import TestSupport
import Testing

@testable import zonebridge

private let clusterID = SampleID.published

@Suite(.timeLimit(.minutes(2))) struct ConfigurationTests {
  @Test func everyKeyIsRead() throws {
    let configuration = try Configuration.parse(
      """
      interval: 5m
      state-directory: state
      bind:
        named-conf: /etc/named.conf
        zones-in: named.conf.local
        views: []
        query: "[::1]:5353"
        reload: rndc
        rndc: { config: rndc.conf, server: ns.example, port: 9953, key-file: /k/rndc.key }
        root: /
        dnssec-exempt: false
      clusters:
        - name: prod
          masters: [https://10.0.6.68, https://10.0.6.69:8443]
          ca-certificate: prod-ca.crt
          cluster-id: \(clusterID)
          follow-id: true
          settle-time: 2h
          probe: web.marathon
          insecure: false
          forwarders: [203.0.113.5, 2001:db8::5]
          dns-port: 5300
        - name: lab
          static: { cluster-id: \(clusterID), masters: [10.1.0.6, 10.1.0.5] }
      aliases:
        - { name: Contoso.com, cluster: prod, label: marathon, ttl: 0, allow: [hides-names] }
        - name: lab.contoso.net.
          cluster: lab
      zones:
        contoso.com:
          create:
            file: zones/db.contoso.com
            primary: ns1.contoso.net
            contact: hostmaster.contoso.com.
          serial: date
          views: []
        contoso.net: { serial: unixtime }
      metrics: { listen: "[::1]:9954", host-names: [NS1.contoso.com, "2001:db8::1"], textfile: node/zonebridge.prom }
      """, file: "/etc/zonebridge/zonebridge.yaml")

    #expect(configuration.interval == .seconds(300))
    #expect(configuration.stateDirectory == "/etc/zonebridge/state")
    #expect(configuration.path == "/etc/zonebridge/zonebridge.yaml")
    #expect(configuration.metrics.listen?.description == "[::1]:9954")
    #expect(configuration.metrics.hostNames.map(\.name) == ["ns1.contoso.com", "2001:db8::1"])
    #expect(configuration.metrics.textfile == "/etc/zonebridge/node/zonebridge.prom")

    let bind = configuration.desired.bind
    #expect(bind.namedConf == "/etc/named.conf")
    #expect(bind.zonesIn == "/etc/zonebridge/named.conf.local")
    #expect(bind.query == (try Endpoint(host: "::1", port: 5353)))
    #expect(
      bind.reload
        == .rndc(
          RemoteControlSettings(
            config: "/etc/zonebridge/rndc.conf", server: "ns.example", port: 9953,
            keyFile: "/k/rndc.key")))

    let clusters = configuration.desired.clusters
    try #require(clusters.map(\.name) == ["prod", "lab"])
    guard
      case .polled(let masters, .certificates("/etc/zonebridge/prod-ca.crt")) =
        clusters[0].source
    else {
      Issue.record("\(clusters[0].source)")
      return
    }
    #expect(masters.map(\.description) == ["https://10.0.6.68", "https://10.0.6.69:8443"])
    #expect(clusters[0].pinnedID?.description == clusterID)
    #expect(clusters[0].followsID && clusters[0].settleTime == 7200)
    #expect(clusters[0].forwarders?.map(\.description) == ["203.0.113.5", "2001:db8::5"])
    #expect(clusters[0].dnsPort == 5300 && clusters[0].probe == "web.marathon")
    #expect(clusters.dropFirst().allSatisfy { $0.probe == "leader" })
    guard case .fixed(let view) = clusters[1].source else {
      Issue.record("\(clusters[1].source)")
      return
    }
    #expect(view.id.description == clusterID)
    #expect(view.masters.map(\.description) == ["10.1.0.5", "10.1.0.6"])

    let aliases = configuration.desired.aliases
    try #require(aliases.map(\.cluster) == ["prod", "lab"])
    #expect(aliases.map(\.owner.description) == ["Contoso.com.", "lab.contoso.net."])
    #expect(aliases.map(\.label) == ["marathon", "mesos"])
    #expect(aliases.map(\.ttl) == [0, 60])
    #expect(aliases.map(\.allow) == [[.hidesNames], []])

    let zones = configuration.desired.zones
    #expect(zones.count == 2)
    let zone = try #require(zones[try DomainName("contoso.com.")])
    #expect(
      zone.create
        == CreatedZone(
          file: "/etc/zonebridge/zones/db.contoso.com",
          primary: try DomainName("ns1.contoso.net."),
          contact: try DomainName("hostmaster.contoso.com.")))
    #expect(zone.serial == .date)
    #expect(zones[try DomainName("contoso.net")]?.serial == .unixtime)
  }

  @Test func whatIsLeftOutHasItsDefault() throws {
    let configuration = try Configuration.parse(
      "clusters: [{ name: a, masters: [http://m1.example] }]", file: "/etc/z.yaml")
    #expect(configuration.interval == .seconds(30))
    #expect(configuration.stateDirectory == "/var/lib/zonebridge")
    let bind = configuration.desired.bind
    #expect(bind.namedConf == "/etc/bind/named.conf")
    #expect(bind.zonesIn == "/etc/bind/named.conf")
    #expect(bind.query.description == "127.0.0.1:53")
    #expect(bind.reload == .rndc(RemoteControlSettings()))
    let cluster = try #require(configuration.desired.clusters.first)
    guard case .polled(_, .system) = cluster.source else {
      Issue.record("\(cluster.source)")
      return
    }
    #expect(cluster.pinnedID == nil && !cluster.followsID && cluster.forwarders == nil)
    #expect(cluster.dnsPort == 53)
    #expect(configuration.desired.aliases.isEmpty && configuration.desired.zones.isEmpty)
  }

  @Test(arguments: [
    ("127.0.0.1:9953", true), ("127.8.9.1", true), ("\"[::1]:9953\"", true),
    ("0.0.0.0:9953", false), ("192.0.2.1", false), ("\"[::]:9953\"", false),
    ("\"2001:db8::1\"", false),
  ])
  func whoeverListensToTheNetworkIsToldOfIt(_ listen: String, isQuiet: Bool) throws {
    let configuration = try Configuration.parse(
      "clusters: []\nmetrics: { listen: \(listen) }", file: "/etc/z.yaml")
    #expect(configuration.metrics.listen?.port == 9953)
    #expect(configuration.notes.isEmpty == isQuiet)
  }

  @Test func zonesGoWhereNamedBeginsUnlessToldOtherwise() throws {
    let bind = try Configuration.parse(
      "bind: { named-conf: /n.conf, reload: none }\nclusters: []", file: "/z.yaml"
    ).desired.bind
    #expect(bind.zonesIn == "/n.conf")
    #expect(bind.reload == .none)
  }

  @Test(arguments: [
    ("1s", Duration.seconds(1)), ("1000ms", .seconds(1)), ("90s", .seconds(90)),
    ("2h", .seconds(7200)),
  ])
  func intervals(text: String, interval: Duration) throws {
    let configuration = try Configuration.parse("interval: \(text)\nclusters: []", file: "/z.yaml")
    #expect(configuration.interval == interval)
  }

  @Test func aFileIsLoadedByARelativePathToo() throws {
    let folder = try TemporaryFolder()
    let file = try folder.write("z.yaml", "state-directory: s\nclusters: []\n")
    let up = FilePath(
      Array(repeating: "..", count: 40).joined(separator: "/") + file.string)
    let configuration = try Configuration.load(up)
    #expect(configuration.path.isAbsolute)
    #expect(configuration.stateDirectory.isAbsolute)
    #expect(configuration.stateDirectory.lexicallyNormalized() == folder.path.appending("s"))
  }

  @Test(
    "a configuration that is wrong → rollback finds the state where the file says, else at its default",
    arguments: [
      ("state-directory: /s\nclusters: [[[\n", "/s"),
      ("a: {\nstate-directory: \"/s t\" # there\n", "/st"), ("state-directory: '/s'\n", "/s"),
      ("state-directory:\t/s\r\nx\n", "/s"), ("state-directory: s\n", "FOLDER/s"),
      ("state-directory: s/../t#x\n", "FOLDER/s/../t"), ("  state-directory: /s\n", nil),
      ("# state-directory: /s\n", nil), ("state-directory:\n", nil),
      ("state-directory: # none\n", nil), ("", nil), (nil, nil),
    ] as [(String?, String?)])
  func stateOfAWrongConfiguration(_ text: String?, _ directory: String?) throws {
    let folder = try TemporaryFolder()
    if let text { try folder.write("z.yaml", text) }
    let expected = directory?.replacing("FOLDER", with: folder.path.string)
    #expect(
      Configuration.stateDirectory(in: folder.path.appending("z.yaml")).string
        == expected ?? "/var/lib/zonebridge")
  }

  @Test func aFileThatCannotBeReadSaysWhy() throws {
    let folder = try TemporaryFolder()
    let missing = folder.path.appending("none.yaml")
    let error = #expect(throws: ConfigurationError.self) { try Configuration.load(missing) }
    #expect(error?.description.hasPrefix("\(missing): No such file or directory. ") == true)
    let directory = #expect(throws: ConfigurationError.self) {
      try Configuration.load(folder.path)
    }
    #expect(directory?.description.contains("is a directory, not a regular file") == true)
  }

  @Test func aFileInAnotherEncodingIsToldByItsLine() {
    let error = #expect(throws: ConfigurationError.self) {
      try ConfigurationDocument.text(of: Array("a: 1\nb: ".utf8) + [0xe9, 0x0a], file: "/z")
    }
    #expect(error?.description.hasPrefix("/z:2: the file is not UTF-8") == true)
  }
}
