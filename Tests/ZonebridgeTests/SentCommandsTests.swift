import DNSNames
import Testing

@testable import Reconcile
@testable import ReconcileModel
@testable import zonebridge

/// What is told as sent was sent: a plan's command may be withheld, and another one be sent in a second step.
@Suite("What named was sent", .timeLimit(.minutes(1)))
struct SentCommandsTests {
  private func attempt(planned: [NamedCommand], sent: [NamedCommand]) -> Outcome {
    var plan = Plan()
    plan.commands = planned
    var outcome = Outcome(plan: plan, problems: [], isSeenServed: false)
    outcome.sentCommands = sent
    return outcome
  }

  @Test("a command is withheld → it is in no line, in no JSON, in no record and in no counter")
  func withheld() throws {
    let reload = NamedCommand.reload(zone: try DomainName("contoso.com"), view: nil)
    let attempts = [
      attempt(planned: [reload, .reconfig], sent: [reload]),
      attempt(planned: [.reconfig], sent: [.reconfig]),
      attempt(planned: [reload], sent: []),
    ]
    let result = PassResult(attempts: attempts)
    let sent = ["rndc reload contoso.com", "rndc reconfig"]
    #expect(Summary.lines(of: result) == sent.map { "sent \($0)" })
    #expect(Report(result).commands == sent)
    #expect(ChangeRecord(attempts[0], time: 0, duration: 0).commands == [sent[0]])
    let pass = PassRecord(result: .inSync, time: 0, duration: 0)
    var record = AgentRecord(pass: pass)
    record.note(pass, attempts)
    #expect(record.counters.commands == 2)
  }

  @Test("named only catches up with its files → what it serves then is told as seen")
  func caughtUp() throws {
    let zone = try DomainName("contoso.com")
    let reload = NamedCommand.reload(zone: zone, view: nil)
    for (isSeen, expected) in [(true, ["seen served"]), (false, [])] {
      var outcome = attempt(planned: [reload], sent: [reload])
      outcome.plan.alreadyServed = [.serial(zone: zone, view: nil, SerialNumber(8))]
      outcome.isSeenServed = isSeen
      #expect(Summary.lines(of: outcome) == ["sent rndc reload contoso.com"] + expected)
    }
  }
}
