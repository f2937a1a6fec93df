import DNSNames
import TestSupport
import Testing

@testable import DCOS

/// Whom a round asks, and how long it waits; without a clock, and without anybody to ask.
///
/// `1:a123` is what master 10.1.0.1 answers, as ``Said`` has it.
@Suite("The course of a round", .timeLimit(.minutes(1)))
struct RoundCourseTests {
  /// The course, to be told of events within expectations too.
  private final class Driver {
    private(set) var course: RoundCourse

    init(_ course: RoundCourse) {
      self.course = course
    }

    func begin(room: Int = RoundCourse.mostStrangersAtATime) -> RoundCourse.Move {
      course.begin(room: room)
    }

    func note(
      _ event: RoundCourse.Event, room: Int = RoundCourse.mostStrangersAtATime
    ) -> RoundCourse.Move {
      course.note(event, room: room)
    }

    var hosts: [String] { course.order.map(\.host) }
    var isAgreed: Bool { course.isAgreed }
  }

  private func course(
    _ masters: String, shelved: String = "", configured: String? = nil, isKnown: Bool = false,
    learns: Bool = true
  ) throws -> Driver {
    Driver(
      RoundCourse(
        masters: try masters.map { try Said.endpoint($0) },
        shelved: try shelved.map { try Said.endpoint($0) },
        configured: try (configured ?? masters).map { try Said.endpoint($0) }, isKnown: isKnown,
        learns: learns))
  }

