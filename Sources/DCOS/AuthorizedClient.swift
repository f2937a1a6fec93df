/// Asks masters with a cluster's token, where it has credentials.
struct AuthorizedClient: Sendable {
  private let client: MasterClient
  private let session: Session?
  private let trust: Trust

  init(
    client: MasterClient, credentials: Credentials, trust: Trust,
    rhythm: Session.Rhythm = .init()
  ) {
    self.client = client
    self.trust = trust
    session = Session(credentials, rhythm: rhythm) {
      (body, master) async throws(ObservationError.Reason) in
      try await client.logIn(body, at: master)
    }
  }

  func shutdown() async {
    await session?.shutdown()
    await client.shutdown()
  }

  /// Why the token that is in use was not renewed, where the login was refused.
  var refusedRenewal: LoginError? {
    get async { await session?.refusedRenewal }
  }

  /// A 200 answer.
  ///
  /// A token that is refused is replaced, and the question asked again, until the session has no other token.
  ///
  /// - Parameters:
  ///   - resource: what is asked for.
  ///   - master: who is asked.
  ///   - isStranger: whether only a single master lists it: then it gets no token if anybody could impersonate it.
  /// - Returns: the answer.
  /// - Throws: why there is no such answer.
  func answer(
    about resource: Resource, from master: MasterEndpoint, isStranger: Bool = false
  ) async throws(ObservationError.Reason) -> MasterAnswer {
    guard let session, !(isStranger && trust == .unverified) else {
      return try await client.answer(about: resource, from: master)
    }
    guard trust.guardsSecrets(onTheWayTo: master) else {
      throw .login(.unguarded)
    }
    // There can be at most two other tokens at once: one that another question got meanwhile, and one from a login of
    // its own.
    var token = try await self.token(of: session, at: master)
    for _ in 1...3 {
      do {
        return try await client.answer(about: resource, from: master, token: token)
      } catch {
        guard case .loginRequired = error else {
          throw error
        }
      }
      token = try await self.token(of: session, at: master, insteadOf: token)
    }
    return try await client.answer(about: resource, from: master, token: token)
  }

  private func token(
    of session: Session, at master: MasterEndpoint, insteadOf refused: Token? = nil
  ) async throws(ObservationError.Reason) -> Token {
    do {
      return try await session.token(at: master, insteadOf: refused)
    } catch {
      throw .login(error)
    }
  }
}
