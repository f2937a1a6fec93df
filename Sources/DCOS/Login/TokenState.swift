/// What is known of a cluster's token, and when another login may be tried.
///
/// A plain value without a clock: callers pass the time, in seconds since 1970.
struct TokenState: Sendable {
  /// What to do before a question.
  enum Step: Hashable, Sendable {
    case use(Token)
    case logIn
    case give(LoginError)
  }

  static let shortestDelay = 5.0
  static let longestDelay = 900.0

  private(set) var token: Token?
  /// How many logins in a row did not bring a token that lasted.
  private var streak = 0
  private var pause: Pause?
  /// The secret by which the last login failed.
  private var failedSecret: Secret?
  private var troubles: [MasterEndpoint: Unreached] = [:]
  /// Why the token at hand was not renewed when that was due, where the login was refused: it is good for a while
  /// still, and nobody would notice before its end.
  private(set) var refusedRenewal: LoginError?

  private struct Pause {
    let end: Double
    let trouble: LoginError
  }

  private struct Unreached {
    let end: Double
    let trouble: LoginError
  }

  /// What to do for a question to this master.
  func step(for master: MasterEndpoint, with secret: Secret, at now: Double) -> Step {
    if let token, now < token.renewal ?? .infinity {
      return .use(token)
    }
    guard let trouble = obstacle(at: master, with: secret, at: now) else {
      return .logIn
    }
    // It is renewed ahead of its end, so that it is good for some attempts more.
    if let token, token.isValid(at: now) {
      return .use(token)
    }
    return .give(trouble)
  }

  /// What to do after a master refused a token.
  func step(
    insteadOf refused: Token, for master: MasterEndpoint, with secret: Secret, at now: Double
  ) -> Step {
    if let token, token != refused {
      return .use(token)
    }
    return obstacle(at: master, with: secret, at: now).map { .give($0) } ?? .logIn
  }

  private func obstacle(
    at master: MasterEndpoint, with secret: Secret, at now: Double
  ) -> LoginError? {
    // Another secret than the one that failed is an operator's cure, which is tried at once.
    if let pause, failedSecret == nil || failedSecret == secret, Self.lasts(pause.end, at: now) {
      return pause.trouble
    }
    if let unreached = troubles[master], Self.lasts(unreached.end, at: now) {
      return unreached.trouble
    }
    return nil
  }

  /// A longer pause than any means that the clock was set back.
  private static func lasts(_ end: Double, at now: Double) -> Bool {
    now < end && end - now <= longestDelay * 2
  }

  /// A login brought a token.
  ///
  /// - Parameters:
  ///   - token: The new one.
  ///   - uid: Whose it is.
  ///   - refused: Whether a master had refused the one before; one login is then free, and the next
  ///     ones come with growing delays, for a master may refuse whatever it is given.
  ///   - jitter: Spreads the delay, from 0 to 1.
  mutating func received(_ token: Token, uid: String, afterRefusal refused: Bool, jitter: Double) {
    let last = self.token?.obtained
    self.token = token
    failedSecret = nil
    refusedRenewal = nil
    troubles = [:]
    let isLasting = last.map { token.obtained - $0 > Self.longestDelay * 2 } ?? false
    if !refused || isLasting { streak = 0 }
    guard refused else {
      pause = nil
      return
    }
    streak += 1
    pause = Pause(
      end: token.obtained + Self.delay(streak, jitter: jitter), trouble: .tokenRefused(uid: uid))
  }

  /// A login failed.
  mutating func failed(
    _ trouble: LoginError, at master: MasterEndpoint, with secret: Secret, now: Double,
    jitter: Double
  ) {
    switch trouble {
    case .refused, .tokenRefused, .noLogin:
      // Every master refuses what one has refused, and too many attempts may lock an account.
      streak = failedSecret == nil || failedSecret == secret ? streak + 1 : 1
      failedSecret = secret
      refusedRenewal = token == nil ? nil : trouble
      pause = Pause(end: now + Self.delay(streak, jitter: jitter), trouble: trouble)
    case .secret, .unguarded, .failed, .fileTokenRefused:
      // Another master may work, and further questions to this one need not try. Expired entries are dropped, because
      // lists may keep naming new masters.
      troubles = troubles.filter { Self.lasts($0.value.end, at: now) }
      troubles[master] = Unreached(end: now + Self.shortestDelay, trouble: trouble)
    }
  }

  /// The delay after so many attempts in a row, spread by a quarter.
  private static func delay(_ streak: Int, jitter: Double) -> Double {
    var delay = shortestDelay
    var doublings = streak - 1
    while doublings > 0, delay < longestDelay {
      delay = min(delay * 2, longestDelay)
      doublings -= 1
    }
    return delay * (0.75 + 0.5 * jitter)
  }
}
