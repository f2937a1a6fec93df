import FoundationEssentials
import Glibc

/// A cluster's token, shared by all questions to its masters: one login at a time, however many wait.
actor Session {
  /// The time and the chance by which logins are spread.
  struct Rhythm: Sendable {
    /// Seconds since 1970.
    var now: @Sendable () -> Double = { Date.now.timeIntervalSince1970 }
    /// From 0 to 1.
    var jitter: @Sendable () -> Double = { Double.random(in: 0...1) }
  }

  /// Sends what logs in to one master, and gives the body of its answer.
  typealias Send =
    @Sendable (Secret, MasterEndpoint) async throws(ObservationError.Reason) -> [UInt8]

  private let credentials: Credentials
  private let rhythm: Rhythm
  private let send: Send
  private var state = TokenState()
  private var login: Task<Result<Token, LoginError>, Never>?

  /// Makes a session; nil for a cluster that lets everybody ask.
  init?(_ credentials: Credentials, rhythm: Rhythm = Rhythm(), send: @escaping Send) {
    if case .none = credentials { return nil }
    self.credentials = credentials
    self.rhythm = rhythm
    self.send = send
  }

  /// The token for a question to this master.
  ///
  /// - Parameters:
  ///   - master: Where a login is made, if one is needed.
  ///   - refused: The token that this master has just refused.
  /// - Returns: A token, which is not the refused one.
  /// - Throws: Why there is none.
  func token(
    at master: MasterEndpoint, insteadOf refused: Token? = nil
  ) async throws(LoginError) -> Token {
    let source: SecretSource
    switch credentials {
    case .token(let file): return try givenToken(in: file, insteadOf: refused)
    case .password(_, let file), .serviceAccount(let file), .serviceKey(_, let file): source = file
    case .none: throw .noLogin
    }
    var own: Result<Token, LoginError>?
    while true {
      let secret = try read(source)
      let now = rhythm.now()
      let step =
        if let refused {
          state.step(insteadOf: refused, for: master, with: secret, at: now)
        } else {
          state.step(for: master, with: secret, at: now)
        }
      switch step {
      case .use(let token):
        return token
      case .give(let trouble):
        throw trouble
      case .logIn:
        // One login a question, whatever came of it: a token that is over as soon as it is there, by a
        // master's clock that is behind, would else be asked for without end.
        if let own { return try own.get() }
        // Who waits for another's login looks again afterwards: there is a token, or it is known that
        // there is none, or this one's own master may do better.
        if let login {
          _ = await login.value
        } else {
          let request = try request(with: secret, of: source, at: now)
          let task = Task {
            await logIn(request, with: secret, at: master, afterRefusal: refused != nil)
          }
          login = task
          own = await task.value
        }
      }
    }
  }

  /// Why the token that is in use was not renewed, where the login was refused.
  var refusedRenewal: LoginError? { state.refusedRenewal }

  /// Cancels a login that is under way.
  func shutdown() {
    login?.cancel()
  }

  private func logIn(
    _ request: LoginRequest, with secret: Secret, at master: MasterEndpoint, afterRefusal: Bool
  ) async -> Result<Token, LoginError> {
    defer { login = nil }
    do throws(ObservationError.Reason) {
      let body = try await send(request.body, master)
      let token = try LoginAnswer.token(in: body, obtained: rhythm.now())
      state.received(
        token, uid: request.uid, afterRefusal: afterRefusal, jitter: rhythm.jitter())
      return .success(token)
    } catch {
      let trouble: LoginError =
        switch error {
        case .loginRequired: .refused(uid: request.uid)
        case .noSuchPath: .noLogin
        default: .failed(error)
        }
      state.failed(
        trouble, at: master, with: secret, now: rhythm.now(), jitter: rhythm.jitter())
      return .failure(trouble)
    }
  }

  private func read(_ source: SecretSource) throws(LoginError) -> Secret {
    do {
      return try source.read()
    } catch {
      throw .secret(error)
    }
  }

  private func request(
    with secret: Secret, of source: SecretSource, at now: Double
  ) throws(LoginError) -> LoginRequest {
    do throws(SecretError.Problem) {
      switch credentials {
      case .password(let uid, _):
        return try LoginRequest(uid: uid, password: secret)
      case .serviceKey(let uid, _):
        return try LoginRequest(ServiceAccount(uid: uid, pem: secret.exposed), at: now)
      case .serviceAccount:
        return try LoginRequest(ServiceAccount(json: secret), at: now)
      case .none, .token:
        throw .empty
      }
    } catch {
      throw .secret(SecretError(name: source.name, problem: error))
    }
  }

  /// The token in a file, which somebody else renews: each use reads the file.
  private func givenToken(
    in file: SecretSource, insteadOf refused: Token?
  ) throws(LoginError) -> Token {
    let text = try read(file).exposed.trimmed
    guard let token = Token(text, obtained: rhythm.now()) else {
      throw .secret(SecretError(name: file.name, problem: text.isEmpty ? .empty : .noToken))
    }
    guard token.secret != refused?.secret else {
      let ended = token.expiry.flatMap { $0 <= rhythm.now() ? $0 : nil }
      throw .fileTokenRefused(
        file: file.name,
        ended: ended.map { Date(timeIntervalSince1970: $0).formatted(.iso8601) })
    }
    return token
  }
}

extension String {
  fileprivate var trimmed: Substring {
    let start = drop { $0.isWhitespace }
    return start.lastIndex { !$0.isWhitespace }.map { start[...$0] } ?? ""
  }
}
