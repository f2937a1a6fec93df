import DCOS
import DNSNames
import Named
import SystemPackage
import TestSupport
import Testing

@testable import Reconcile
@testable import ReconcileModel

/// With a real named: a name that resolves and is wanted resolves after each pass, whatever could not be written.
@Suite("Names resolve while files change", .serialized, .timeLimit(.minutes(5)))
struct MakeBeforeBreakTests {
  private static let new = Site.ids[1]

  private static func target(_ id: String, label: String = "mesos") -> String {
    "\(label).\(id).dcos.directory."
  }

  /// Hands over a site whose one alias resolves.
  private func withServedSite(
    _ local: String = LiveSite.local(), statements: String = "", options: String = "",
    files: [String: String] = ["db": LiveSite.zone], aliases: [String] = ["foo.contoso.com"],
    _ body: (LiveSite) async throws -> Void
  ) async throws {
    try await withLiveSite(local, statements: statements, options: options, files: files) { site in
      var site = site
      site.patience = .seconds(2)
      site.desired.aliases = try aliases.map { try LiveSite.alias($0) }
      try await site.expectServed()
      try await body(site)
    }
  }

  /// The aliases whose chains hold, each with where it leads.
  private func holding(_ result: PassResult) -> [String: String] {
    Dictionary(
      uniqueKeysWithValues: (result.chains ?? []).filter(\.holds).map {
        ($0.question.owner.withoutTrailingDot, "\($0.question.target)")
      })
  }

  private func forwardZones(_ site: LiveSite) throws -> Set<String> {
    let text = try site.text("named.conf.local")
    return Set(Site.ids.filter { text.contains("zone \"\($0).dcos.directory\"") })
  }

