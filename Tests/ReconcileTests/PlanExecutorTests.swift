import DCOS
import DNSNames
import FileChange
import Glibc
import Named
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import Reconcile
@testable import ReconcileModel

/// The steps `apply` and `verify` with a real named: in which order things are done, and what is not done
/// where something goes wrong.
@Suite("A change is carried out", .serialized, .timeLimit(.minutes(5)))
struct PlanExecutorTests {
  @Test("nothing is to be done → the host's files are not read for a second time")
  func nothing() async throws {
    try await withLiveSite { site in
      try await site.expectServed()
      let pass = site.pass()
      let proposal = try await pass.propose(
        observers: try ClusterObservers(site.desired.clusters), now: 1000)
      #expect(proposal.plan.isEmpty)
      let readings = Mutex(0)
      _ = try await PlanExecutor(
        proposal: proposal, context: pass.context, control: pass.control, probe: pass.probe,
        inspect: {
          readings.withLock { $0 += 1 }
          return nil
        }, probeChains: { _ in [] }
      ).carryOut()
      let count = readings.withLock { $0 }
      #expect(count == 0)
    }
  }

  @Test("all is well → files, then named, then the look; no command twice, and a rest afterwards")
  func order() async throws {
    try await withLiveSite { site in
      let seen = Mutex<[String]>([])
      let result = try await site.run(at: { step in
        let told = site.commands.count
        let isWritten = (try? site.text("db").contains("DNAME")) ?? false
        let history = (try? site.named.folder.names(in: "state/history")) ?? []
        seen.withLock { $0.append("\(step) \(isWritten) \(told) \(history)") }
      })
      #expect(result.problems.isEmpty && result.attempts.map(\.isSeenServed) == [true])
      #expect(
        seen.withLock { $0.filter { !$0.hasPrefix("verify") } } == [
          "observe false 0 []", "inspect false 0 []", "plan false 0 []", "plan false 0 []",
          "plan false 0 []", "validate false 0 []", #"swap true 0 ["1.json"]"#,
          #"tell true 3 ["1.json"]"#,
        ])
      let verify = seen.withLock { $0.filter { $0.hasPrefix("verify true") } }
      #expect(!verify.isEmpty && verify.allSatisfy { $0 == #"verify true 3 ["1.json"]"# })
      #expect(seen.withLock { $0.last?.hasPrefix("verify") } == true)
      #expect(
        site.commands == [
          "reconfig", "flushtree \(Site.ids[0]).dcos.directory", "reload contoso.com IN",
        ])
      #expect(try await site.serial() == 42)
      #expect(try await site.target() == LiveSite.target)
      try await site.expectUntouched()
      #expect(site.history.entries.map(\.number) == [1])
    }
  }

  @Test(
    "somebody saves the file meanwhile, twice → that stays, the third try succeeds")
  func savedMeanwhile() async throws {
    try await withLiveSite { site in
      var count = 0
      let result = try await site.run(prepared: { _ in
        count += 1
        if count < 3 { save(site, count) }
      })
      #expect(count == 3)
      #expect(result.problems.isEmpty, "\(result.problems)")
      #expect(result.attempts.count == 1, "what was not changed is no turn")
      let text = try site.text("db")
      #expect(text.contains("theirs1 IN") && text.contains("theirs2 IN") && text.contains("DNAME"))
      #expect(site.history.entries.map(\.number) == [1])
      #expect(try site.named.folder.names(in: "state/history") == ["1.json"])
    }
  }

  @Test(
    "somebody saves the file each time → given up after three, nothing changed")
  func savedAgainAndAgain() async throws {
    try await withLiveSite { site in
      let local = try site.text("named.conf.local")
      var count = 0
      let error = await #expect(throws: PassError.self) {
        try await site.run(prepared: { _ in
          count += 1
          save(site, count)
        })
      }
      #expect(count == 3)
      #expect(error?.isOutdated == true && error?.isStop == false)
      #expect(error?.description.hasPrefix("nothing was changed: ") == true)
      let text = try site.text("db")
      #expect(text.contains("theirs3 IN") && !text.contains("DNAME"))
      #expect(try site.text("named.conf.local") == local)
      #expect(site.commands == [])
      #expect(site.history.entries.isEmpty)
      #expect(try site.named.folder.names(in: "state/history").isEmpty)
    }
  }

  private func save(_ site: LiveSite, _ number: Int) {
    do {
      try site.named.write("db", try site.text("db") + "theirs\(number) IN A 192.0.2.9\n")
    } catch {
      Issue.record(error)
    }
  }

  @Test("a file that the zone includes is saved while the candidate is judged → a fresh start")
  func includedFile() async throws {
    let zone = LiveSite.zone + "$INCLUDE hosts\n"
    try await withLiveSite(files: ["db": zone, "hosts": "a IN A 192.0.2.1\n"]) { site in
      var site = site
      let folder = site.named.folder.path
      // In the first of the two times that the zone is compiled.
      let compiler = try site.script(
        "compile",
        """
        if mkdir \(folder)/rig/once 2>/dev/null; then
          echo "theirs IN A 192.0.2.9" >>\(folder)/hosts
        fi
        exec \(site.tools.compilezone) "$@"
        """)
      site.tools = NamedTools(
        checkconf: site.tools.checkconf, checkzone: site.tools.checkzone, compilezone: compiler,
        rndc: site.tools.rndc, nsupdate: try site.tools.nsupdate.get())
      let error = await #expect(throws: PassError.self) {
        try await site.pass().propose(
          observers: try ClusterObservers(site.desired.clusters), now: 1000)
      }
      #expect(error?.isOutdated == true, "\(error as Any)")
      _ = try await run("rmdir", arguments: ["\(folder)/rig/once"])
      let result = try await site.run()
      #expect(result.problems.isEmpty, "\(result.problems)")
      let client = DNSClient(server: site.desired.bind.query)
      #expect(
        try await client.ask(DomainName("theirs.contoso.com"), .a).rdata(of: .a) == ["192.0.2.9"])
      #expect(try await site.target() == LiveSite.target)
    }
  }

  // MARK: What cannot be written down

  @Test(
    "what the next pass has to know cannot be written → nothing changed, nothing told",
    arguments: ["zones", "history"])
  func unwritableState(name: String) async throws {
    try await withLiveSite { site in
      // A folder stands where a file should, or a file where a folder.
      try site.named.folder.write(name == "history" ? "state/history" : "state/\(name)/x", "")
      let before = try site.files()
      let error = await #expect(throws: PassError.self) { try await site.run() }
      #expect(error?.description.hasPrefix("nothing was changed: ") == true, "\(error as Any)")
      #expect(try site.files() == before)
      #expect(site.commands == [] && site.history.entries.isEmpty)
    }
  }

  @Test("the reverted change cannot be recorded → the pass fails and says so; the files are back")
  func unwritableSetbacks() async throws {
    try await withLiveSite { site in
      var site = site
      site.patience = .milliseconds(500)
      try site.named.folder.write("state/setbacks/x", "")
      let local = try site.text("named.conf.local")
      let error = await #expect(throws: PassError.self) {
        try await site.run(at: once(.swap, site.failMasters))
      }
      #expect(error?.description.hasPrefix("the reverted change cannot be recorded: ") == true)
      #expect(try site.text("named.conf.local") == local)
      #expect(try !site.text("db").contains("DNAME"))
    }
  }

  // MARK: Told to stop

  @Test(
    "told to stop before the swap → not a byte is changed, named gets no command, no history",
    arguments: [PassStep.observe, .inspect, .plan, .validate])
  func stopped(step: PassStep) async throws {
    try await withLiveSite { site in
      let before = try site.files()
      let error = await #expect(throws: PassError.self) { try await stop(site, at: step) }
      #expect(error?.isStop == true, "\(error as Any)")
      #expect(try site.files() == before)
      #expect(site.commands == [] && site.history.entries.isEmpty)
      #expect(try !site.named.folder.names(in: "state").contains("history"))
    }
  }

  @Test(
    "told to stop while named is asked for the last time before the swap → a stop, no failure",
    arguments: [true, false])
  func stoppedBeforeTheSwap(answers: Bool) async throws {
    try await withLiveSite { site in
      var site = site
      if !answers {
        site.desired.bind.query = try Endpoint(host: "127.0.0.1", port: try freePort())
      }
      let before = try site.files()
      let pass = StoppablePass()
      let error = await #expect(throws: PassError.self) {
        try await pass.run { [site] in try await site.run(prepared: { _ in pass.stop() }) }
      }
      #expect(error?.isStop == true, "\(error as Any)")
      #expect(try site.files() == before)
      #expect(site.commands == [] && site.history.entries.isEmpty)
    }
  }

  @Test(
    "told to stop after the swap → named is told, nothing is judged or reverted")
  func stoppedBehindTheSwap() async throws {
    try await withLiveSite { site in
      // What would be put back, if it were judged.
      let result = try await stop(site, at: .swap) { site.failMasters() }
      let outcome = try #require(result.attempts.first)
      #expect(result.attempts.count == 1)
      #expect(outcome.isCutShort && !outcome.isSeenServed && outcome.isNamedTold)
      #expect(site.record(of: result).reloadDebt.count == 3, "nobody has seen that it was done")
      #expect(outcome.putBack.isEmpty && outcome.blamed.isEmpty && outcome.problems.isEmpty)
      #expect(outcome.change == 1 && site.history.entries.map(\.number) == [1])
      #expect(
        site.commands == [
          "reconfig", "flushtree \(Site.ids[0]).dcos.directory", "reload contoso.com IN",
        ])
      #expect(try site.text("db").contains("DNAME"))
      try await eventually("named has loaded it") { try await site.serial() == 42 }
      #expect(RevertedChanges.read(in: StateDirectory(site.state)) == RevertedChanges())

      // The next pass finds all written, and tells what is not served.
      let files = try site.files()
      var hasty = site
      hasty.patience = .milliseconds(500)
      let next = try await hasty.run()
      #expect(next.problems.map(\.subject) == ["cluster prod"], "\(next.problems)")
      #expect(next.problems.map(\.severity) == [.failed])
      #expect(try site.files() == files)
      site.mendMasters()
      // named may keep what it heard for the rest of the second.
      let client = DNSClient(server: site.desired.bind.query)
      try await eventually("named hears the masters again") {
        try await client.ask(DomainName(LiveSite.target), .soa, recursionDesired: true).serial == 1
      }
      try await site.expectServed()
    }
  }

  /// Makes a pass that is told to stop at a step.
  private func stop(
    _ site: LiveSite, at step: PassStep, accepted: Set<String> = [],
    _ body: @escaping @Sendable () -> Void = {}
  ) async throws -> PassResult {
    let pass = StoppablePass()
    return try await pass.run {
      try await site.run(
        accepted: accepted,
        at: once(step) {
          body()
          pass.stop()
        })
    }
  }

  // MARK: named that is not there

  @Test("named is down → the files are written for its start, no command is sent, nothing judged")
  func down() async throws {
    try await withLiveSite { site in
      try await site.named.stop()
      let result = try await site.run()
      let outcome = try #require(result.attempts.first)
      #expect(!outcome.isNamedTold && !outcome.isSeenServed && outcome.putBack.isEmpty)
      // That is shown until named is seen to serve it.
      let domain = "\(Site.ids[0]).dcos.directory"
      #expect(
        site.record(of: result).reloadDebt == [
          "rndc reconfig", "rndc flushtree \(domain)", "rndc reload contoso.com",
        ])
      #expect(outcome.change == 1)
      let memory = NameMemory.read(in: StateDirectory(site.state))
      #expect(memory?.unflushed == [], "nothing is cached")
      #expect(result.problems.map(\.severity) == [.failed])
      #expect(
        result.problems.map(\.remedy) == [
          """
          named is not running, or its `controls` statement names another address or port: systemctl status named. The \
          files are changed, and named reads them when it starts
          """
        ])
      #expect(site.commands == [])
      #expect(try site.text("db").contains("DNAME"))
      try await site.named.start()
      #expect(try await site.target() == LiveSite.target)
      try await site.expectUntouched()
    }
  }

  @Test(
    "named cannot be told for another reason → nothing is changed",
    arguments: [
      "rndc: connection to remote host closed", "rndc: connect failed: 127.0.0.1#953: timed out",
      "rndc: couldn't read the key",
    ])
  func untellable(words: String) async throws {
    try await withLiveSite { site in
      let before = try site.files()
      site.refuse("status", words: words)
      let error = await #expect(throws: PassError.self) { try await site.run() }
      #expect(
        error?.description.hasPrefix("cannot reach named's control channel; nothing was changed: ")
          == true)
      #expect(try site.files() == before)
      #expect(site.commands == [] && site.history.entries.isEmpty)
    }
  }

  @Test("named ends between the look and the telling → the files stand for its start")
  func gone() async throws {
    try await withLiveSite { site in
      let result = try await site.run(
        at: once(.swap) {
          site.refuse(
            "reconfig", words: "rndc: connect failed: 127.0.0.1#953: connection refused")
        })
      let outcome = try #require(result.attempts.first)
      #expect(result.attempts.count == 1)
      #expect(!outcome.isNamedTold && !outcome.isSeenServed && outcome.putBack.isEmpty)
      // That no client gets an answer meanwhile is told as well.
      #expect(outcome.problems.first?.subject == .named)
      #expect(outcome.change == 1 && site.history.entries.map(\.number) == [1])
      #expect(site.commands == ["reconfig"], "nothing else is tried")
      #expect(NameMemory.read(in: StateDirectory(site.state))?.unflushed == [])
      #expect(try site.text("db").contains("DNAME"))
      #expect(RevertedChanges.read(in: StateDirectory(site.state)) == RevertedChanges())
      site.refuseNothing()
      // The next pass owes named what this one did not tell it.
      try await site.expectServed()
      #expect(try await site.target() == LiveSite.target)
    }
  }

  @Test("flushtree fails → told as a failure, and what is served stays; the next pass sends it")
  func flushFails() async throws {
    try await withLiveSite { site in
      let result = try await site.run(at: once(.swap) { site.refuse("flushtree") })
      let outcome = try #require(result.attempts.first)
      #expect(outcome.isSeenServed && outcome.putBack.isEmpty)
      let domain = "\(Site.ids[0]).dcos.directory"
      #expect(outcome.problems.map(\.subject.description) == ["rndc flushtree \(domain)"])
      #expect(site.commands.last == "reload contoso.com IN", "the others are sent all the same")
      #expect(try await site.target() == LiveSite.target)
      site.refuseNothing()
      let sent = site.commands
      let next = try await site.run()
      #expect(next.problems.isEmpty && next.attempts.map(\.isSeenServed) == [true])
      #expect(site.commands == sent + ["flushtree \(domain)"])
      try await site.expectServed()
      #expect(site.commands == sent + ["flushtree \(domain)"])
    }
  }

  // MARK: Views

  @Test("an alias in a view that does not answer this host → stays, though nobody sees it here")
  func otherView() async throws {
    let views = [("inside", "127.0.0.1", "db.in"), ("outside", "any", "db")].map {
      (name, who, file) in
      """
      view "\(name)" {
      match-clients { \(who); };
      zone "contoso.com" { type primary; file "\(file)"; };
      };

      """
    }.joined()
    try await withLiveSite(views, files: ["db": LiveSite.zone, "db.in": LiveSite.zone]) { site in
      var site = site
      site.desired.bind.views = ["outside"]
      site.patience = .milliseconds(1500)
      for now: Int64 in [1000, 1001] {
        let result = try await site.run(now: now)
        #expect(result.problems.isEmpty, "\(result.problems)")
        #expect(result.attempts.map(\.putBack) == [[]])
        #expect(result.plan.files.isEmpty == (now == 1001))
      }
      #expect(try site.text("db").contains("DNAME") && !site.text("db.in").contains("DNAME"))
      #expect(try await site.target() == nil)
      let control = RemoteControl(
        tool: site.tools.rndc, settings: RemoteControlSettings(config: site.named.rndcConf))
      #expect(
        try await control.zoneStatus(zone: DomainName("contoso.com"), view: "outside").serial == 42)
      #expect(RevertedChanges.read(in: StateDirectory(site.state)) == RevertedChanges())
    }
  }

  // MARK: Deadlines

  @Test("a zone of some MiB → named has a second more for each, and what it serves stays")
  func loadingTime() async throws {
    // Records of 200 bytes each; 8 MiB.
    let line = String(repeating: "x", count: 180)
    let records = (0..<40_000).map { "t\($0) TXT \(line)\n" }.joined()
    try await withLiveSite(files: ["db": LiveSite.zone + records]) { site in
      var site = site
      site.patience = .zero
      let result = try await site.run()
      #expect(result.problems.isEmpty, "\(result.problems)")
      #expect(result.attempts.map(\.putBack) == [[]])
      #expect(try await site.target() == LiveSite.target)
    }
  }

  @Test("told to stop while named is watched → the watch ends, whatever the patience")
  func patience() async throws {
    try await withLiveSite { site in
      var patient = site
      patient.patience = .seconds(3600)
      site.failMasters()
      let result = try await stop(patient, at: .verify, accepted: ["prod"])
      #expect(result.attempts.map(\.isCutShort) == [true])
      #expect(result.attempts.map(\.putBack) == [[]])
    }
  }
}
