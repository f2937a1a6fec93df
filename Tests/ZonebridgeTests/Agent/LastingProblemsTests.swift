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
        "alias a.contoso.com: resolved after 3 min"
      ])
    #expect(
      told(&problems, [], at: start + .seconds(90)) == ["cluster prod: resolved after 30 s"])
    #expect(told(&problems, [], at: start + .seconds(99)) == [])
    // It is news when it comes again.
    #expect(told(&problems, [failed], at: start + .seconds(120)).count == 1)
  }

  @Test("the same state in other words in each pass → told once, and its end after the whole time")
  func otherWords() {
    var problems = LastingProblems()
    let start = ContinuousClock.now
    #expect(told(&problems, [failed], at: start) == ["cluster prod: failed: no answer"])
    for pass in 1...20 {
      var other = failed
      other.reason = "no majority, m\(pass % 3) timed out after \(9_999 + pass) ms"
      other.remedy = "look at m\(pass % 3)"
      #expect(told(&problems, [other], at: start + .seconds(pass * 30)) == [])
    }
    #expect(
      told(&problems, [], at: start + .seconds(630)) == [
        "cluster prod: resolved after 10 min"
      ])
  }

  @Test("another kind of problem of the same subject → news, and no end of the state")
  func otherKind() {
    var problems = LastingProblems()
    let start = ContinuousClock.now
    _ = told(&problems, [failed], at: start)
    var other = failed
    other.kind = "other-id"
    other.reason = "another ID"
    #expect(
      told(&problems, [other], at: start + .seconds(40)) == ["cluster prod: failed: another ID"])
    #expect(told(&problems, [other, failed], at: start + .seconds(50)).count == 1)
    #expect(
      told(&problems, [], at: start + .seconds(70)) == ["cluster prod: resolved after 70 s"])
  }

  @Test("two problems of one kind in the same pass → both told, then neither")
  func twoOfOneKind() {
    var problems = LastingProblems()
    let start = ContinuousClock.now
    var other = failed
    other.reason = "no answer there either"
    #expect(told(&problems, [failed, other], at: start).count == 2)
    #expect(told(&problems, [other, failed], at: start + .seconds(30)) == [])
  }

  @Test("a problem without a kind → of its severity's; errors → of their type's, whatever they say")
  func kinds() {
    #expect(held.kind == Problem.Kind(.held) && failed.kind == Problem.Kind(.failed))
    #expect(held.kind != failed.kind)
    let one = Problem.Kind(of: PassError("m1 timed out after 9 s"))
    #expect(one == Problem.Kind(of: PassError("m2 timed out after 8 s")))
    #expect(one != Problem.Kind(of: CancellationError()))
  }

  @Test("one of two problems of a subject ends → it is in order only when the other has ended too")
  func twoOfOneSubject() {
    var problems = LastingProblems()
    let start = ContinuousClock.now
    var other = failed
    other.kind = "other-id"
    #expect(told(&problems, [failed, other], at: start).count == 2)
    #expect(told(&problems, [other], at: start + .seconds(30)) == [])
    #expect(told(&problems, [failed, other], at: start + .seconds(60)).count == 1)
    #expect(
      told(&problems, [], at: start + .seconds(90)) == ["cluster prod: resolved after 90 s"])
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
    #expect(last.map(\.message) == ["alias a.contoso.com: resolved after 4 min"])
  }

  private func told(
    _ problems: inout LastingProblems, _ now: [Problem], at instant: ContinuousClock.Instant
  ) -> [String] {
    problems.events(now, of: desired, at: instant).map(\.message)
  }
}
