import DNSNames
import FileChange
import SystemPackage
import TestSupport
import Testing

@testable import Reconcile
@testable import ReconcileModel

@Suite(.timeLimit(.minutes(5))) struct AgentRecordTests {
  private static let problem = Problem(
    severity: .held, subject: "alias a.contoso.com", reason: "hides names", remedy: "decide")

  private static func pass(_ result: PassRecord.Result, at time: Int64) -> PassRecord {
    var pass = PassRecord(result: result, time: time, duration: 0.25)
    pass.aliases = [AliasRecord(name: "a.contoso.com", cluster: "prod", state: .served)]
    pass.clusters = [ClusterRecord(name: "prod", state: .agreed, agreedAt: time)]
    pass.files = [FileRecord(path: "/etc/bind/named.conf", blocks: ["prod"])]
    if result == .held { pass.problems = [ProblemRecord(problem)] }
    return pass
  }

  @Test func passesAreCounted() {
    var record = AgentRecord(pass: Self.pass(.inSync, at: 100))
    record.note(Self.pass(.inSync, at: 100), [])
    record.note(Self.pass(.held, at: 130), [])
    record.note(Self.pass(.held, at: 160), [])
    #expect(record.counters.passes == ["in-sync": 1, "held": 2])
    #expect(record.counters.seconds == 0.75)
    #expect(record.lastInSync == 100)
    #expect(record.pass.time == 160)
    #expect(record.lastChange == nil)
  }

  /// What is not seen by a pass that fails early is what the pass before saw.
  @Test func aFailureKeepsThePicture() {
    var record = AgentRecord(pass: Self.pass(.inSync, at: 100))
    record.note(Self.pass(.inSync, at: 100), [])
    let problem = Problem(severity: .failed, subject: "pass", reason: "no way", remedy: "")
    record.note(PassRecord(failure: problem, time: 130, duration: .seconds(1)), [])
    #expect(record.pass.result == .failed)
    #expect(record.pass.failure == "no way")
    #expect(record.pass.aliases.map(\.name) == ["a.contoso.com"])
    #expect(record.pass.files.count == 1)
    #expect(record.lastInSync == 100)
  }

  @Test(
    "a master shows no certificate this time → the end of its last one stays; another master has none"
  )
  func certificates() {
    func pass(_ ends: [Int64?]) -> PassRecord {
      var pass = Self.pass(.inSync, at: 100)
      pass.clusters[0].reports = ends.enumerated().map {
        MasterRecord(master: "https://10.0.0.\($0)", certificateEnd: $1)
      }
      return pass
    }
    var record = AgentRecord(pass: pass([7, 8]))
    record.note(pass([nil, 9, nil]), [])
    #expect(record.pass.clusters[0].reports.map(\.certificateEnd) == [7, 9, nil])
    let problem = Problem(severity: .failed, subject: "pass", reason: "no way", remedy: "")
    record.note(PassRecord(failure: problem, time: 130, duration: .seconds(1)), [])
    #expect(record.pass.clusters[0].reports.map(\.certificateEnd) == [7, 9, nil])
  }

  @Test(
    "a chain breaks, is not seen, is broken still, holds, and breaks again → broken since it was first seen so"
  )
  func brokenSince() throws {
    func pass(_ state: ChainRecord.State, at time: Int64) throws -> PassRecord {
      var pass = Self.pass(.failed, at: time)
      var chain = ChainRecord(
        Chain(
          ChainQuestion(
            owner: try DomainName("a.contoso.com"), zone: .root, target: .root, cluster: "prod",
            forwarders: []),
          dname: .holds, forwardZone: .holds, address: .holds,
          lastHeld: state == .holds ? time : nil))
      chain.state = state
      pass.chains = [chain]
      return pass
    }
    // Already in the first pass of all.
    var record = AgentRecord(pass: try pass(.broken, at: 10))
    record.note(try pass(.broken, at: 10), [])
    func since() -> Int64? { record.pass.chains?[0].brokenSince }
    #expect(since() == 10)
    record.note(try pass(.holds, at: 100), [])
    #expect(since() == nil)
    record.note(try pass(.broken, at: 130), [])
    #expect(since() == 130 && record.pass.chains?[0].lastHeld == 100)
    record.note(try pass(.unknown, at: 160), [])
    let problem = Problem(severity: .failed, subject: "pass", reason: "no way", remedy: "")
    record.note(PassRecord(failure: problem, time: 190, duration: .seconds(1)), [])
    record.note(try pass(.broken, at: 220), [])
    #expect(since() == 130)
    record.note(try pass(.holds, at: 250), [])
    record.note(try pass(.broken, at: 280), [])
    #expect(since() == 280)
  }

  @Test func timesAloneAreNoNews() {
    let first = AgentRecord(pass: Self.pass(.inSync, at: 100))
    var second = AgentRecord(pass: Self.pass(.inSync, at: 130))
    second.counters.passes = ["in-sync": 2]
    #expect(second.isSame(as: first))
    #expect(!AgentRecord(pass: Self.pass(.held, at: 100)).isSame(as: first))
    second.pass.aliases[0].state = .notServed
    #expect(!second.isSame(as: first))
  }

  @Test func itIsReadAsItWasWritten() throws {
    let folder = try TemporaryFolder()
    #expect(AgentRecord.read(in: StateDirectory(folder.path)) == nil)
    var record = AgentRecord(pass: Self.pass(.held, at: 100))
    record.note(Self.pass(.held, at: 100), [])
    try record.write(in: StateDirectory(folder.path))
    #expect(AgentRecord.read(in: StateDirectory(folder.path)) == record)
    // Another version's, or half a file: nothing is known, and nothing breaks.
    try folder.write("status.json", "{\"pass\": 1}")
    #expect(AgentRecord.read(in: StateDirectory(folder.path)) == nil)
  }
}