  private func answer(_ said: String) throws -> RoundCourse.Event {
    .answered(try #require(Said.round([said]).reports.first))
  }

  private func hosts(_ move: RoundCourse.Move) -> [String] { move.asks.map(\.host) }

  @Test("all agree → over with the last answer, and no grace is needed for anybody")
  func all() throws {
    let course = try course("123")
    #expect(hosts(course.begin()) == ["10.1.0.1", "10.1.0.2", "10.1.0.3"])
    #expect(course.note(try answer("1:a123")).isOver == false)
    let second = course.note(try answer("2:a123"))
    #expect(second.beginsGrace && !second.isOver && second.asks.isEmpty)
    let third = course.note(try answer("3:a123"))
    #expect(third.isOver && !third.beginsGrace)
  }

  @Test("most agree → the others have the grace, and nobody else is asked meanwhile")
  func grace() throws {
    let course = try course("123", shelved: "", configured: "123")
    _ = course.begin()
    _ = course.note(try answer("1:a123"))
    #expect(course.note(try answer("2:a123")).beginsGrace)
    let impatient = course.note(.impatience)
    #expect(!impatient.isOver && impatient.asks.isEmpty)
    #expect(course.note(.graceIsOver).isOver)
    #expect(course.hosts == ["10.1.0.1", "10.1.0.2", "10.1.0.3"])
    #expect(course.course.answers.count == 2 && course.isAgreed)
  }

  @Test("the time is up → over, even if masters are still awaited") func time() throws {
    let course = try course("123")
    _ = course.begin()
    _ = course.note(try answer("1:a123"))
    #expect(course.note(.timeIsUp).isOver)
    #expect(!course.isAgreed)
  }

  @Test("nobody is configured → over before anything is asked") func nobody() throws {
    let course = try course("")
    let move = course.begin()
    #expect(move.isOver && move.asks.isEmpty)
  }

  // MARK: Those that are shelved

  @Test("the others agree → one that is shelved is not asked") func shelved() throws {
    let course = try course("123", shelved: "2")
    #expect(hosts(course.begin()) == ["10.1.0.1", "10.1.0.3"])
    #expect(!course.note(try answer("1:a123")).isOver)
    let move = course.note(try answer("3:a123"))
    #expect(move.isOver && move.asks.isEmpty)
    #expect(course.hosts == ["10.1.0.1", "10.1.0.2", "10.1.0.3"], "it is told of all")
  }

  @Test("the others have answered and do not agree → one that is shelved is asked, and may decide")
  func needed() throws {
    let course = try course("123", shelved: "2")
    _ = course.begin()
    _ = course.note(try answer("1:a123"))
    let move = course.note(try answer("3:--"))
    #expect(hosts(move) == ["10.1.0.2"] && !move.isOver)
    let last = course.note(try answer("2:a123"))
    #expect(last.isOver && course.isAgreed)
  }

  @Test("another one hangs, and there is no agreement → one that is shelved is asked meanwhile")
  func impatience() throws {
    let course = try course("123", shelved: "2")
    _ = course.begin()
    _ = course.note(try answer("1:a123"))
    #expect(hosts(course.note(.impatience)) == ["10.1.0.2"])
    #expect(course.note(try answer("2:a123")).beginsGrace)
  }

  @Test("all are shelved → all are asked") func allShelved() throws {
    let course = try course("12", shelved: "12")
    #expect(hosts(course.begin()) == ["10.1.0.1", "10.1.0.2"])
  }

  // MARK: Those that are listed

  @Test("those known do not suffice → those that they list are asked, as strangers")
  func listed() throws {
    let course = try course("1")
    _ = course.begin()
    let move = course.note(try answer("1:a123"))
    #expect(hosts(move) == ["10.1.0.2", "10.1.0.3"] && !move.isOver)
    #expect(move.asks.allSatisfy(course.course.strangers.contains))
    #expect(!course.course.strangers.contains(try Said.endpoint("1")))
    #expect(course.note(try answer("2:a123")).beginsGrace)
    #expect(course.note(try answer("3:--")).isOver)
  }

  @Test("what is listed is not to be learned → over") func deaf() throws {
    let course = try course("1", learns: false)
    _ = course.begin()
    let move = course.note(try answer("1:a123"))
    #expect(move.isOver && move.asks.isEmpty)
  }

  @Test(
    "one hangs, another has answered → those that it lists are asked after the grace, not the hang")
  func listedMeanwhile() throws {
    let course = try course("12")
    _ = course.begin()
    #expect(course.note(try answer("1:a123")).asks.isEmpty)
    #expect(hosts(course.note(.impatience)) == ["10.1.0.3"])
    #expect(course.note(try answer("3:a123")).asks.isEmpty)
    #expect(!course.isAgreed, "at first sight most of those configured have to say it")
  }

  private func liar(_ count: Int, net: Int = 9) throws -> MasterReport {
    let master = try Said.endpoint("1")
    let list = try (0..<count).map { try IPAddress("10.\(net).\($0 / 200).\($0 % 200 + 1)") }
    return MasterReport(
      master: master, id: .success(try Said.id("b")),
      members: .success(MemberList(source: .exhibitor, addresses: list)))
  }

  @Test("a list of 64 strangers → as many at a time as there is room for, each once, and no more")
  func bounded() throws {
    let course = try course("1")
    _ = course.begin()
    var move = course.note(.answered(try liar(64)))
    var asked: [MasterEndpoint] = []
    var steps = 0
    while !move.isOver, steps < 200 {
      #expect(move.asks.count <= (asked.isEmpty ? RoundCourse.mostStrangersAtATime : 1))
      asked += move.asks
      let next = try #require(asked.dropFirst(steps).first)
      steps += 1
      move = course.note(.answered(silent(next)), room: 1)
    }
    #expect(asked.count == 64 && Set(asked).count == 64)
    #expect(steps == 64)
  }

  @Test("ever other lists from all that are asked → no more strangers than one list may have")
  func chain() throws {
    let course = try course("1")
    _ = course.begin()
    var move = course.note(.answered(try liar(64)))
    var asked: [MasterEndpoint] = []
    var net = 10
    while !move.isOver, net < 200 {
      asked += move.asks
      let next = asked[net - 10]
      let report = MasterReport(
        master: next, id: .success(try Said.id("b")),
        members: try liar(64, net: net).members)
      net += 1
      move = course.note(.answered(report))
    }
    #expect(asked.count == RoundCourse.mostStrangers)
    #expect(move.isOver)
  }

  @Test("no room, since those of earlier rounds hang → it is waited for, and then used")
  func noRoom() throws {
    let course = try course("1")
    _ = course.begin(room: 0)
    let move = course.note(try answer("1:a123"), room: 0)
    #expect(move.asks.isEmpty && !move.isOver)
    #expect(course.note(.ended, room: 0).asks.isEmpty)
    #expect(hosts(course.note(.ended, room: 1)) == ["10.1.0.2"])
    #expect(hosts(course.note(.ended, room: 1)) == ["10.1.0.3"])
  }

  @Test("a liar lists 64, an honest master one whom it takes → that one is among the first asked")
  func inTurn() throws {
    let course = try course("12", configured: "12")
    _ = course.begin()
    _ = course.note(.answered(try liar(64)))
    let move = course.note(try answer("2:a239"))
    #expect(hosts(move).contains("10.1.0.9") && hosts(move).contains("10.1.0.3"))
  }

  private func silent(_ master: MasterEndpoint) -> MasterReport {
    let error = ObservationError(master: master, resource: .key, reason: .unreachable(.timedOut))
    return MasterReport(master: master, id: .failure(error), members: .failure(error))
  }
}

@Suite("What is known of the masters between rounds", .timeLimit(.minutes(1)))
struct MasterRegisterTests {
  private let master: MasterEndpoint
  private let good: MasterReport
  private let dead: MasterReport
  private let now = ContinuousClock.now

