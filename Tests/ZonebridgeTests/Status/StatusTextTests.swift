import Reconcile
import ReconcileModel
import Testing

@testable import zonebridge

@Suite(.timeLimit(.minutes(2))) struct StatusTextTests {
  @Test func anAgentInSync() {
    let report = StatusReport(status: .inSync, source: .agent)
    #expect(
      StatusText(report).text == """
        in sync, as of 12 s ago; 1 of 2 chains cannot be seen from here
          agent: pid 4711, version 1.2.3, for 3 d; next pass in 18 s
          configuration: /etc/zonebridge/zonebridge.yaml, read 60 min ago

        cluster.contoso.com in view internal  masters 3/3 ─ ID kaualn…5cho ─ forward zone ✓ ─ DNAME ✓ ─ 10.0.0.80 ✓
        lab.contoso.net  masters given ─ ID yor6tq…z3jo ─ forward zone ? ─ DNAME ? ─ address ?
          not known
          DNAME: cannot be seen from here
          forward zone: cannot be seen from here
          address: cannot be seen from here

        cluster prod: its masters agree, 12 s ago
          ID: \(prodID)
          masters: 10.0.6.68, 10.0.6.69, 10.0.6.71
          forward zone: served
          https://10.0.6.68: says the ID and the masters by Exhibitor
          https://10.0.6.69: says the ID and the masters by Exhibitor
          https://10.0.6.71: says the ID and the masters by Exhibitor

        cluster lab: as the configuration says
          ID: \(otherID)
          masters: 10.1.0.5

        alias cluster.contoso.com in view internal to mesos.\(prodID).dcos.directory: served
        alias lab.contoso.net to mesos.\(otherID).dcos.directory: written, and not seen from here

        zone contoso.com in view internal: serial 42 in /etc/bind/db.contoso.com, serial 42 served
        zone contoso.net: dynamic, serial 4294967295 served

        file /etc/bind/db.contoso.com: block cluster.contoso.com
        file /etc/bind/named.conf.local: blocks lab, prod

        last change 7: 2 h ago (2026-11-28 14:55:00 UTC), in 1.5 s; seen served
          cluster prod: master 10.0.6.71 instead of 10.0.6.70
          changed /etc/bind/named.conf.local
          sent rndc reconfig

        """)
  }

  @Test func muchIsWrongAndNoAgentRuns() {
    let report = StatusReport(status: .troubled, source: .state, maxAge: 3600)
    #expect(
      StatusText(report).text == """
        failed: 1 problem, as of 6 min ago
          the token of prod was not renewed, and is used until it ends: 401, the login was refused
          no agent is running; showing the last recorded pass
          last in sync: 25 h ago (2026-11-27 16:00:00 UTC)

        cluster.contoso.com in view internal  masters 2/3 ─ ID kaualn…5cho ─ forward zone ✗ ─ DNAME ✓ ─ address ?
          broken: clients get SERVFAIL, seen since 2026-11-28 16:52:30 UTC (7 min), last held 8 min ago
          every link of it, and what helps: zonebridge check --alias cluster.contoso.com
          forward zone: named answers SERVFAIL
            Check that dcos-net runs
          address: not asked

        held: cluster prod: its ID is another one
          Accept it with: zonebridge run --once --accept prod
        failed: zone contoso.com: not loaded
          named says: bad TTL

        cluster prod: its masters agree on something that is not believed yet
          ID: \(prodID)
          masters: 10.0.6.68, 10.0.6.69, 10.0.6.71
          last agreement: 12 s ago
          for 3 min: ID \(otherID), masters 10.0.6.68, 10.0.6.69
          forward zone: not served
          https://10.0.6.68: says the ID and the masters by Exhibitor
          https://10.0.6.69: says ID \(otherID) and the masters by Exhibitor
          https://10.0.6.71: the connection was refused

        cluster lab: as the configuration says
          ID: \(otherID)
          masters: 10.1.0.5

        alias cluster.contoso.com in view internal to mesos.\(prodID).dcos.directory: not served
        alias lab.contoso.net: not written
          no zone for it

        zone contoso.com in view internal: serial 42 in /etc/bind/db.contoso.com, serial 41 served
        zone contoso.net: dynamic, not seen served

        file /etc/bind/db.contoso.com: block cluster.contoso.com
        file /etc/bind/named.conf.local: blocks lab, prod

        not seen done by named yet: rndc reload contoso.com IN internal

        note: named.conf: an edit that named has not read yet

        last change 7: 2 h ago (2026-11-28 14:55:00 UTC), in 1.5 s; reverted
          cluster prod: master 10.0.6.71 instead of 10.0.6.70
          changed /etc/bind/named.conf.local
          sent rndc reconfig

        """)
  }

  @Test(
    "a master is down and a token was not renewed, all else is well → both below the headline, with what helps"
  )
  func inSyncAndYet() {
    var status = AgentStatus.inSync
    status.record?.pass.clusters[0].reports[2].problems = ["the connection was refused"]
    status.record?.pass.clusters[0].refusedRenewal = "401, the login as \"zonebridge\" was refused"
    let text = StatusText(StatusReport(status: status, source: .agent)).text
    #expect(
      text.hasPrefix(
        """
        in sync, 1 of 3 masters down, as of 12 s ago; 1 of 2 chains cannot be seen from here
          https://10.0.6.71: the connection was refused
          the others agree without it; what helps: zonebridge check --cluster prod
          the token of prod was not renewed, and is used until it ends: 401, the login as "zonebridge" was refused
          agent: pid 4711
        """), "\(text)")
  }

  @Test(
    "a chain of which the answers tell nothing, in the record of an older version → it is broken, and no more"
  )
  func olderRecord() {
    var status = AgentStatus.troubled
    status.record?.pass.chains?[0].clientsGet = nil
    status.record?.pass.chains?[0].brokenSince = nil
    let text = StatusText(StatusReport(status: status, source: .state)).text
    #expect(
      text.contains("\n  broken: clients get no answer of the cluster, last held 8 min ago\n"),
      "\(text)")
  }

  @Test func nothingIsKnown() {
    var status = AgentStatus.starting
    status.agent?.passBegan = now - 3
    status.agent?.nextPass = nil
    #expect(
      StatusText(StatusReport(status: status, source: .agent)).text == """
        unknown: no pass has ended yet
          agent: pid 4711, version 1.2.3, for 3 d; a pass is under way for 3 s
          configuration: /etc/zonebridge/zonebridge.yaml, read 60 min ago

        """)
    status.agent = nil
    #expect(
      StatusText(StatusReport(status: status, source: .state)).text == """
        unknown: no pass has ended yet
          no agent is running

        """)
  }

  @Test func whatKeepsItFromBeingKnownIsTold() {
    let trouble = StatusReport.Trouble(
      reason: "an agent listens on /x and does not answer", remedy: "Restart it", isHung: true)
    var status = AgentStatus.inSync
    status.agent = nil
    let text = StatusText(StatusReport(status: status, source: .state, trouble: trouble)).text
    #expect(
      text.hasPrefix(
        """
        hung: an agent is running, but does not answer
          an agent listens on /x and does not answer
          Restart it
          the rest is from the last recorded pass, 12 s ago
          last in sync: 12 s ago (2026-11-28 16:59:48 UTC)

        cluster.contoso.com in view internal  masters 3/3 ─ ID kaualn…5cho ─ forward zone ✓ ─ DNAME ✓ ─ 10.0.0.80 ✓
        """))
  }

  @Test func aFailedPassShowsWhatTheOneBeforeSaw() {
    var status = AgentStatus.troubled
    status.record?.pass.failure = "named.conf is not there"
    let text = StatusText(StatusReport(status: status, source: .state)).text
    #expect(
      text.contains(
        "\n\nThe last pass ended early; the rest is what an earlier one saw.\n\n"))
  }

  @Test func aRefusedConfigurationIsTold() {
    var status = AgentStatus.inSync
    status.agent?.configuration.refusal = "z.yaml:3: interval: wrong"
    let text = StatusText(StatusReport(status: status, source: .agent))
    #expect(text.text.contains("\n  the new configuration is refused: z.yaml:3: interval: wrong\n"))
    #expect(text.reasons.contains { $0.contains("interval: wrong") })
  }

  @Test func colourIsAddedAndChangesNothingElse() {
    let report = StatusReport(status: .troubled, source: .state)
    let colored = StatusText(report, usesColor: true).text
    #expect(colored.contains("\u{1b}[31mfailed: zone contoso.com: not loaded\u{1b}[0m\n"))
    #expect(colored.contains("\u{1b}[33mheld: "))
    let plain = colored.replacing(/\u{1b}\[[0-9]*m/, with: "")
    #expect(plain == StatusText(report).text)
    #expect(!StatusText(report).text.contains("\u{1b}"))
  }

  @Test("a master is down and the others agree → in sync, and the first line says so")
  func masterDown() {
    var status = AgentStatus.inSync
    status.record?.pass.clusters[0].reports[2].problems = ["the connection was refused"]
    let text = StatusText(StatusReport(status: status, source: .agent)).text
    #expect(text.hasPrefix("in sync, 1 of 3 masters down, as of 12 s ago; "))
    #expect(text.contains("cluster.contoso.com in view internal  masters 2/3 \u{2500} ID "))
  }

  @Test(
    "an alias with several clusters → where it leads and why, each cluster, and the operator's choice"
  )
  func failover() {
    var status = AgentStatus.inSync
    status.record?.pass.failovers = [.left]
    #expect(
      StatusText(StatusReport(status: status, source: .agent)).text.contains(
        """

        web.contoso.com  leads to green, not to blue, for 5 min: blue has been ill for 90 s: named has no answer
          blue ill for 6 min: named has no answer
            after 3 s
          green healthy for 2 h
          red not known; held, since the alias has moved within the hour: its masters disagree
          an operator chose green, until 2026-11-28 17:10:00 UTC: zonebridge switch web.contoso.com --auto ends that


        """))
    status.record?.pass.failovers?[0].cluster = "blue"
    status.record?.pass.failovers?[0].reason = nil
    status.record?.pass.failovers?[0].choice?.until = nil
    let text = StatusText(StatusReport(status: status, source: .agent)).text
    #expect(text.contains("\nweb.contoso.com  leads to blue for 5 min\n"))
    #expect(text.contains("  an operator chose green, until you end it: "))
    status.record?.pass.failovers?[0].cluster = nil
    #expect(
      StatusText(StatusReport(status: status, source: .agent)).text
        .contains("\nweb.contoso.com  leads to none of its clusters\n"))
  }

  @Test("a narrow terminal → every line fits") func narrow() {
    let report = StatusReport(status: .troubled, source: .state, maxAge: 3600)
    let wide = StatusText(report).text
    let lines = StatusText(report, width: 60).text.split(separator: "\n")
    #expect(lines.contains { $0.hasPrefix("    ") })
    // But for an ID, which is a word.
    #expect(lines.allSatisfy { $0.count <= 60 || !$0.dropFirst(4).contains(" ") }, "\(lines)")
    #expect(wide.split { $0.isWhitespace } == lines.flatMap { $0.split { $0.isWhitespace } })
  }
}
