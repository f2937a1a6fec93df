import Foundation
import Testing

@testable import DCOS

/// When a login may be tried, told the time by the test: no clock, no cluster.
@Suite("When a cluster is logged in to", .timeLimit(.minutes(1)))
struct TokenStateTests {
  private static let start = 1_000_000.0

  private let a: MasterEndpoint
  private let b: MasterEndpoint
  private let secret = Secret("pw")
  private let refused = LoginError.refused(uid: "alice")
  private let down = LoginError.failed(.unreachable(.refused))

  init() throws {
    a = try MasterEndpoint("https://10.0.0.1")
    b = try MasterEndpoint("https://10.0.0.2")
  }

  private func token(_ text: String = "t", at obtained: Double = start) throws -> Token {
    try #require(Token(text, obtained: obtained))
  }

  /// One that tells its end.
  private func token(from obtained: Double, until end: Double) throws -> Token {
    let payload = Base64URL.text(of: Data(#"{"exp":\#(end)}"#.utf8))
    return try token("h.\(payload).s", at: obtained)
  }

  /// For how long after a refusal the state allows no login.
  private func pause(of state: TokenState, _ refused: Token, from now: Double) -> Double {
    var seconds = 0.0
    while seconds < 2000,
      state.step(insteadOf: refused, for: a, with: secret, at: now + seconds) != .logIn
    {
      seconds += 1
    }
    return seconds
  }

  @Test("nothing is known yet → a login") func first() {
    #expect(TokenState().step(for: a, with: secret, at: Self.start) == .logIn)
  }

  @Test("a token one instant before four fifths of its life → used; at four fifths → renewed")
  func renewal() throws {
    var state = TokenState()
    let token = try token(from: Self.start, until: Self.start + 1000)
    state.received(token, uid: "alice", afterRefusal: false, jitter: 0.5)
    #expect(state.step(for: a, with: secret, at: Self.start + 799) == .use(token))
    #expect(state.step(for: a, with: secret, at: Self.start + 800) == .logIn)
  }

  @Test("the renewal fails → the old token serves to its end, and not a second longer")
  func oldToken() throws {
    var state = TokenState()
    let token = try token(from: Self.start, until: Self.start + 1000)
    state.received(token, uid: "alice", afterRefusal: false, jitter: 0.5)
    state.failed(refused, at: a, with: secret, now: Self.start + 998, jitter: 0.5)
    for master in [a, b] {
      #expect(state.step(for: master, with: secret, at: Self.start + 999) == .use(token))
      #expect(state.step(for: master, with: secret, at: Self.start + 1000) == .give(refused))
    }
  }

  @Test("tokens refused one after the other → delays that double from 5 s and end at 15 min")
  func growth() throws {
    var state = TokenState()
    var now = Self.start
    var delays: [Double] = []
    for number in 0..<11 {
      let token = try token("t\(number)", at: now)
      state.received(token, uid: "alice", afterRefusal: true, jitter: 0.5)
      delays.append(pause(of: state, token, from: now))
      now += delays[number]
    }
    #expect(delays == [5, 10, 20, 40, 80, 160, 320, 640, 900, 900, 900])
  }

  @Test(
    "a token refused after it had lasted for more than half an hour → the delays start again",
    arguments: [(1800.0, 20.0), (1801, 5)])
  func lasting(life: Double, delay: Double) throws {
    var state = TokenState()
    for number in 0..<2 {
      state.received(
        try token("t\(number)"), uid: "alice", afterRefusal: true, jitter: 0.5)
    }
    let now = Self.start + life
    let last = try token("last", at: now)
    state.received(last, uid: "alice", afterRefusal: true, jitter: 0.5)
    #expect(pause(of: state, last, from: now) == delay)
  }

  @Test("a login that nobody's refusal asked for → no pause, and the delays start again")
  func reset() throws {
    var state = TokenState()
    for number in 0..<4 {
      state.received(
        try token("t\(number)"), uid: "alice", afterRefusal: true, jitter: 0.5)
    }
    let renewed = try token("renewed", at: Self.start + 100)
    state.received(renewed, uid: "alice", afterRefusal: false, jitter: 0.5)
    #expect(pause(of: state, renewed, from: Self.start + 100) == 0, "one login is free")
    let next = try token("next", at: Self.start + 101)
    state.received(next, uid: "alice", afterRefusal: true, jitter: 0.5)
    #expect(pause(of: state, next, from: Self.start + 101) == 5)
  }

  @Test("a login refused again and again → every master is spared it, for longer and longer")
  func refusedLogins() {
    var state = TokenState()
    var now = Self.start
    for delay in [5.0, 10, 20, 40, 80, 160, 320, 640, 900, 900] {
      state.failed(refused, at: a, with: secret, now: now, jitter: 0.5)
      for master in [a, b] {
        #expect(state.step(for: master, with: secret, at: now) == .give(refused))
        #expect(state.step(for: master, with: secret, at: now + delay - 1) == .give(refused))
        #expect(state.step(for: master, with: secret, at: now + delay) == .logIn)
      }
      now += delay
    }
  }

  @Test("a cluster without a login → every master is spared it, as after a refusal")
  func noLogin() {
    var state = TokenState()
    state.failed(.noLogin, at: a, with: secret, now: Self.start, jitter: 0.5)
    #expect(state.step(for: b, with: secret, at: Self.start + 4) == .give(.noLogin))
    #expect(state.step(for: b, with: secret, at: Self.start + 5) == .logIn)
  }

  @Test("a master that is down → spared for 5 s alone; the others may be logged in to at once")
  func masterDown() {
    var state = TokenState()
    for _ in 1...5 { state.failed(down, at: a, with: secret, now: Self.start, jitter: 0.5) }
    #expect(state.step(for: a, with: secret, at: Self.start + 4) == .give(down))
    #expect(state.step(for: a, with: secret, at: Self.start + 5) == .logIn, "it does not grow")
    #expect(state.step(for: b, with: secret, at: Self.start) == .logIn)
  }

  @Test("a login that succeeds elsewhere → the master that was down is not held against it")
  func troublesEnd() throws {
    var state = TokenState()
    state.failed(down, at: a, with: secret, now: Self.start, jitter: 0.5)
    let token = try token()
    state.received(token, uid: "alice", afterRefusal: false, jitter: 0.5)
    #expect(state.step(insteadOf: token, for: a, with: secret, at: Self.start) == .logIn)
  }

  @Test("another secret than the refused one → tried at once, and its delays start again")
  func otherSecret() {
    let other = Secret("right")
    var state = TokenState()
    for _ in 1...6 { state.failed(refused, at: a, with: secret, now: Self.start, jitter: 0.5) }
    #expect(state.step(for: a, with: secret, at: Self.start + 100) == .give(refused))
    #expect(state.step(for: a, with: other, at: Self.start) == .logIn)
    state.failed(refused, at: a, with: other, now: Self.start, jitter: 0.5)
    #expect(state.step(for: a, with: other, at: Self.start + 4) == .give(refused))
    #expect(state.step(for: a, with: other, at: Self.start + 5) == .logIn)
  }

  @Test("a success between two refusals → the delays start again")
  func successBetween() throws {
    var state = TokenState()
    for _ in 1...4 { state.failed(refused, at: a, with: secret, now: Self.start, jitter: 0.5) }
    state.received(
      try token(from: Self.start, until: Self.start + 10), uid: "alice", afterRefusal: false,
      jitter: 0.5)
    let now = Self.start + 10
    #expect(state.step(for: a, with: secret, at: now) == .logIn)
    state.failed(refused, at: a, with: secret, now: now, jitter: 0.5)
    #expect(state.step(for: a, with: secret, at: now + 4) == .give(refused))
    #expect(state.step(for: a, with: secret, at: now + 5) == .logIn)
  }

  @Test("a token refused by one master, another at hand → used, whatever pause there is")
  func atHand() throws {
    var state = TokenState()
    let token = try token("new")
    state.received(token, uid: "alice", afterRefusal: true, jitter: 0.5)
    let old = try self.token("old")
    #expect(state.step(insteadOf: old, for: b, with: secret, at: Self.start) == .use(token))
    #expect(
      state.step(insteadOf: token, for: b, with: secret, at: Self.start)
        == .give(.tokenRefused(uid: "alice")))
  }

  @Test(
    "the clock put back behind a pause → a pause of half an hour at most is waited for",
    arguments: [(1795.0, true), (1796, false)])
  func clockPutBack(by seconds: Double, isWaitedFor: Bool) {
    var state = TokenState()
    state.failed(refused, at: a, with: secret, now: Self.start, jitter: 0.5)
    let step = state.step(for: a, with: secret, at: Self.start - seconds)
    #expect(step == (isWaitedFor ? .give(refused) : .logIn))
  }

  @Test(
    "chance → a delay from three quarters to five quarters", arguments: [(0.0, 3.75), (1, 6.25)])
  func jitter(chance: Double, delay: Double) {
    var state = TokenState()
    state.failed(refused, at: a, with: secret, now: Self.start, jitter: chance)
    #expect(state.step(for: a, with: secret, at: Self.start + delay - 0.01) == .give(refused))
    #expect(state.step(for: a, with: secret, at: Self.start + delay) == .logIn)
  }

  @Test("a token of 16 KiB → taken; one byte more → none") func longToken() {
    #expect(Token(String(repeating: "a", count: 16 << 10), obtained: 0) != nil)
    #expect(Token(String(repeating: "a", count: (16 << 10) + 1), obtained: 0) == nil)
  }
}
