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
@testable import zonebridge

/// What an agent takes down of its passes, and what a pass beside it does.
@Suite(.timeLimit(.minutes(2))) struct RecordKeeperTests {
  private let desired: DesiredState

  init() throws {
    let bind = BINDSettings(
      namedConf: "/etc/bind/named.conf", zonesIn: "/etc/bind/named.conf",
      query: try Endpoint("127.0.0.1"), reload: .none)
    desired = DesiredState(bind: bind, clusters: [], aliases: [])
  }

  /// A keeper, and the time that it goes by.
  private func keeper(in folder: TemporaryFolder, at time: Int64 = 1_000) -> (
    RecordKeeper, @Sendable (Int64) -> Void
  ) {
    let clock = Moment(time)
    return (
      RecordKeeper(in: StateDirectory(folder.path), now: { clock.seconds }), { clock.seconds = $0 }
    )
  }

  private func note(
    _ keeper: RecordKeeper, _ outcome: Outcome? = nil, isWhole: Bool = true, isLast: Bool = false
  ) async throws {
    try await keeper.note(
      PassResult(attempts: [outcome].compactMap(\.self)), of: desired, isWhole: isWhole,
      timer: StepTimer(), isLast: isLast)
  }

  private func change(_ number: Int) -> Outcome {
    var plan = Plan()
    plan.commands = [.reconfig]
    var outcome = Outcome(plan: plan, problems: [], isSeenServed: true, change: number)
    outcome.sentCommands = plan.commands
    return outcome
  }

  private func written(_ folder: TemporaryFolder) -> AgentRecord? {
    AgentRecord.read(in: StateDirectory(folder.path))
  }

  // MARK: How often it is written

  @Test("passes that see nothing new → one write in 300 s, and none before")
  func seldom() async throws {
    try await withTemporaryFolder { folder in
      let (keeper, set) = keeper(in: folder)
      try await note(keeper)
      let first = try folder.path.appending("status.json").stat()
      for time in [1_030, 1_060, 1_299] as [Int64] {
        set(time)
        try await note(keeper)
        let now = try folder.path.appending("status.json").stat()
        #expect(now.inode == first.inode && now.st_mtim.tv_nsec == first.st_mtim.tv_nsec)
      }
      #expect(await keeper.record?.counters.passes == ["in-sync": 4])
      #expect(written(folder)?.counters.passes == ["in-sync": 1])
      set(1_300)
      try await note(keeper)
      #expect(written(folder)?.counters.passes == ["in-sync": 5])
      #expect(written(folder)?.pass.time == 1_300)
    }
  }

  @Test("a failure, its end, or a change → written at once")
  func news() async throws {
    try await withTemporaryFolder { folder in
      let (keeper, set) = keeper(in: folder)
      try await note(keeper)
      set(1_030)
      try await keeper.note(failure: PassError("no named.conf"), timer: StepTimer(), isLast: false)
      #expect(written(folder)?.pass.failure == "no named.conf")
      #expect(written(folder)?.lastInSync == 1_000)
      set(1_060)
      try await note(keeper)
      #expect(written(folder)?.pass.failure == nil)
      #expect(written(folder)?.lastInSync == 1_060)
      set(1_090)
      try await note(keeper, change(1))
      #expect(written(folder)?.lastChange?.number == 1)
      #expect(written(folder)?.counters.changes == 1)
    }
  }

  @Test("the last pass of a process → written, though it saw nothing new")
  func last() async throws {
    try await withTemporaryFolder { folder in
      let (keeper, set) = keeper(in: folder)
      try await note(keeper)
      set(1_001)
      try await note(keeper, isLast: true)
      #expect(written(folder)?.counters.passes == ["in-sync": 2])
      // And at a stop.
      set(1_002)
      try await note(keeper)
      #expect(written(folder)?.counters.passes == ["in-sync": 2])
      try await keeper.write()
      #expect(written(folder)?.counters.passes == ["in-sync": 3])
    }
  }

  @Test("a keeper that has taken nothing down → writes nothing at a stop")
  func nothing() async throws {
    try await withTemporaryFolder { folder in
      try await keeper(in: folder).0.write()
      #expect(try folder.names() == [])
      try await note(keeper(in: folder).0, isLast: true)
      let before = try folder.path.appending("status.json").stat().inode
      try await keeper(in: folder).0.write()
      #expect(try folder.path.appending("status.json").stat().inode == before)
    }
  }

  // MARK: Beside another process

  @Test("--once beside an agent → the agent's next pass counts on from both, and knows the change")
  func onceBesideAgent() async throws {
    try await withTemporaryFolder { folder in
      let (agent, set) = keeper(in: folder)
      try await note(agent)
      set(1_030)
      try await note(agent)
      set(1_060)
      try await note(agent)

      let (once, _) = keeper(in: folder, at: 1_070)
      try await note(once, change(7), isLast: true)
      #expect(written(folder)?.counters.passes == ["in-sync": 1, "applied": 1])

      set(1_090)
      try await note(agent)
      let record = try #require(await agent.record)
      // Two passes of the agent's were not written when the other process read the file.
      #expect(record.counters.passes == ["in-sync": 4, "applied": 1])
      #expect(record.counters.changes == 1 && record.counters.commands == 1)
      #expect(record.lastChange?.number == 7)
      #expect(record.lastInSync == 1_090)
      #expect(record.pass.time == 1_090)
      try await agent.write()
      #expect(written(folder) == record)
    }
  }

  @Test("a failed --once beside an agent in sync → the agent's own last time in sync stands")
  func failedOnceBesideAgent() async throws {
    try await withTemporaryFolder { folder in
      let (agent, set) = keeper(in: folder)
      try await note(agent)
      set(1_060)
      try await note(agent)
      let (once, _) = keeper(in: folder, at: 1_070)
      try await once.note(failure: PassError("no named.conf"), timer: StepTimer(), isLast: true)
      #expect(written(folder)?.lastInSync == 1_000)
      set(1_090)
      try await agent.note(failure: PassError("no named.conf"), timer: StepTimer(), isLast: false)
      #expect(await agent.record?.lastInSync == 1_060)
      #expect(await agent.record?.counters.passes == ["in-sync": 2, "failed": 2])
    }
  }

  @Test("a --once that began before the agent's last pass → what the agent wrote is counted on")
  func lateOnce() async throws {
    try await withTemporaryFolder { folder in
      let (once, _) = keeper(in: folder, at: 1_040)
      let (agent, _) = keeper(in: folder)
      try await note(agent, change(1))
      try await note(once, isLast: true)
      #expect(written(folder)?.counters.passes == ["applied": 1, "in-sync": 1])
      #expect(written(folder)?.lastChange?.number == 1)
    }
  }

  @Test("an agent that stops after another process wrote → what that one wrote stands")
  func stopAfterOther() async throws {
    try await withTemporaryFolder { folder in
      let (agent, set) = keeper(in: folder)
      try await note(agent)
      set(1_030)
      try await note(agent)
      try await note(keeper(in: folder, at: 1_040).0, change(9), isLast: true)
      let before = try folder.read("status.json")
      try await agent.write()
      #expect(try folder.read("status.json") == before)
    }
  }

  @Test("remove or rollback beside an agent → the change is known, the last pass stays what it was")
  func partOfIt() async throws {
    try await withTemporaryFolder { folder in
      let (agent, set) = keeper(in: folder)
      try await note(agent)
      let (remove, _) = keeper(in: folder, at: 1_040)
      try await note(remove, change(2), isWhole: false, isLast: true)
      let record = try #require(written(folder))
      #expect(record.counters.passes == ["in-sync": 1] && record.counters.changes == 1)
      #expect(record.pass.time == 1_000)
      #expect(record.lastChange?.number == 2 && record.lastChange?.time == 1_040)
      set(1_060)
      try await note(agent)
      #expect(await agent.record?.lastChange?.number == 2)
      #expect(await agent.record?.counters.passes == ["in-sync": 2])
    }
  }

  @Test("a change before any pass has ended → no record, for nothing is known of the rest")
  func partWithoutRecord() async throws {
    try await withTemporaryFolder { folder in
      try await note(keeper(in: folder).0, change(2), isWhole: false, isLast: true)
      #expect(try folder.names() == [])
    }
  }

  @Test(
    "a status.json that is damaged, of another version, or taken away → counted on from memory",
    arguments: ["", "{", #"{"pass":{}}"#, nil])
  func damaged(_ text: String?) async throws {
    try await withTemporaryFolder { folder in
      let (agent, set) = keeper(in: folder)
      try await note(agent, change(1))
      if let text {
        try folder.write("status.json", text)
      } else {
        try removeFile(folder.path.appending("status.json"))
      }
      set(1_300)
      try await note(agent)
      #expect(written(folder)?.counters.passes == ["applied": 1, "in-sync": 1])
      #expect(written(folder)?.lastChange?.number == 1)
    }
  }

  @Test("a status.json that cannot be read at the start → a record of its own")
  func damagedAtTheStart() async throws {
    try await withTemporaryFolder { folder in
      try folder.write("status.json", "{\"pass\": 1}")
      let (agent, _) = keeper(in: folder)
      #expect(await agent.record == nil)
      try await note(agent)
      #expect(written(folder)?.counters.passes == ["in-sync": 1])
    }
  }
}

/// A time that a test sets.
private final class Moment: Sendable {
  private let value: Mutex<Int64>

  init(_ seconds: Int64) { value = Mutex(seconds) }

  var seconds: Int64 {
    get { value.withLock(\.self) }
    set { value.withLock { $0 = newValue } }
  }
}
