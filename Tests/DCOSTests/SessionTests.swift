import Foundation
import Synchronization
import Testing

@testable import DCOS

/// A clock that goes when a test lets it, and a cluster's login without the cluster.
private final class Desk: Sendable {
  private struct State {
    var now = 1_000_000.0
    /// By how much the clock goes on each time that it is looked at.
    var tick = 0.0
    var life: Double? = 100
    var failure: ObservationError.Reason?
    var logins: [(master: String, body: String)] = []
  }

  private let state = Mutex(State())

  var now: Double {
    get { state.withLock { $0.now } }
    set { state.withLock { $0.now = newValue } }
  }

  var tick: Double {
    get { state.withLock { $0.tick } }
    set { state.withLock { $0.tick = newValue } }
  }

  var life: Double? {
    get { state.withLock { $0.life } }
    set { state.withLock { $0.life = newValue } }
  }

  var failure: ObservationError.Reason? {
    get { state.withLock { $0.failure } }
    set { state.withLock { $0.failure = newValue } }
  }

  var logins: [(master: String, body: String)] { state.withLock { $0.logins } }

  func session(
    _ credentials: Credentials = .password(uid: "alice", .fixed("pw\n")), jitter: Double = 0.5
  ) throws -> Session {
    let session = Session(
      credentials, rhythm: .init(now: { self.look() }, jitter: { jitter }),
      send: { (body, master) async throws(ObservationError.Reason) in
        // Others come in meanwhile.
        await Task.yield()
        return try self.answer(body, master)
      })
    return try #require(session)
  }

  private func look() -> Double {
    state.withLock { state in
      state.now += state.tick
      return state.now
    }
  }

  private func answer(
    _ body: Secret, _ master: MasterEndpoint
  ) throws(ObservationError.Reason) -> [UInt8] {
    let (failure, number, exp) = state.withLock { state in
      state.logins.append((master.host, body.exposed))
      return (state.failure, state.logins.count, state.life.map { state.now + $0 })
    }
    if let failure { throw failure }
    let payload = exp.map { #"{"exp":\#($0)}"# } ?? "{}"
    let token = "h.\(Base64URL.text(of: Data(payload.utf8))).s\(number)"
    return Array(#"{"token":"\#(token)"}"#.utf8)
  }
}

@Suite("The life of a token", .timeLimit(.minutes(1)))
struct SessionTests {
  private let desk = Desk()
  private let a: MasterEndpoint
  private let b: MasterEndpoint

  init() throws {
    a = try MasterEndpoint("https://10.0.0.1")
    b = try MasterEndpoint("https://10.0.0.2")
  }

  @Test func oneLoginServesAllWhoWait() async throws {
    let session = try desk.session()
    let tokens = try await withThrowingTaskGroup(of: Token.self) { group in
      for index in 0..<50 {
        let master = index.isMultiple(of: 2) ? a : b
        group.addTask { try await session.token(at: master) }
      }
      return try await group.reduce(into: Set<Token>()) { $0.insert($1) }
    }
    #expect(tokens.count == 1)
    #expect(desk.logins.count == 1)
    #expect(desk.logins.first?.body == #"{"password":"pw","uid":"alice"}"#)
  }

  @Test func itIsRenewedAfterFourFifthsOfItsLife() async throws {
    let session = try desk.session()
    let first = try await session.token(at: a)
    desk.now += 79
    #expect(try await session.token(at: a) == first)
    desk.now += 2
    let second = try await session.token(at: a)
    #expect(second != first)
    #expect(desk.logins.count == 2)
  }

  @Test(
    "a master's tokens are over before they can be used → one login a question, not one after another"
  )
  func shortLives() async throws {
    desk.life = 3
    desk.tick = 2
    let session = try desk.session()
    for question in 1...3 {
      _ = try await session.token(at: a)
      #expect(desk.logins.count == question)
    }
  }

  @Test("a login that fails → told after one attempt, whatever the clock does meanwhile")
  func failsOnce() async throws {
    desk.tick = 10
    desk.failure = .unreachable(.refused)
    let session = try desk.session()
    await #expect(throws: LoginError.failed(.unreachable(.refused))) {
      try await session.token(at: a)
    }
    #expect(desk.logins.count == 1)
  }

  @Test func theOldOneServesWhileTheRenewalFails() async throws {
    let session = try desk.session()
    let first = try await session.token(at: a)
    desk.now += 85
    desk.failure = .unreachable(.refused)
    #expect(try await session.token(at: a) == first)
    #expect(try await session.token(at: a) == first)
    #expect(desk.logins.count == 2, "one attempt, and a pause")
    desk.now += 20
    await #expect(throws: LoginError.failed(.unreachable(.refused))) {
      try await session.token(at: a)
    }
    desk.now += 6
    desk.failure = nil
    #expect(try await session.token(at: a) != first)
  }

  @Test(arguments: [nil, -10] as [Double?])
  func oneWhoseEndIsUnknownOrPastIsKeptUntilItIsRefused(life: Double?) async throws {
    desk.life = life
    let session = try desk.session()
    let first = try await session.token(at: a)
    desk.now += 1_000_000
    #expect(try await session.token(at: a) == first)
    #expect(try await session.token(at: a, insteadOf: first) != first)
    #expect(desk.logins.count == 2)
  }