  /// The register, to be called within expectations too.
  private final class Kept {
    private(set) var register = MasterRegister()
    private let master: MasterEndpoint
    private let now: ContinuousClock.Instant

    init(_ master: MasterEndpoint, _ now: ContinuousClock.Instant) {
      self.master = master
      self.now = now
    }

    func begin() -> Int? { register.begin(master) }
    func end(_ question: Int, _ report: MasterReport?) -> Bool {
      register.end(question, of: master, report, at: now)
    }
    func use() -> (report: MasterReport, isRepeated: Bool)? { register.use(master) }
    func forget() { register.forget(allBut: []) }
    var isShelved: Bool { register.isShelved(master, at: now) }
  }

  init() throws {
    good = try #require(Said.round(["1:a123"]).reports.first)
    dead = try #require(Said.round(["1:--"]).reports.first)
    master = good.master
  }

  @Test(
    "an answer → counts as said in the first round that has it, and as repeated in those after it")
  func repeated() throws {
    let register = Kept(master, now)
    #expect(register.use() == nil)
    let question = try #require(register.begin())
    #expect(register.use() == nil)
    #expect(register.end(question, good))
    #expect(try #require(register.use()).isRepeated == false)
    #expect(try #require(register.use()).isRepeated == true)
    let next = try #require(register.begin())
    #expect(try #require(register.use()).isRepeated == true, "a question says nothing yet")
    #expect(register.end(next, good))
    #expect(try #require(register.use()).isRepeated == false)
  }

  @Test("questions that end out of order → what was asked last counts")
  func order() throws {
    let register = Kept(master, now)
    let old = try #require(register.begin())
    let new = try #require(register.begin())
    #expect(register.end(new, good))
    #expect(!register.end(old, dead))
    #expect(try #require(register.use()).report == good)
  }

  @Test("a question of an earlier round fails, and a new one is on its way → it is still awaited")
  func oldFailure() throws {
    let register = Kept(master, now)
    let old = try #require(register.begin())
    let new = try #require(register.begin())
    #expect(!register.end(old, dead))
    #expect(register.end(new, dead), "the newest tells how it is")
  }

  @Test("a question of an earlier round is answered → a round that waits has its answer")
  func oldAnswer() throws {
    let register = Kept(master, now)
    let old = try #require(register.begin())
    _ = register.begin()
    #expect(register.end(old, good))
  }

  @Test("three questions that hang → no fourth, until one has ended") func hanging() throws {
    let register = Kept(master, now)
    let questions = (0..<3).compactMap { _ in register.begin() }
    #expect(questions.count == 3)
    #expect(register.begin() == nil)
    _ = register.end(questions[1], nil)
    #expect(register.begin() != nil)
    #expect(register.begin() == nil)
  }

  @Test("questions that are called off, however many → the master is not shelved")
  func calledOff() throws {
    let register = Kept(master, now)
    for _ in 1...9 {
      let question = try #require(register.begin())
      #expect(!register.end(question, nil))
    }
    #expect(!register.isShelved)
    for _ in 1...3 {
      let question = try #require(register.begin())
      #expect(register.end(question, dead))
    }
    #expect(register.isShelved)
  }

  @Test("ever other masters in each round → no more are kept than the last one had")
  func forgets() throws {
    var register = MasterRegister()
    for number in 0..<10_000 {
      let other = master.at(try IPAddress("10.\(number / 60_000).\(number / 250).\(number % 250)"))
      if let question = register.begin(other) {
        _ = register.end(question, of: other, dead, at: now)
      }
      register.forget(allBut: [master, other])
      #expect(register.count == 1)
    }
  }

  @Test("a question ends whose master was forgotten → nothing is kept of it")
  func late() throws {
    let register = Kept(master, now)
    let question = try #require(register.begin())
    register.forget()
    #expect(!register.end(question, good))
    #expect(register.register.count == 0)
  }
}