  @Test(
    "another cluster in the configuration, and a zone that is refused → its names resolve; then they move"
  )
  func replacedWhileRefused() async throws {
    try await withServedSite { site in
      var site = site
      site.desired.clusters = [try site.cluster("next", id: Self.new)]
      site.desired.aliases[0].cluster = "next"
      let good = try site.text("db")
      try site.named.write("db", good + "www IN CNAME ns.example.net.\n")
      let refused = try await site.run()
      #expect(refused.problems.map(\.subject) == [.zone("contoso.com")])
      #expect(holding(refused) == ["foo.contoso.com": LiveSite.target])
      #expect(try forwardZones(site) == [Site.ids[0]])
      try site.named.write("db", good)
      let moved = try await site.run()
      #expect(moved.problems == [])
      #expect(holding(moved) == ["foo.contoso.com": Self.target(Self.new)])
      #expect(try forwardZones(site) == Set(Site.ids.prefix(2)), "resolvers lead there still")
      try await site.expectServed(now: 1064)
      #expect(try forwardZones(site) == Set(Site.ids.prefix(2)))
      // However long the pass took, from whose end the TTL counts.
      try await site.expectServed(now: 2000)
      #expect(try forwardZones(site) == [Self.new])
      #expect(
        site.commands.suffix(2) == ["reconfig", "flushtree \(Site.ids[0]).dcos.directory"])
    }
  }

  @Test(
    "a cluster goes, and a DNAME in a zone that no alias concerns leads into it → its forward zone stays",
    arguments: [
      Site.ids[0].uppercased(), "\\107" + Site.ids[0].dropFirst(), "\\k" + Site.ids[0].dropFirst(),
    ])
  func foreignDNAME(id: String) async throws {
    try #require(Site.ids[0].hasPrefix("k"))
    let other = LiveSite.zone + "Legacy IN DNAME MESOS.\(id).dcos.directory. ; by hand\n"
    try await withServedSite(
      LiveSite.local() + "zone \"other.example\" { type primary; file \"db.other\"; };\n",
      files: ["db": LiveSite.zone, "db.other": other]
    ) { site in
      var site = site
      site.desired.clusters = [try site.cluster("next", id: Self.new)]
      site.desired.aliases[0].cluster = "next"
      try await site.expectServed()
      let kept = try await site.run(now: 5000)
      #expect(kept.problems == [])
      #expect(try forwardZones(site) == Set(Site.ids.prefix(2)))
      expect(kept.plan.hints.map(\.text).joined(), has: "db.other:")
      try site.named.write("db.other", LiveSite.zone)
      try await site.expectServed(now: 5000)
      #expect(try forwardZones(site) == [Self.new])
    }
  }

  @Test(
    "a cluster goes, and named has zones that nobody can look into → its forward zone stays, and remove takes it out",
    arguments: [
      (
        "zone \"copy.example\" { type secondary; primaries { 192.0.2.1; }; };\n", "",
        "zone copy.example, a secondary that named keeps in no file"
      ),
      (
        "zone \"catalog.example\" { type secondary; file \"catalog\"; primaries { 192.0.2.1; }; };\n",
        "catalog-zones { zone \"catalog.example\" default-primaries { 192.0.2.1; }; };",
        "the zones of a catalog zone"
      ),
      ("", "allow-new-zones yes;", "a zone of rndc addzone"),
    ])
  func unseenZones(more: String, options: String, words: String) async throws {
    try await withServedSite(LiveSite.local() + more, options: options) { site in
      var site = site
      if options.contains("new-zones") {
        let zone = "{ type secondary; primaries { 192.0.2.1; }; };"
        let added = try await site.named.rndc("addzone", "added.example", zone)
        try #require(added.status == 0, "\(added.standardError)")
      }
      site.desired.clusters = [try site.cluster("next", id: Self.new)]
      site.desired.aliases[0].cluster = "next"
      try await site.expectServed()
      let kept = try await site.run(now: 5000)
      #expect(kept.problems == [])
      #expect(try forwardZones(site) == Set(Site.ids.prefix(2)))
      expect(kept.plan.hints.map(\.text).joined(), has: words)
      let removed = try await remove(site)
      #expect(removed.problems == [], "\(removed.problems)")
      #expect(try forwardZones(site) == [])
    }
  }

  @Test(
    "an alias is renamed, and named does not load the zone of the new name → the old name resolves until it does"
  )
  func renamed() async throws {
    let local = LiveSite.local() + "zone \"contoso.net\" { type primary; file \"db.net\"; };\n"
    let files = ["db": LiveSite.zone, "db.net": LiveSite.zone]
    try await withServedSite(local, files: files) { site in
      var site = site
      site.desired.aliases = [try LiveSite.alias("foo.contoso.net")]
      site.refuse("reload contoso.net")
      try site.forgetWhatWasTold()
      let result = try await site.run()
      #expect(result.attempts.first?.blamed == [.alias("foo.contoso.net")], "\(result.problems)")
      #expect(holding(result) == ["foo.contoso.com": LiveSite.target])
      #expect(try !site.text("db.net").contains("DNAME"))
      #expect(try site.text("db").contains("DNAME"))
      #expect(!site.commands.contains { $0.contains("contoso.com") }, "it never went")
      site.refuseNothing()
      try site.forgetWhatWasTold()
      let moved = try await site.run(accepted: ["prod"], now: 1001)
      #expect(moved.problems == [], "\(moved.problems)")
      #expect(holding(moved) == ["foo.contoso.net": LiveSite.target])
      #expect(moved.attempts.map(\.isSeenServed) == [true, true])
      #expect(site.commands == ["reload contoso.net IN", "reload contoso.com IN"])
    }
  }

  @Test(
    "three aliases, of which two are renamed and one goes, in one zone → the new ones are served before the old ones go"
  )
  func renamedInOneZone() async throws {
    let names = ["a", "b", "c"].map { "\($0).contoso.com" }
    try await withServedSite(aliases: names) { site in
      var site = site
      site.desired.aliases = try ["x.contoso.com", "y.contoso.com"].map { try LiveSite.alias($0) }
      let result = try await site.run()
      #expect(result.problems == [], "\(result.problems)")
      #expect(result.attempts.map { $0.plan.changes.count } == [2, 3])
      #expect(Set(holding(result).keys) == ["x.contoso.com", "y.contoso.com"])
    }
  }

  @Test(
    "an alias is renamed while named is down → the old name stays until named is seen to serve the new one"
  )
  func renamedWhileDown() async throws {
    let local = LiveSite.local() + "zone \"contoso.net\" { type primary; file \"db.net\"; };\n"
    let files = ["db": LiveSite.zone, "db.net": LiveSite.zone]
    try await withServedSite(local, files: files) { site in
      var site = site
      site.desired.aliases = [try LiveSite.alias("foo.contoso.net")]
      try await site.named.stop()
      for attempts in [1, 1] {
        let written = try await site.run()
        #expect(written.problems.map(\.severity) == [.failed])
        #expect(written.attempts.count == attempts)
        #expect(try site.text("db.net").contains("DNAME") && site.text("db").contains("DNAME"))
      }
      // named has an old copy of the new zone yet.
      let good = try site.text("db.net")
      try site.named.write("db.net", LiveSite.zone)
      try await site.named.start()
      try site.named.write("db.net", good)
      site.refuse("reload contoso.net")
      let late = try await site.run()
      #expect(late.problems.contains { $0.severity == .failed }, "\(late.problems)")
      #expect(try site.text("db").contains("DNAME"))
      expect(late.plan.hints.map(\.text).joined(), has: "it stays until foo.contoso.net")
      site.refuseNothing()
      let moved = try await site.run()
      #expect(moved.problems == [], "\(moved.problems)")
      #expect(holding(moved) == ["foo.contoso.net": LiveSite.target])
      #expect(try !site.text("db").contains("DNAME"))
    }
  }

  @Test(
    "a deeper zone that named was not told of is written around an alias → named reads it, and then the old DNAME goes"
  )
  func deeperZone() async throws {
    try await withServedSite(aliases: ["a.dev.contoso.com"]) { site in
      let zone = "zone \"dev.contoso.com\" { type primary; file \"db.dev\"; };\n"
      try site.named.write("db.dev", LiveSite.zone)
      try site.named.write("named.conf.local", try site.text("named.conf.local") + zone)
      try site.forgetWhatWasTold()
      let result = try await site.run()
      #expect(result.problems == [], "\(result.problems)")
      #expect(
        site.commands == ["reconfig", "reload dev.contoso.com IN", "reload contoso.com IN"])
      #expect(try site.text("db.dev").contains("DNAME") && !site.text("db").contains("DNAME"))
      #expect(holding(result) == ["a.dev.contoso.com": LiveSite.target])
    }
  }

  @Test(
    "named does not load a zone → a forward zone that it led into stays, and no reconfig is told of"
  )
  func onlyWhatWasSent() async throws {
    try await withServedSite { site in
      var site = site
      site.desired.clusters = []
      site.desired.aliases = []
      site.refuse("reload contoso.com")
      let result = try await site.run(accepted: ["prod"])
      let outcome = try #require(result.attempts.first)
      #expect(outcome.plan.commands.count > 1 && !outcome.putBack.isEmpty)
      #expect(outcome.sentCommands.map(\.description) == ["rndc reload contoso.com"])
      let change = ChangeRecord(outcome, time: 0, duration: 0)
      #expect(change.commands == ["rndc reload contoso.com"])
    }
  }

  @Test("an alias is removed, and named is not told → the next pass has named read the zone")
  func removedAndNotTold() async throws {
    try await withServedSite { site in
      var site = site
      site.desired.aliases = []
      let words = "rndc: connect failed: 127.0.0.1#953: connection refused"
      let cut = try await site.run(
        accepted: ["prod"], at: once(.swap) { [site] in site.refuse("reload", words: words) })
      #expect(cut.attempts.map(\.isNamedTold) == [false])
      #expect(try await site.target() == LiveSite.target)
      site.refuseNothing()
      try site.forgetWhatWasTold()
      try await site.expectServed()
      #expect(site.commands == ["reload contoso.com IN"])
      #expect(try await site.target() == nil)
      try await site.expectUntouched()
    }
  }

  @Test(
    "an alias is removed, rolled back, and then gone from the configuration → it is ours, and goes"
  )
  func rolledBackRemoval() async throws {
    try await withServedSite { site in
      var site = site
      let desired = site.desired
      site.desired.aliases = []
      let removed = try await site.pass().run(
        observers: nil, operation: .removal(of: ["foo.contoso.com"]), now: { 1000 },
        prepared: { _ in })
      #expect(removed.problems == [], "\(removed.problems)")
      #expect(try !site.text("db").contains("DNAME"))
      site.desired = desired
      let back = try await site.rollBack()
      #expect(back.problems == [], "\(back.problems)")
      site.desired.aliases = []
      let held = try await site.run(now: 3000)
      #expect(held.problems.map(\.severity) == [.held])
      let gone = try await site.run(accepted: ["prod"], now: 3000)
      #expect(gone.problems == [], "\(gone.problems)")
      #expect(try !site.text("db").contains("DNAME"))
    }
  }

  @Test(
    "a foreign DNAME keeps a forward zone → it alone is checked from then on; it is removed → all zones are searched again",
    arguments: ["", "update-policy local;"])
  func rememberedDNAME(clause: String) async throws {
    let other = LiveSite.zone + "legacy IN DNAME mesos.\(Site.ids[0]).dcos.directory.\n"
    try await withServedSite(
      """
      zone "first.example" { type primary; file "db.first"; };
      \(LiveSite.local())
      zone "other.example" { type primary; file "db.other"; \(clause) };

      """,
      files: ["db": LiveSite.zone, "db.first": LiveSite.zone, "db.other": other]
    ) { site in
      var site = site
      site.desired.clusters = [try site.cluster("next", id: Self.new)]
      site.desired.aliases[0].cluster = "next"
      try await site.expectServed()
      func kept() async throws -> String {
        let result = try await site.run(now: 5000)
        #expect(result.problems == [])
        #expect(try forwardZones(site) == Set(Site.ids.prefix(2)))
        return result.plan.hints.map(\.text).joined()
      }
      let place = clause.isEmpty ? "db.other:" : "named.conf.local:4"
      #expect(try await kept().contains(place))
      let memory = try #require(NameMemory.read(in: StateDirectory(site.state)))
      #expect(memory.foreign.map(\.zone.name) == [try DomainName("other.example")])
      // A search of all zones would find this one first.
      try site.named.write("db.first", other)
      try await site.named.rndc("reload", "first.example")
      #expect(try await kept().contains(place))

      if clause.isEmpty {
        try site.named.write("db.other", LiveSite.zone)
      } else {
        let client = UpdateClient(
          tool: try site.tools.nsupdate.get(), server: site.desired.bind.query)
        var update = DynamicUpdate(zone: try DomainName("other.example."))
        update.changes = [
          .delete(
            ZoneRecord(
              owner: try DomainName("legacy.other.example."), type: .dname, rdata: LiveSite.target))
        ]
        try await client.send(update, key: site.named.folder.path.appending("session.key"))
      }
      #expect(try await kept().contains("db.first:"), "what is left is found")
      try site.named.write("db.first", LiveSite.zone)
      try await site.expectServed(now: 5000)
      #expect(try forwardZones(site) == [Self.new])
      try await site.expectServed(now: 5000)
      #expect(NameMemory.read(in: StateDirectory(site.state))?.foreign == [])
    }
  }

  @Test(
    "told to stop while the chains are probed after a change → nothing is judged by what was cut off, nor reverted",
    arguments: [ScriptedAnswer.silence, .refused])
  func stopped(answer: ScriptedAnswer) async throws {
    try await withServedSite { site in
      var moved = site
      moved.desired.clusters.append(try site.cluster("next", id: Self.new))
      try await moved.expectServed()
      moved.desired.aliases[0].cluster = "next"
      let pass = StoppablePass()
      // Then only a chain is asked for an address, that of the new cluster since the alias leads there.
      let stopping = once(.swap) {
        site.masters.follow { question in
          guard question.name.hasPrefix("leader."), question.name.contains(Self.new) else {
            return LiveSite.answer(question)
          }
          pass.stop()
          return answer
        }
      }
      let result = try await pass.run { [moved] in try await moved.run(at: stopping) }
      let outcome = try #require(result.attempts.last)
      #expect(result.attempts.count == 1)
      #expect(outcome.isCutShort && !outcome.isSeenServed)
      #expect(outcome.putBack.isEmpty && outcome.blamed.isEmpty, "\(outcome.problems)")
      #expect(RevertedChanges.read(in: StateDirectory(site.state)) == RevertedChanges())
      #expect(try await site.target() == Self.target(Self.new))

      site.mendMasters()
      let next = try await moved.run()
      #expect(next.problems == [] && next.plan.files.isEmpty)
      #expect(holding(next) == ["foo.contoso.com": Self.target(Self.new)])
    }
  }

  @Test(
    "a wrong label, or a cluster that does not answer → held before a byte is written, and the name resolves"
  )
  func ledAstray() async throws {
    try await withServedSite { site in
      var wrong = site
      wrong.desired.aliases[0].label = "mesoss"
      site.masters.follow { question in
        question.name.contains("mesoss.") ? .refused : LiveSite.answer(question)
      }
      let result = try await wrong.expectUntouched()
      #expect(result.problems.map(\.severity) == [.held])
      expect(result.problems.first?.reason, has: "none of them for mesoss.")
      #expect(holding(result) == ["foo.contoso.com": LiveSite.target])

      site.mendMasters()
      var dead = site
      dead.desired.clusters.append(try site.cluster("lab", id: Self.new))
      try await dead.expectServed()
      dead.desired.aliases[0].cluster = "lab"
      site.failMasters(of: Self.new)
      let before = try dead.files()
      let held = try await dead.run()
      #expect(try dead.files() == before)
      #expect(
        held.problems.contains {
          $0.subject == .alias("foo.contoso.com") && $0.severity == .held
        }, "\(held.problems)")
      #expect(holding(held) == ["foo.contoso.com": LiveSite.target])
      // Its zone is there, and no name in it: mesos-dns is dead.
      site.masters.follow { question in
        question.name.hasPrefix("leader.") && question.name.contains(Self.new)
          ? .serverFailure : LiveSite.answer(question)
      }
      let mute = try await dead.run()
      #expect(try dead.files() == before)
      let problem = try #require(mute.problems.first)
      #expect(problem.subject == .alias("foo.contoso.com") && problem.severity == .held)
      expect(problem.reason, has: "answers SERVFAIL for leader.mesos.")
      #expect(holding(mute) == ["foo.contoso.com": LiveSite.target])
      site.mendMasters()
      let moved = try await dead.run()
      #expect(holding(moved) == ["foo.contoso.com": Self.target(Self.new)])
    }
  }

  @Test(
    "what is answered behind one of two moved aliases is swallowed → it alone is reverted, the other stays moved"
  )
  func swallowed() async throws {
    try await withServedSite(
      options: "deny-answer-addresses { 10.0.0.0/8; };",
      aliases: ["foo.contoso.com", "bar.contoso.com"]
    ) { site in
      site.masters.follow { question in
        guard question.name.hasPrefix("leader."), question.name.contains(Self.new),
          question.type == 1
        else { return LiveSite.answer(question) }
        return ScriptedAnswer(answers: [.address(question.name, [10, 9, 9, 9])])
      }
      var site = site
      site.desired.clusters += [
        try site.cluster("lab", id: Self.new), try site.cluster("third", id: Site.ids[2]),
      ]
      site.desired.aliases[0].cluster = "lab"
      site.desired.aliases[1].cluster = "third"
      let result = try await site.run()
      let expected = [
        "foo.contoso.com": LiveSite.target, "bar.contoso.com": Self.target(Site.ids[2]),
      ]
      #expect(holding(result) == expected)
      #expect(result.attempts.first?.blamed == [.alias("foo.contoso.com")])
      #expect(result.problems.map(\.subject) == [.alias("foo.contoso.com")], "\(result.problems)")
      #expect(try await site.target() == LiveSite.target)
      let entry = try #require(site.history.entries.first)
      #expect(!entry.subjects.contains(.alias("foo.contoso.com")))
      #expect(entry.aliases.map(\.owner) == ["bar.contoso.com."])
      let text = try site.text("db")
      #expect(text.split(separator: " DNAME ").count == 3, "\(text)")
    }
  }

  @Test(
    "an alias that moved is rolled back → it resolves, and so do the answers that resolvers hold of it"
  )
  func rolledBack() async throws {
    try await withServedSite { site in
      var site = site
      site.desired.clusters.append(try site.cluster("next", id: Self.new))
      site.desired.aliases[0].cluster = "next"
      try await site.expectServed()
      #expect(try await site.target() == Self.target(Self.new))
      let outcome = try await site.rollBack()
      #expect(outcome.problems == [] && outcome.isSeenServed, "\(outcome.problems)")
      #expect(try await site.target() == LiveSite.target)
      #expect(try forwardZones(site) == Set(Site.ids.prefix(2)))
      let client = DNSClient(server: site.desired.bind.query)
      let held = try await client.ask(
        DomainName("x.\(Self.target(Self.new))"), .a, recursionDesired: true)
      #expect(held.rcode == .noError || held.rcode == .nameError)
      // The alias is held where it is, and nothing else changes.
      let next = try await site.expectUntouched(now: 9000)
      #expect(next.problems.map(\.subject) == [.alias("foo.contoso.com")])
    }
  }

  @Test(
    "a rollback would lead a name that resolves to masters that are dead → refused before a byte is written"
  )
  func rolledBackAstray() async throws {
    try await withServedSite { site in
      var site = site
      site.desired.clusters.append(try site.cluster("next", id: Self.new))
      site.desired.aliases[0].cluster = "next"
      try await site.expectServed()
      let before = try site.files()
      site.failMasters(of: Site.ids[0])
      let error = await #expect(throws: PassError.self) { try await site.rollBack() }
      expect(error?.description, has: "lead to \(LiveSite.target) again, for which no master")
      #expect(try site.files() == before)
      #expect(try await site.target() == Self.target(Self.new))
      // Where the name is lost anyway, an operator may have it so.
      site.failMasters()
      let back = try await site.rollBack()
      #expect(back.isSeenServed == false && !back.problems.isEmpty)
    }
  }

  @Test(
    "what is answered behind a rolled back alias is swallowed → the rollback is reverted as a whole, and the name resolves"
  )
  func rolledBackAndSwallowed() async throws {
    try await withServedSite(options: "deny-answer-addresses { 10.0.0.0/8; };") { site in
      var site = site
      site.desired.clusters.append(try site.cluster("next", id: Self.new))
      site.desired.aliases[0].cluster = "next"
      try await site.expectServed()
      site.masters.follow { question in
        guard question.name.hasPrefix("leader."), question.name.contains(Site.ids[0]),
          question.type == 1
        else { return LiveSite.answer(question) }
        return ScriptedAnswer(answers: [.address(question.name, [10, 9, 9, 9])])
      }
      let back = try await site.rollBack()
      #expect(back.blamed == [.alias("foo.contoso.com")], "\(back.problems)")
      #expect(back.putBack.map(\.lastComponent?.string) == ["db"])
      #expect(try await site.target() == Self.target(Self.new))
      let next = try await site.run()
      #expect(holding(next) == ["foo.contoso.com": Self.target(Self.new)])
    }
  }

  @Test("an older zone file is restored → the next serial is above the one that was published")
  func restored() async throws {
    try await withServedSite { site in
      #expect(try await site.serial() == 42)
      try site.named.write("db", LiveSite.zone)
      try await site.named.rndc("reload", "contoso.com")
      try await eventually("named has loaded it") { try await site.serial() == 41 }
      try await site.expectServed()
      #expect(try await site.serial() == 43)
    }
  }

  @Test("two configurations over the same files → neither takes the other's names away")
  func twoConfigurations() async throws {
    try await withServedSite { site in
      var desired = site.desired
      desired.clusters = [try site.cluster("lab", id: Self.new)]
      desired.aliases = [try LiveSite.alias("bar.contoso.com", of: "lab")]
      try site.named.folder.write("other/keep", "")
      let other = Pass(
        desired: desired, tools: site.tools,
        stateDirectory: site.named.folder.path.appending("other"), patience: site.patience)
      for _ in 1...2 {
        let theirs = try await other.run(
          observers: try ClusterObservers(desired.clusters), now: { 1000 }, prepared: { _ in })
        let ours = try await site.run()
        for problems in [theirs.problems, ours.problems] {
          #expect(problems.map(\.severity) == [.held, .held], "\(problems)")
        }
        #expect(try await site.target() == LiveSite.target)
        #expect(try await site.target(of: "bar.contoso.com") == Self.target(Self.new))
        #expect(try forwardZones(site) == Set(Site.ids.prefix(2)))
      }
      try await site.expectUntouched()
    }
  }

  @Test("a second configuration has the cluster under another name → held, and nothing changes")
  func sameClusterTwice() async throws {
    try await withServedSite { site in
      var desired = site.desired
      desired.clusters = [try site.cluster("lab")]
      desired.aliases = [try LiveSite.alias("foo.contoso.com", of: "lab")]
      try site.named.folder.write("other/keep", "")
      let other = Pass(
        desired: desired, tools: site.tools,
        stateDirectory: site.named.folder.path.appending("other"), patience: site.patience)
      let before = try site.files()
      let theirs = try await other.run(
        observers: try ClusterObservers(desired.clusters), now: { 1000 }, prepared: { _ in })
      let problem = try #require(theirs.problems.first { $0.subject == .cluster("lab") })
      #expect(problem.severity == .held)
      expect(problem.reason, has: "stands in the managed block prod, which was written by another")
      #expect(try site.files() == before)
      #expect(holding(try await site.run()) == ["foo.contoso.com": LiveSite.target])
    }
  }

  @Test(
    "a delegation comes above an alias that stands → held with its place, and named is not told to load it ever again"
  )
  func delegatedLater() async throws {
    try await withServedSite(aliases: ["foo.sub.contoso.com", "bar.contoso.com"]) { site in
      let text = try site.text("db").replacing(" 42 ", with: " 50 ")
      try site.named.write("db", text + "sub IN NS ns.example.net.\n")
      try await site.named.rndc("reload", "contoso.com")
      try await eventually("named has loaded it") { try await site.serial() == 50 }
      let result = try await site.expectUntouched()
      let held = try #require(result.problems.first { $0.severity == .held })
      #expect(held.subject == .alias("foo.sub.contoso.com"))
      expect(held.reason, has: "sub.contoso.com is delegated to other name servers")
      let failed = try #require(result.problems.first { $0.severity == .failed })
      expect(failed.reason, has: "sub.contoso.com is delegated to other name servers")
      expect(failed.remedy, has: "Remove that delegation")
      #expect(holding(result) == ["bar.contoso.com": LiveSite.target])
    }
  }

  // MARK: Dynamic zones

  /// Removes everything, as an operator does.
  private func remove(_ site: LiveSite) async throws -> PassResult {
    var empty = site
    empty.desired.clusters = []
    empty.desired.aliases = []
    return try await empty.pass().run(
      observers: nil, operation: .clearance, now: { 1000 }, prepared: { _ in })
  }

  @Test(
    "all is removed, with a dynamic zone → its DNAME first, and then what it leads into; frozen → neither"
  )
  func dynamicZone() async throws {
    try await withServedSite(LiveSite.local("update-policy local;")) { site in
      let local = LiveSite.local("update-policy local;")
      try await site.named.rndc("freeze", "contoso.com")
      let frozen = try await remove(site)
      #expect(frozen.problems.contains { $0.subject == .zone("contoso.com") })
      #expect(try await site.target() == LiveSite.target)
      #expect(try forwardZones(site) == [Site.ids[0]])
      try await site.named.rndc("thaw", "contoso.com")
      try await eventually("named has thawed it") {
        try await !site.named.rndc("zonestatus", "contoso.com").standardOutput
          .contains("frozen: yes")
      }
      try site.forgetWhatWasTold()
      let result = try await remove(site)
      #expect(result.problems == [])
      #expect(result.attempts.map(\.plan.updates.count) == [1, 0])
      #expect(result.attempts.map { $0.plan.files.isEmpty } == [true, false])
      #expect(site.commands == ["reconfig", "flushtree \(Site.ids[0]).dcos.directory"])
      #expect(try site.text("named.conf.local") == local)
      #expect(try await site.target() == nil)
    }
  }
}
