import ArgumentParser
import DNSNames
import Reconcile
import ReconcileModel
import SystemPackage
import Testing

@testable import zonebridge

/// What `zonebridge remove` is told to take out, and what stays wanted.
@Suite("What is to be taken out", .timeLimit(.minutes(1)))
struct RemovalTests {
  private let desired: DesiredState

  /// Two clusters: prod with two aliases, lab with one; and an alias that is called like a cluster.
  init() throws {
    desired = try Configuration.parse(
      """
      state-directory: state
      bind: { named-conf: named.conf, reload: none }
      clusters:
        - { name: prod, static: { cluster-id: \(prodID), masters: [10.0.6.68] } }
        - { name: lab, masters: ["https://10.0.6.69"] }
      aliases:
        - { name: a.contoso.com, cluster: prod }
        - { name: B.contoso.com, cluster: prod }
        - { name: lab.contoso.com, cluster: lab }
        - { name: lab, cluster: prod }
      zones: { contoso.com: { serial: date } }

      """, file: "/etc/zonebridge/zonebridge.yaml"
    ).desired
  }

  private func removal(
    clusters: [String] = [], aliases: [String] = [], _ names: [String] = []
  ) throws -> Removal {
    try Removal(clusters: clusters, aliases: aliases, either: names, from: desired)
  }

  private func owners(_ removal: Removal) -> [String] {
    removal.desired.aliases.map(\.owner.withoutTrailingDot)
  }

  @Test("a cluster → its aliases go with it, which would lead nowhere; the others' stay")
  func cluster() throws {
    for removal in [try removal(clusters: ["prod"]), try removal(["prod"])] {
      #expect(
        removal.operation
          == .removal(of: ["prod", "a.contoso.com", blockName("B.contoso.com"), "lab"]))
      #expect(removal.desired.clusters.map(\.name) == ["lab"])
      #expect(owners(removal) == ["lab.contoso.com"])
      #expect(removal.configured == [.cluster("prod")])
    }
  }

  @Test("a cluster that an alias has beside another one → the alias stays, with the other")
  func clusterOfSeveral() throws {
    var desired = desired
    desired.aliases.append(
      Alias(
        owner: try DomainName("web.contoso.com"), cluster: "prod",
        failover: Failover(["prod", "lab"])))
    let removal = try Removal(clusters: ["prod"], aliases: [], either: [], from: desired)
    #expect(owners(removal) == ["lab.contoso.com", "web.contoso.com"])
    #expect(removal.desired.aliases.last?.failover?.clusters == ["lab"])
  }

  @Test("an alias, however it is written → it alone goes")
  func alias() throws {
    for removal in [try removal(aliases: ["b.CONTOSO.com."]), try removal(["b.contoso.com"])] {
      #expect(removal.operation == .removal(of: [blockName("B.contoso.com")]))
      #expect(removal.desired.clusters.map(\.name) == ["prod", "lab"])
      #expect(owners(removal) == ["a.contoso.com", "lab.contoso.com", "lab"])
      #expect(removal.configured == [.alias(ofBlock: blockName("B.contoso.com"))])
    }
  }

  @Test("a name that is a cluster and an alias → refused, unless it is said which")
  func ambiguous() throws {
    let error = #expect(throws: ValidationError.self) { try removal(["lab"]) }
    #expect(error?.message.contains("--cluster lab or --alias lab") == true)
    #expect(try removal(aliases: ["lab"]).operation == .removal(of: ["lab"]))
    #expect(
      try removal(clusters: ["lab"]).operation == .removal(of: ["lab", "lab.contoso.com"]))
  }

  @Test("a name that the configuration does not have → a block of that name goes")
  func unknown() throws {
    for removal in [
      try removal(["old.contoso.com"]), try removal(aliases: ["old.contoso.com"]),
      try removal(clusters: ["old.contoso.com"]),
    ] {
      #expect(removal.operation == .removal(of: ["old.contoso.com"]))
      #expect(removal.configured == [] && removal.unconfigured.count == 1)
      #expect(removal.desired.clusters.count == 2 && removal.desired.aliases.count == 4)
    }
    #expect(throws: ValidationError.self) { try removal(aliases: ["a..b"]) }
  }

  @Test("--all → all goes, and the serials go on as the zones have it")
  func everything() throws {
    let removal = Removal(allOf: desired)
    #expect(removal.operation == .clearance)
    #expect(removal.desired.clusters.isEmpty && removal.desired.aliases.isEmpty)
    #expect(removal.configured == [.cluster("prod"), .cluster("lab")])
    #expect(try removal.desired.zones[DomainName("contoso.com")]?.serial == .date)
  }

  private func blockName(_ name: String) -> String {
    desired.aliases.first { $0.owner == (try? DomainName(name)) }?.blockName ?? ""
  }
}
