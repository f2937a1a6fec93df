import SystemPackage
import Testing

@testable import zonebridge

/// A configuration with several mistakes.
@Suite("All mistakes of a configuration", .timeLimit(.minutes(1)))
struct ConfigurationMistakesTests {
  private func mistakes(_ yaml: String) -> [String] {
    guard case .wrong(let mistakes) = Configuration.read(yaml, file: "/etc/z.yaml") else {
      return []
    }
    return mistakes.map { "\($0.line ?? 0) \($0.key ?? "-"): \($0.problem.prefix { $0 != "," })" }
  }

  @Test(
    "a mistake in each part → all of them, in the order of the lines, and nothing that follows from another"
  )
  func all() {
    let yaml = """
      intervall: 30s
      interval: 10
      bind:
        query: localhost
        rndc: { port: 99999, x: 1 }
      clusters:
        - name: prod
          masters: [10.0.6.68, https://10.0.6.69, "https://"]
          dns-port: 0
        - name: prod
          static: { cluster-id: bogus }
        - masters: [https://10.0.0.1]
          uid: x
        - lab
        - name: fine
          masters: {}
      aliases:
        - { name: contoso.com, cluster: prodd }
        - { name: "*.contoso.com", cluster: prod, ttl: -1 }
        - { name: a.contoso.com, cluster: prod }
        - { name: contoso.net, cluster: fine, allow: [everything, hides-names] }
      zones:
        contoso.com: { create: { file: /x }, serial: maybe }
        contoso.com: {}
        contoso.net: no
      metrics: { textfile: /x }

      """
    #expect(
      mistakes(yaml) == [
        "1 intervall: unknown key",
        "2 interval: '10' has no unit",
        "4 bind.query: \"localhost\" is not an IP address with a port",
        "5 bind.rndc.x: unknown key",
        "5 bind.rndc.port: 99999 is not a whole number from 1 to 65535",
        "8 clusters[0].masters[0]: \"10.0.6.68\": it has no scheme",
        "8 clusters[0].masters[2]: \"https://\": its host is neither an address nor a host name",
        "9 clusters[0].dns-port: 0 is not a whole number from 1 to 65535",
        "10 clusters[1].name: another cluster is named prod already",
        "11 clusters[1].static.cluster-id: a cluster ID has 52 characters",
        "11 clusters[1].static: the key masters is missing",
        "12 clusters[2]: the key name is missing",
        "13 clusters[2].uid: needs the key password-file beside it",
        "14 clusters[3]: is a single value",
        "16 clusters[4].masters: is a section of keys",
        "18 aliases[0].cluster: there is no cluster 'prodd'",
        "19 aliases[1].name: an alias cannot be a wildcard: a DNAME covers every name below its own anyway (RFC 6672 section 3.3)",
        "19 aliases[1].ttl: -1 is not a whole number from 0 to 2147483647",
        "20 aliases[2].name: a.contoso.com is below the alias contoso.com (line 18): a DNAME hides every name below its own",
        "21 aliases[3].allow[0]: 'everything' is not a safeguard",
        "23 zones.contoso.com: the key is here twice: on this line and on line 24",
        "23 zones.contoso.com.create: the key primary is missing",
        "23 zones.contoso.com.create: the key contact is missing",
        "23 zones.contoso.com.serial: 'maybe' is not a serial policy",
        "25 zones.contoso.net: is a single value",
        "26 metrics.textfile: node_exporter reads files that end in .prom only",
      ])
  }

  @Test(
    "clusters that are no list, or not there → that alone, and not that the aliases have none",
    arguments: [
      ("clusters: prod", "1 clusters: is a single value"),
      ("interval: 30s", "1 clusters: the key is missing"),
    ])
  func withoutClusters(line: String, mistake: String) {
    #expect(
      mistakes("\(line)\naliases: [{ name: contoso.com, cluster: prod }]\n") == [mistake])
  }

  @Test("no YAML at all → where it ends being YAML, and nothing else")
  func syntax() {
    #expect(mistakes("x: 1\nclusters: [\n").count == 1)
  }
}