  @Test func aRefusedTokenIsReplacedOnceAndThenWithGrowingDelays() async throws {
    desk.life = 10_000
    let session = try desk.session()
    var token = try await session.token(at: a)
    token = try await session.token(at: a, insteadOf: token)
    #expect(desk.logins.count == 2)
    for delay in [5.0, 10, 20, 40, 80] {
      desk.now += delay - 1
      await #expect(throws: LoginError.tokenRefused(uid: "alice")) {
        try await session.token(at: a, insteadOf: token)
      }
      // Another master may still take it.
      #expect(try await session.token(at: b) == token)
      desk.now += 1
      token = try await session.token(at: a, insteadOf: token)
    }
    #expect(desk.logins.count == 7)
    // What was refused by one master and renewed for it is at hand for the next at once.
    let other = try await session.token(at: b, insteadOf: Token("t", obtained: 0))
    #expect(other == token)
    // A token that lasted for long is replaced at once again.
    desk.now += 4000
    token = try await session.token(at: a, insteadOf: token)
    #expect(desk.logins.count == 8)
  }

  @Test(arguments: [0, 1]) func aRefusedLoginIsTriedAgainWithGrowingDelays(
    jitter: Double
  ) async throws {
    desk.failure = .loginRequired(scheme: "acsjwt")
    let session = try desk.session(jitter: jitter)
    var delay = 5.0
    for attempt in 1...12 {
      for master in [a, b] {
        await #expect(throws: LoginError.refused(uid: "alice")) {
          try await session.token(at: master)
        }
      }
      #expect(desk.logins.count == attempt)
      let spread = delay * (0.75 + 0.5 * jitter)
      desk.now += spread - 0.5
      await #expect(throws: LoginError.self) { try await session.token(at: a) }
      #expect(desk.logins.count == attempt)
      desk.now += 0.5
      delay = min(delay * 2, 900)
    }
    desk.failure = nil
    _ = try await session.token(at: a)
  }

  @Test func anotherSecretIsTriedAtOnce() async throws {
    let secret = ChangingSecret("wrong")
    let session = try desk.session(.password(uid: "alice", secret.source))
    desk.failure = .loginRequired(scheme: nil)
    await #expect(throws: LoginError.self) { try await session.token(at: a) }
    desk.failure = nil
    await #expect(throws: LoginError.self) { try await session.token(at: a) }
    secret.change(to: "right")
    _ = try await session.token(at: a)
    #expect(desk.logins.map(\.body).last == #"{"password":"right","uid":"alice"}"#)
  }

  @Test func aMasterThatIsDownDoesNotKeepOthersFromTheLogin() async throws {
    let session = try desk.session()
    desk.failure = .unreachable(.timedOut)
    for _ in 1...2 {
      await #expect(throws: LoginError.failed(.unreachable(.timedOut))) {
        try await session.token(at: a)
      }
    }
    #expect(desk.logins.map(\.master) == ["10.0.0.1"])
    desk.failure = nil
    let token = try await session.token(at: b)
    #expect(try await session.token(at: a) == token)
    #expect(desk.logins.map(\.master) == ["10.0.0.1", "10.0.0.2"])
  }

  @Test func aClockThatIsPutBackDoesNotMakeThePauseLonger() async throws {
    let session = try desk.session()
    desk.failure = .loginRequired(scheme: nil)
    await #expect(throws: LoginError.self) { try await session.token(at: a) }
    desk.failure = nil
    desk.now -= 100_000
    _ = try await session.token(at: a)
  }

  @Test func aClusterWithoutALoginIsToldAsSuch() async throws {
    let session = try desk.session()
    desk.failure = .noSuchPath
    await #expect(throws: LoginError.noLogin) { try await session.token(at: a) }
  }

  @Test func aTokenFileIsReadAgain() async throws {
    let file = ChangingSecret("  first\n")
    let session = try desk.session(.token(file.source))
    let first = try await session.token(at: a)
    #expect(first.secret.exposed == "first")
    await #expect(
      throws: LoginError.fileTokenRefused(file: "/etc/zonebridge/secret", ended: nil)
    ) {
      try await session.token(at: a, insteadOf: first)
    }
    file.change(to: "second")
    #expect(try await session.token(at: a, insteadOf: first).secret.exposed == "second")
    #expect(try await session.token(at: a).secret.exposed == "second")
    #expect(desk.logins.isEmpty)
  }

  @Test func aTokenFileThatHasEndedSaysWhen() async throws {
    let payload = Base64URL.text(of: Data(#"{"uid":"x","exp":86400}"#.utf8))
    let session = try desk.session(.token(.fixed("h.\(payload).s")))
    let token = try await session.token(at: a)
    await #expect(
      throws: LoginError.fileTokenRefused(
        file: "/etc/zonebridge/secret", ended: "1970-01-02T00:00:00Z")
    ) {
      try await session.token(at: a, insteadOf: token)
    }
  }

  @Test(arguments: [
    ("", SecretError.Problem.empty), (" \n", .empty), ("a b", .noToken), ("a\nb", .noToken),
    ("token=abc", .noToken), ("==", .noToken), ("ä", .noToken),
    ("a\r\nHost: evil", .noToken),
  ])
  func whatIsNoTokenIsRefused(text: String, problem: SecretError.Problem) async throws {
    let session = try desk.session(.token(.fixed(text)))
    await #expect(
      throws: LoginError.secret(SecretError(name: "/etc/zonebridge/secret", problem: problem))
    ) {
      try await session.token(at: a)
    }
  }

  @Test(arguments: [
    ("\n", SecretError.Problem.empty), ("a\nb", .severalLines), ("a\n\n", .severalLines),
  ])
  func whatIsNoPasswordIsRefused(text: String, problem: SecretError.Problem) async throws {
    let session = try desk.session(.password(uid: "alice", .fixed(text)))
    await #expect(
      throws: LoginError.secret(SecretError(name: "/etc/zonebridge/secret", problem: problem))
    ) {
      try await session.token(at: a)
    }
    #expect(desk.logins.isEmpty)
  }
}
