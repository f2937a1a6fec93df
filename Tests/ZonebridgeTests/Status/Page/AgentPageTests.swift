import Crypto
import Foundation
import ReconcileModel
import TestSupport
import Testing

@testable import Reconcile
@testable import zonebridge

@Suite("The page for people", .timeLimit(.minutes(2))) struct AgentPageTests {
  private func page(_ status: AgentStatus, _ past: AgentPast = .sample) -> String {
    AgentPage(status, past, host: "ns1.contoso.com").text
  }

  @Test(
    "whatever is known → markup that a strict reader takes, nothing of elsewhere, no script, no style at an element",
    arguments: [AgentStatus.inSync, .troubled, .starting, .hostile, .held])
  func wellFormed(status: AgentStatus) throws {
    for past in [AgentPast(), .sample, .hostile] {
      let markup = try Markup(page(status, past))
      #expect(markup.all("h1").count == 1 && markup.all("html").count == 1)
      let names = Set(markup.elements.map(\.name))
      #expect(names.isDisjoint(with: ["script", "iframe", "object", "img", "form", "base"]))
      for element in markup.elements {
        for (key, value) in element.attributes {
          #expect(!key.hasPrefix("on") && key != "style" && key != "src", "\(element)")
          if key == "href" {
            #expect(value.hasPrefix("/") || value.hasPrefix("data:image/svg+xml,"))
          }
        }
      }
    }
  }

  @Test("names that would be tags, entities or ends of attributes → shown as they are, printable")
  func escaping() throws {
    let text = page(.hostile, .hostile)
    #expect(!text.contains("<script") && !text.contains("<b onclick"))
    #expect(!text.contains("\u{202e}") && !text.contains("\u{1b}"))
    let markup = try Markup(text)
    #expect(markup.text.contains(#"<script>alert('1')</script>"#))
    #expect(markup.text.contains(#"" onclick="x&amp;"#))
    #expect(markup.text.contains(#"\u{202E}"#))
  }

  @Test(
    "text in markup → escaped; markup in markup → as it is; an array of it → one after the other")
  func interpolation() {
    let part: HTML = "<b>\("a<b>&\"'\u{7}\n")</b>"
    #expect(
      part.text == "<b>a&lt;b&gt;&amp;&quot;&#39;\\a\\n</b>"
        || part.text.hasPrefix("<b>a&lt;b&gt;&amp;&quot;&#39;\\"))
    #expect(
      ("<i>\(part)\([part, part])\(3)</i>" as HTML).text.components(separatedBy: "<b>").count == 4)
    #expect((["<i></i>", "<b></b>"] as [HTML]).joined(separator: "\n").text == "<i></i>\n<b></b>")
  }

  @Test("the policy → allows no script and nothing loaded, and of styles those of the page alone")
  func policy() throws {
    let text = page(.inSync)
    let sheet = try #require(text.firstRange(of: "<style>").map { text[$0.upperBound...] })
    let end = try #require(sheet.firstRange(of: "</style>"))
    let digest = Data(SHA256.hash(data: Data(sheet[..<end.lowerBound].utf8)))
    let parts = AgentPage.policy.components(separatedBy: "; ")
    #expect(parts.contains("default-src 'none'"))
    #expect(parts.contains("style-src 'sha256-\(digest.base64EncodedString())'"))
    #expect(!AgentPage.policy.contains("script-src") && !AgentPage.policy.contains("unsafe"))
    let answer = StatusPage("/", of: .inSync)
    #expect(answer.policy == AgentPage.policy && answer.contentType == "text/html; charset=utf-8")
    // Another page has nothing that a browser should do.
    #expect(StatusPage("/status", of: .inSync).policy.hasPrefix("default-src 'none'"))
  }

  @Test("a chain → drawn from the masters to the address, with what is broken and what helps")
  func chain() throws {
    let whole = try Markup(page(.inSync)).text
    #expect(whole.contains("Clients get their answers"))
    let nodes = [
      "masters \u{2713}", "3 of 3 answer", "ID \u{2713}", "kaualn\u{2026}5cho",
      "forward zone \u{2713}", "DNAME \u{2713}", "address \u{2713}",
      "10.0.0.80, as the masters say",
    ]
    var rest = whole[...]
    for node in nodes {
      let found = try #require(rest.firstRange(of: node), "\(node) in its place: \(whole)")
      rest = rest[found.upperBound...]
    }
    let broken = try Markup(page(.troubled))
    #expect(
      broken.text.contains("Clients get SERVFAIL, seen since 7 min ago: last seen whole 8 min ago"))
    #expect(broken.text.contains("2 of 3 answer"))
    #expect(broken.text.contains("forward zone: named answers SERVFAIL"))
    #expect(broken.text.contains("Check that dcos-net runs"))
    #expect(broken.all("article", class: "card bad").count >= 2)
    #expect(try Markup(page(.starting)).text.contains("No alias has been probed yet."))
  }

  @Test("a held change → its reason, its diff, and the commands that show it and let it through")
  func held() throws {
    let markup = try Markup(page(.held))
    #expect(markup.text.contains("held: cluster prod"))
    #expect(markup.text.contains("zonebridge diff --accept prod"))
    #expect(markup.text.contains("zonebridge run --once --accept prod"))
    #expect(markup.text.contains("-zone \"old.dcos.directory\" {"))
    #expect(
      markup.all("span", class: "new").count == 1 && markup.all("span", class: "old").count == 1)
    #expect(!markup.text.contains("The rest is shown by"))
    var cut = AgentStatus.held
    cut.record?.pass.held?[0].isCut = true
    #expect(
      try Markup(page(cut)).text.contains("The rest is shown by zonebridge diff --accept prod"))
  }

  @Test(
    "more than twenty changes → the last twenty, the last one first, with the command that reverts")
  func changes() throws {
    var past = AgentPast()
    past.changes = (1...25).reversed().map { number in
      PastChange(
        number: number, time: now - 3_600 * Int64(26 - number), title: "cluster c\(number)",
        files: ["/etc/bind/named.conf.local"])
    }
    let markup = try Markup(page(.inSync, past))
    #expect(markup.all("td", class: "number").count == 20)
    #expect(markup.text.contains("cluster c25") && markup.text.contains("cluster c6"))
    #expect(!markup.text.contains("cluster c5"))
    let last = try #require(markup.text.firstRange(of: "cluster c25"))
    let first = try #require(markup.text.firstRange(of: "cluster c6"))
    #expect(last.lowerBound < first.lowerBound)
    #expect(markup.text.contains("zonebridge rollback ID"))
  }

  @Test("a pass each 30 s for two days → at most a day of them, a bar each ten minutes")
  func timings() throws {
    var past = AgentPast()
    for index in 0..<5_760 {
      var pass = PassRecord(
        result: index == 5_000 ? .failed : .inSync, time: now - 172_800 + Int64(index) * 30,
        duration: 0.2 + Double(index % 10) / 100)
      pass.steps = [:]
      past.timings.note(pass)
    }
    #expect(past.timings.buckets.count <= 145)
    #expect(past.timings.buckets.reduce(0) { $0 + $1.count } <= 2_900)
    let markup = try Markup(page(.inSync, past))
    let bars = markup.all("rect")
    #expect((140...145).contains(bars.count))
    #expect(bars.count { $0.attributes["class"] == "bad" } == 1)
    #expect(markup.text.contains("20 passes, 200 ms to 290 ms"))
    #expect(markup.text.contains("1 failed, the longest 290 ms"))
    #expect(
      markup.text.contains("The last one, 12 s ago, took 250 ms: observe 125 ms, verify 63 ms"))
  }

  @Test("a clock that is set back, passes of an hour and of nothing → bars within the drawing")
  func oddTimings() throws {
    var timings = PassTimings()
    for (time, duration) in [(now, 3_600.0), (now - 7_200, 0), (now - 7_100, 0.001)] {
      timings.note(PassRecord(result: .inSync, time: time, duration: duration))
    }
    #expect(timings.buckets.count == 1 && timings.buckets[0].count == 2)
    timings.note(PassRecord(result: .held, time: now, duration: 3_600))
    let bars = try Markup(page(.inSync, AgentPast(changes: [], timings: timings))).all("rect")
    #expect(bars.count == 2)
    for bar in bars {
      let y = try #require(bar.attributes["y"].flatMap(Double.init))
      let height = try #require(bar.attributes["height"].flatMap(Double.init))
      #expect(y >= 0 && height > 0 && y + height <= 150)
    }
  }
}

