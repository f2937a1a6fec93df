import DNSNames
import Logging
import Named
import Reconcile
import ReconcileModel
import SystemPackage
import Testing

@testable import zonebridge

@Suite(.timeLimit(.minutes(2))) struct LastingProblemsTests {
  private let held = Problem(
    severity: .held, subject: .alias(ofBlock: "a.contoso.com"), reason: "hides names",
    remedy: "decide")
  private let failed = Problem(
    severity: .failed, subject: .cluster("prod"), reason: "no answer", remedy: "")
  private let desired: DesiredState

  init() throws {
    let bind = BINDSettings(
      namedConf: "/etc/bind/named.conf", zonesIn: "/etc/bind/named.conf",
      query: try Endpoint("127.0.0.1"), reload: .none)
    desired = DesiredState(bind: bind, clusters: [], aliases: [])
  }

  @Test func whatLastsIsToldOnceAndWhenItEnds() {
    var problems = LastingProblems()
    let start = ContinuousClock.now
    #expect(
      told(&problems, [held], at: start) == ["alias a.contoso.com: held: hides names. decide"])
    #expect(told(&problems, [held], at: start + .seconds(30)) == [])
    #expect(
      told(&problems, [held, failed], at: start + .seconds(60)) == [
        "cluster prod: failed: no answer"
      ])
    #expect(
      told(&problems, [failed], at: start + .seconds(180)) == [
        "alias a.contoso.com: in order again, after 3 min"
      ])
    #expect(
      told(&problems, [], at: start + .seconds(90)) == ["cluster prod: in order again, after 30 s"])
    #expect(told(&problems, [], at: start + .seconds(99)) == [])
    // It is news when it comes again.
    #expect(told(&problems, [failed], at: start + .seconds(120)).count == 1)
  }

  /// Another reason is news, and no end of the state.
  @Test func aNewReasonIsTold() {
    var problems = LastingProblems()
    let start = ContinuousClock.now
    _ = told(&problems, [failed], at: start)
    var other = failed
    other.reason = "no way there"
    #expect(
      told(&problems, [other], at: start + .seconds(40)) == ["cluster prod: failed: no way there"])
    #expect(
      told(&problems, [], at: start + .seconds(70)) == ["cluster prod: in order again, after 70 s"])
  }

  @Test("one of two problems of a subject ends → it is in order only when the other has ended too")
  func twoOfOneSubject() {
    var problems = LastingProblems()
    let start = ContinuousClock.now
    var other = failed
    other.reason = "another ID"
    #expect(told(&problems, [failed, other], at: start).count == 2)
    #expect(told(&problems, [other], at: start + .seconds(30)) == [])
    #expect(told(&problems, [failed, other], at: start + .seconds(60)).count == 1)
    #expect(
      told(&problems, [], at: start + .seconds(90)) == ["cluster prod: in order again, after 90 s"])
    #expect(problems.isEmpty)
  }

  @Test("what was held fails, and the other way round → news, and the time counts from the begin")
  func anotherSeverity() {
    var problems = LastingProblems()
    let start = ContinuousClock.now
    var worse = held
    worse.severity = .failed
    #expect(problems.isEmpty)
    let first = problems.events([held], of: desired, at: start)
    #expect(first.map(\.kind) == [.held] && first.map(\.level) == [.warning])
    let second = problems.events([worse], of: desired, at: start + .seconds(60))
    #expect(second.map(\.kind) == [.failed] && second.map(\.level) == [.error])
    #expect(problems.events([held], of: desired, at: start + .seconds(90)).map(\.kind) == [.held])
    #expect(!problems.isEmpty)
    let last = problems.events([], of: desired, at: start + .seconds(240))
    #expect(last.map(\.kind) == [.resolved] && last.map(\.level) == [.notice])
    #expect(last.map(\.message) == ["alias a.contoso.com: in order again, after 4 min"])
  }

  private func told(
    _ problems: inout LastingProblems, _ now: [Problem], at instant: ContinuousClock.Instant
  ) -> [String] {
    problems.events(now, of: desired, at: instant).map(\.message)
  }
}
