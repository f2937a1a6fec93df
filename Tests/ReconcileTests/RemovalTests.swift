import BINDText
import DCOS
import DNSNames
import SystemPackage
import TestSupport
import Testing

@testable import Reconcile
@testable import ReconcileModel

/// Managed blocks taken out: all, or those of a cluster or an alias.
@Suite(.timeLimit(.minutes(5))) struct RemovalTests {
  private static let zone = """
    $TTL 60
    @ SOA ns.example.net. h.example.net. 7 1 1 1 1
    @ NS ns.example.net.

    """
  private static let files = [
    "named.conf": """
    options { };
    zone "contoso.com" { type primary; file "FOLDER/db"; };

    """,
    "db": zone,
  ]

  private func withTwoClusters(_ body: (Site) async throws -> Void) async throws {
    try await withSite(Self.files, aliases: ["x.contoso.com"]) { site in
      var two = site
      two.desired.clusters.append(try Site.cluster("lab", id: Site.ids[1]))
      two.desired.aliases.append(Alias(owner: try DomainName("y.contoso.com"), cluster: "lab"))
      try await two.pass()
      try await body(two)
    }
  }

  private func blocks(_ site: Site) throws -> [String] {
    let conf = try NamedConfOutline(parsing: site.folder.read("named.conf")).blocks()
    let zone = try ZoneFileOutline(parsing: site.folder.read("db"), origin: .root).blocks()
    return (conf + zone).map(\.name)
  }

  @Test("a cluster with its aliases and its exception; the other's are not touched")
  func cluster() async throws {
    try await withTwoClusters { site in
      var rest = site
      rest.desired.clusters.removeFirst()
      rest.desired.aliases.removeFirst()
      let plan = try await rest.pass(.removal(of: ["prod", "x.contoso.com"]), observes: false)
      #expect(plan.problems.isEmpty)
      #expect(try blocks(site) == ["dnssec validate-except", "lab", "y.contoso.com"])
      #expect(try !site.text("named.conf").contains(Site.ids[0]))
      try await rest.expectSettled()
    }
  }

  @Test("an alias alone")
  func alias() async throws {
    try await withTwoClusters { site in
      let conf = try site.text("named.conf")
      var rest = site
      rest.desired.aliases.removeFirst()
      try await rest.pass(.removal(of: ["x.contoso.com"]), observes: false)
      #expect(
        try blocks(site) == ["dnssec validate-except", "prod", "lab", "y.contoso.com"])
      #expect(try site.text("named.conf") == conf)
    }
  }

  @Test("everything, without a word from the clusters; but for the serial, every byte is back")
  func all() async throws {
    try await withTwoClusters { site in
      try await site.removeAll()
      #expect(
        try site.text("named.conf")
          == Self.files["named.conf"]?.replacing("FOLDER", with: site.folder.path.string))
      #expect(try site.text("db") == Self.zone.replacing(" 7 ", with: " 9 "))
    }
  }

  @Test("a made zone to which somebody added stays, and is reported")
  func addedTo() async throws {
    try await withSite(["named.conf": "options { };\n"], aliases: ["dcos.example"]) { site in
      var made = site
      made.desired.zones = [
        try DomainName("dcos.example"): ZoneSettings(
          create: CreatedZone(
            file: site.folder.path.appending("db"), primary: try DomainName("ns.example.net"),
            contact: try DomainName("h.example.net")))
      ]
      try await made.pass()
      try site.folder.write("db", try site.text("db") + "@ MX 10 mail.example.net.\n")
      let plan = try await made.removeAll()
      #expect(plan.problems.map(\.severity) == [.held])
      #expect(plan.problems.first?.reason.contains("somebody has added to it") == true)
      #expect(try site.text("named.conf").contains("zone \"dcos.example\""))
    }
  }
}
