import Named
import Reconcile
import ReconcileModel
import SystemPackage
import Testing

@testable import zonebridge

@Suite struct LastingProblemsTests {
  private let held = Problem(
    severity: .held, subject: "alias a.contoso.com", reason: "hides names", remedy: "decide")
  private let failed = Problem(
    severity: .failed, subject: "cluster prod", reason: "no answer", remedy: "")
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

  private func told(
    _ problems: inout LastingProblems, _ now: [Problem], at instant: ContinuousClock.Instant
  ) -> [String] {
    problems.events(now, of: desired, at: instant).map(\.message)
  }
}