extension AgentPast {
  static var sample: AgentPast {
    var past = AgentPast()
    past.changes = [
      PastChange(
        number: 7, time: now - 7_500, title: "cluster prod", files: ["/etc/bind/named.conf.local"]),
      PastChange(
        number: 6, time: now - 93_000, title: "alias cluster.contoso.com, cluster prod",
        files: ["/etc/bind/db.contoso.com", "/etc/bind/named.conf.local"],
        moves: [
          .init(
            alias: "cluster.contoso.com", view: "internal", old: "mesos.\(otherID).dcos.directory",
            new: "mesos.\(prodID).dcos.directory")
        ]),
      PastChange(
        number: 5, time: now - 260_000, title: "alias lab.contoso.net",
        files: ["zone contoso.net (DNS UPDATE)"],
        moves: [
          .init(alias: "lab.contoso.net", old: nil, new: "mesos.\(otherID).dcos.directory")
        ]),
    ]
    var generator = SeededGenerator(seed: 20)
    for time in stride(from: now - 80_000, through: now - 12, by: 30) {
      let isBad = (now - 30_000..<now - 27_500).contains(time)
      let isHeld = (now - 9_000..<now - 7_500).contains(time)
      past.timings.note(
        PassRecord(
          result: isBad ? .failed : isHeld ? .held : .inSync, time: time,
          duration: Double.random(in: isBad ? 4...11 : 0.12...0.4, using: &generator)))
    }
    return past
  }

