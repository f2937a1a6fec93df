import Reconcile
import Testing

@testable import zonebridge

/// How `check` shows its links to people.
@Suite("The text of check", .timeLimit(.minutes(1)))
struct CheckTextTests {
  private let links = [
    Finding(
      .named, "rndc", .broken, "it does not answer at all",
      remedy: "Start it: systemctl start named"),
    Finding(
      .clusters, "prod: https://10.0.6.68", .warning, "its certificate expires in 6 days",
      remedy: "Renew it"),
    Finding(
      .clusters, "prod: https://10.0.6.69", .warning, "its certificate expires in 6 days",
      remedy: "Renew it"),
    Finding(.clusters, "cluster prod", .ok, "its masters agree"),
    Finding(
      .pass, "pass", .pending, "it would change:\n/etc/bind/db\nrndc reconfig",
      remedy: "See zonebridge diff"),
    Finding(.zones, "contoso.com", .skipped, "skipped: no named"),
  ]

  @Test("links → what holds first, what does not last, equal ones as one, and the sum")
  func order() {
    #expect(
      CheckText(links: links, usesColor: false).text.text == """
        Clusters and their masters
          ok       cluster prod: its masters agree
        Zones
          -        contoso.com: skipped: no named
        named and its control channel
          broken   rndc: it does not answer at all
                    Start it: systemctl start named
        Clusters and their masters
          warning  prod: https://10.0.6.68, prod: https://10.0.6.69: its certificate expires in 6 days
                    Renew it
        The next pass
          pending  pass: it would change:
                    /etc/bind/db
                    rndc reconfig
                    See zonebridge diff
        1 ok, 2 warnings, 1 broken, 1 pending, 1 skipped
        """)
  }

  @Test("certificates that end on the same day → one finding, with the earliest end")
  func dates() {
    var links = links.filter { $0.section == .clusters && $0.state == .warning }
    links[0].date = 1_796_000_000
    links[1].date = 1_795_990_000
    #expect(
      CheckText(links: links, usesColor: false, isQuiet: true).text.text == """
        Clusters and their masters
          warning  prod: https://10.0.6.68, prod: https://10.0.6.69: its certificate expires in 6 days (2026-11-29 22:06:40 UTC)
                    Renew it
        """)
    #expect(
      CheckDocument(links).links.map(\.finding) == [
        "its certificate expires in 6 days (2026-11-30 00:53:20 UTC)",
        "its certificate expires in 6 days (2026-11-29 22:06:40 UTC)",
      ])
  }

  @Test("quiet → what does not hold alone; nothing where all holds")
  func quiet() {
    let text = CheckText(links: links, usesColor: false, isQuiet: true).text.text
    #expect(
      text.hasPrefix("named and its control channel\n  broken   rndc") && !text.contains(" ok "))
    #expect(text.hasSuffix("See zonebridge diff"))
    let well = links.filter { $0.state == .ok }
    #expect(CheckText(links: well, usesColor: false, isQuiet: true).text.isEmpty)
  }

  @Test("a narrow terminal → lines broken at spaces, set in below the link")
  func width() {
    let text = CheckText(links: [links[0]], usesColor: false, isQuiet: true, width: 40).text.text
    #expect(
      text == """
        named and its control channel
          broken   rndc: it does not answer at
                      all
                    Start it: systemctl start
                      named
        """)
  }
}
