import Reconcile
import ReconcileModel
import SystemPackage
import TestSupport
import Testing

@testable import zonebridge

/// What is to be seen of an agent that runs.
@Suite(.timeLimit(.minutes(2))) struct AgentStateTests {
  private let clock = ManualClock()

  private func board(watchdog: Duration?) throws -> AgentState {
    AgentState(
      try Configuration.parse("interval: 20s\nclusters: []\n", file: "/etc/z.yaml"),
      watchdogInterval: watchdog, clock: clock)
  }

  private func isHung(_ board: AgentState) -> Bool? { board.status.agent?.isHung }

  @Test(
    "no sign for WatchdogSec, or 5 min without one → not hung up to it, and hung beyond",
    arguments: [(Duration.seconds(10), Duration.seconds(10)), (nil, .seconds(300))]
      as [(Duration?, Duration)])
  func hung(watchdog: Duration?, patience: Duration) throws {
    let board = try board(watchdog: watchdog)
    #expect(isHung(board) == false)
    clock.advance(by: patience)
    #expect(isHung(board) == false)
    #expect(board.status.state() == .unknown)
    clock.advance(by: .milliseconds(1))
    #expect(isHung(board) == true)
    #expect(board.status.state() == .hung)
    board.sign()
    #expect(isHung(board) == false)
    clock.advance(by: patience)
    #expect(isHung(board) == false)
    clock.advance(by: .milliseconds(1))
    #expect(isHung(board) == true)
  }

  @Test("the begin and the end of a pass, and the waiting, are no signs of life by themselves")
  func noSigns() throws {
    let board = try board(watchdog: .seconds(10))
    clock.advance(by: .seconds(11))
    board.beginPass()
    board.endPass(nil)
    board.waits(for: .seconds(20))
    board.refused("z.yaml:1: why")
    #expect(isHung(board) == true)
  }

  @Test("a pass → under way from its begin to its end, the next one due after the pause")
  func passes() throws {
    let board = try board(watchdog: nil)
    let started = try #require(board.status.agent?.started)
    #expect(board.status.agent?.passBegan == nil && board.status.agent?.nextPass == nil)
    #expect(board.status.record == nil)
    board.beginPass()
    let began = try #require(board.status.agent?.passBegan)
    #expect((started...started + 60).contains(began))
    let record = AgentRecord(pass: PassRecord(result: .inSync, time: 7, duration: 1))
    board.endPass(record)
    #expect(board.status.agent?.passBegan == nil && board.status.agent?.nextPass == nil)
    #expect(board.status.record == record)
    board.waits(for: .seconds(20))
    let next = try #require(board.status.agent?.nextPass)
    #expect((started + 20...started + 80).contains(next))
    board.beginPass()
    #expect(board.status.agent?.nextPass == nil)
    #expect(board.status.record == record)
  }

  @Test("a refused configuration → told until another one is taken on, whose interval then holds")
  func configurations() throws {
    let board = try board(watchdog: nil)
    #expect(board.status.agent?.configuration.path == "/etc/z.yaml")
    #expect(board.status.agent?.interval == 20)
    board.refused("z.yaml:1: why")
    #expect(board.status.agent?.configuration.refusal == "z.yaml:1: why")
    #expect(board.status.agent?.interval == 20)
    board.loaded(try Configuration.parse("interval: 5m\nclusters: []\n", file: "/etc/y.yaml"))
    #expect(board.status.agent?.configuration.refusal == nil)
    #expect(board.status.agent?.configuration.path == "/etc/y.yaml")
    #expect(board.status.agent?.interval == 300)
  }
}