  fileprivate static var hostile: AgentPast {
    let name = AgentStatus.hostileName
    var past = sample
    past.changes[0].title = name
    past.changes[0].files = [name]
    past.changes[1].moves = [.init(alias: name, view: name, old: name, new: "x")]
    return past
  }
}

extension AgentStatus {
  static let hostileName = "<script>alert('1')</script>\" onclick=\"x&amp;\u{202e}\u{1b}[31m\u{0}"

  /// An agent with a change that waits for a decision.
  static var held: AgentStatus {
    var status = inSync
    status.record?.pass.result = .held
    status.record?.pass.clusters[0].state = .doubted
    status.record?.pass.problems = [
      ProblemRecord(
        Problem(
          severity: .held, subject: .cluster("prod"),
          reason:
            "its masters say that their ID is \(otherID); it was \(prodID). That is another cluster",
          remedy: "If it was reinstalled, accept it with: zonebridge run --once --accept prod")
      )
    ]
    status.record?.pass.held = [
      HeldChangeRecord(
        cluster: "prod",
        diff: """
          --- a/etc/bind/named.conf.local
          +++ b/etc/bind/named.conf.local
          @@ -1,3 +1,3 @@
          -zone "old.dcos.directory" {
          +zone "new.dcos.directory" {
           \ttype forward;
           \tforward only;
          # rndc reconfig

          """, isCut: false)
    ]
    return status
  }

  fileprivate static var hostile: AgentStatus {
    let name = hostileName
    var status = held
    status.version = name
    status.agent?.configuration.path = name
    status.agent?.configuration.refusal = "\(name)\n\(name)"
    let chains = status.record?.pass.chains?.map { chain in
      var chain = chain
      chain.alias = name
      chain.view = name
      chain.target = name
      chain.state = .broken
      for index in chain.links.indices {
        chain.links[index].state = .broken
        chain.links[index].reason = name
        chain.links[index].remedy = name
      }
      return chain
    }
    status.record?.pass.chains = chains
    status.record?.pass.clusters[0].id = name
    status.record?.pass.clusters[1].reports = [
      MasterRecord(master: name, problems: [name], certificateEnd: now - 1),
      MasterRecord(master: name, id: name),
      MasterRecord(master: name, masters: [name], certificateEnd: now + 86_400),
    ]
    status.record?.pass.problems = [
      ProblemRecord(Problem(severity: .failed, subject: .cluster(name), reason: name, remedy: name))
    ]
    status.record?.pass.held = [
      HeldChangeRecord(cluster: name, diff: "+\(name)\n-\(name)", isCut: true)
    ]
    status.record?.pass.reloadDebt = [name]
    status.record?.pass.notes = [name]
    status.record?.pass.failure = name
    status.record?.lastChange?.reasons = [name]
    return status
  }
}
