import DCOS
import DNSNames
import Glibc
import Named
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import Reconcile
@testable import ReconcileModel

/// What does not depend on each other is done at the same time: programs that wait for one another, and would wait in
/// vain for one that is started after them.
@Suite("Side by side", .serialized, .timeLimit(.minutes(3)))
struct SideBySideTests {
  /// A program behind a script that goes on once another one has begun.
  private func rendezvous(
    _ program: FilePath, _ name: String, waitingFor other: String, on site: LiveSite
  ) throws -> FilePath {
    let rig = site.named.folder.path.appending("rig")
    return try site.script(
      name,
      """
      : >\(rig)/\(name).begun
      until [ -e \(rig)/\(other).begun ]; do sleep 0.02; done
      exec \(program) "$@"
      """)
  }

  @Test(
    "named is asked about itself and the zone at once, and the DNS for what may be in the alias's place"
  )
  func control() async throws {
    try await withLiveSite { site in
      let rig = site.named.folder.path.appending("rig")
      try site.script(
        "rndc",
        """
        conf=$2
        shift 2
        echo "$*" >>\(rig)/told
        if [ "$1" = status ]; then
          until grep -q zonestatus \(rig)/told; do sleep 0.02; done
        fi
        exec \(try NamedTools.locate().rndc) -c "$conf" "$@"
        """)
      let proposal = try await site.pass().propose(
        observers: try ClusterObservers(site.desired.clusters), now: 1000)
      #expect(site.told.sorted() == ["status", "zonestatus contoso.com IN"])
      #expect(proposal.actual.zones.compactMap(\.status?.serial) == [41])
      #expect(proposal.actual.unlisted.isEmpty)
    }
  }

  @Test("the configuration is judged beside the zone") func checkers() async throws {
    try await withLiveSite { site in
      var site = site
      site.tools = NamedTools(
        checkconf: try rendezvous(
          site.tools.checkconf, "checkconf", waitingFor: "compilezone", on: site),
        checkzone: site.tools.checkzone,
        compilezone: try rendezvous(
          site.tools.compilezone, "compilezone", waitingFor: "checkconf", on: site),
        rndc: site.tools.rndc, nsupdate: try site.tools.nsupdate.get())
      try await site.expectServed()
    }
  }

  @Test(
    "a change → rndc asks about itself and the zone once before, and nothing after: the DNS shows the serial"
  )
  func change() async throws {
    try await withLiveSite { site in
      try await site.expectServed()
      #expect(site.told.prefix(2).sorted() == ["status", "zonestatus contoso.com IN"])
      #expect(
        site.told.dropFirst(2) == [
          "reconfig", "flushtree \(Site.ids[0]).dcos.directory", "reload contoso.com IN",
        ])
    }
  }

  @Test("named signs the zone → its serial is asked for on the control channel, before and after")
  func signed() async throws {
    try await withLiveSite(LiveSite.local("dnssec-policy default; inline-signing yes;")) { site in
      try await eventually("the zone is signed") { try await site.serial() != 41 }
      try site.forgetWhatWasTold()
      try await site.expectServed()
      #expect(site.told.count { $0.hasPrefix("zonestatus contoso.com") } >= 2, "\(site.told)")
    }
  }

  @Test("a small zone is judged while the masters are asked") func early() async throws {
    try await withLiveSite { site in
      let (site, mark) = try Self.countingCompilers(on: site)
      let isEarly = Mutex(true)
      site.masters.follow { question in
        let end = ContinuousClock.now + .seconds(2)
        while (try? mark.stat()) == nil, ContinuousClock.now < end { usleep(10_000) }
        isEarly.withLock { $0 = $0 && (try? mark.stat()) != nil }
        return LiveSite.answer(question)
      }
      try await site.expectServed()
      let wasEarly = isEarly.withLock { $0 }
      #expect(wasEarly)
      // The candidate and the current zone, once each.
      #expect(try readFile(mark).count { $0 == UInt8(ascii: "\n") } == 2)
    }
  }

  @Test(
    "the masters of one of two clusters do not answer → what is left of the plan is judged again")
  func earlyInVain() async throws {
    try await withLiveSite { site in
      let (counted, mark) = try Self.countingCompilers(on: site)
      var site = counted
      site.desired.clusters.append(try site.cluster("lost", id: Site.ids[1]))
      site.desired.aliases.append(try LiveSite.alias("bar.contoso.com", of: "lost"))
      site.failMasters(of: Site.ids[1])
      try await site.run()
      #expect(try await site.target() == LiveSite.target)
      #expect(try !site.text("db").contains("bar"))
      #expect(try readFile(mark).count { $0 == UInt8(ascii: "\n") } == 4)
    }
  }

  /// A site whose compiler adds a line to a file whenever it begins.
  private static func countingCompilers(on site: LiveSite) throws -> (LiveSite, FilePath) {
    var site = site
    let mark = site.named.folder.path.appending("rig").appending("compiled")
    site.tools = NamedTools(
      checkconf: site.tools.checkconf, checkzone: site.tools.checkzone,
      compilezone: try site.script(
        "compilezone", "echo >>\(mark)\nexec \(site.tools.compilezone) \"$@\""),
      rndc: site.tools.rndc, nsupdate: try site.tools.nsupdate.get())
    return (site, mark)
  }

  @Test("named does not run, or has another key → no more than its first zones are asked about")
  func down() async throws {
    let zones = (1...9).map { "zone \"c\($0).example\" { type primary; file \"db\"; };\n" }
    try await withLiveSite(LiveSite.local() + zones.joined()) { site in
      var site = site
      site.desired.aliases = try (1...9).map { try LiveSite.alias("foo.c\($0).example") }
      site.refuse("", words: "rndc: connect failed: 127.0.0.1#953: connection refused")
      let proposal = try await site.pass().propose(
        observers: try ClusterObservers(site.desired.clusters), now: 1000)
      #expect(site.told.count == 3, "\(site.told)")
      #expect(proposal.actual.zones.allSatisfy { $0.status == nil })
      #expect(proposal.actual.unlisted.isEmpty)
    }
  }
}
