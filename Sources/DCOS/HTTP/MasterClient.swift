import DNSNames
import NIOCore
import NIOHTTP1
import NIOSSL

/// What a master answered with status 200.
struct MasterAnswer: Sendable {
  let body: [UInt8]
  /// Where it came from; nil where the system does not say.
  let address: IPAddress?
}

/// HTTP to masters: bounded in time and size, no redirects, connections kept alive between rounds.
struct MasterClient: Sendable {
  private let connections: MasterConnections
  private let certificateEnds: CertificateEnds
  private let connectTimeout: Duration
  private let requestTimeout: Duration

  /// Makes ready to ask.
  ///
  /// - Parameters:
  ///   - tls: How certificates are verified.
  ///   - pins: The certificates that alone are taken; nil for what `tls` says.
  ///   - connectTimeout: The time for TCP and TLS.
  ///   - requestTimeout: The time for a whole answer.
  ///   - names: Looks up the masters that have names.
  ///   - certificateEnds: Records when the masters' certificates end.
  init(
    tls: TLSConfiguration, pins: Set<CertificateFingerprint>? = nil, connectTimeout: Duration,
    requestTimeout: Duration, names: NameLookups = .shared,
    certificateEnds: CertificateEnds = CertificateEnds()
  ) {
    connections = MasterConnections(
      tls: tls, pins: pins, timeout: connectTimeout, names: names,
      certificateEnds: certificateEnds)
    self.certificateEnds = certificateEnds
    self.connectTimeout = connectTimeout
    self.requestTimeout = requestTimeout
  }

  func shutdown() async {
    await connections.close()
  }

  /// A 200 answer.
  func answer(
    about resource: Resource, from master: MasterEndpoint, token: Token? = nil
  ) async throws(ObservationError.Reason) -> MasterAnswer {
    var headers: HTTPHeaders = [:]
    if let token {
      // Every DC/OS takes this form; Bearer only from 2.0 on.
      headers.add(name: "Authorization", value: "token=\(token.secret.exposed)")
    }
    return try await answer(to: .GET, resource, headers, from: master)
  }

  /// Sends what logs in, and gives the body of a 200 answer.
  func logIn(
    _ body: Secret, at master: MasterEndpoint
  ) async throws(ObservationError.Reason) -> [UInt8] {
    let body = ByteBuffer(string: body.exposed)
    let headers: HTTPHeaders = [
      "Content-Type": "application/json", "Content-Length": "\(body.readableBytes)",
    ]
    return try await answer(to: .POST, .login, headers, body, from: master).body
  }

  private func answer(
    to method: HTTPMethod, _ resource: Resource, _ headers: HTTPHeaders, _ body: ByteBuffer? = nil,
    from master: MasterEndpoint
  ) async throws(ObservationError.Reason) -> MasterAnswer {
    var headers = headers
    headers.add(name: "Host", value: master.authority)
    headers.add(name: "Accept", value: "application/json")
    headers.add(name: "User-Agent", value: "zonebridge")
    let request = HTTPRequestHead(
      version: .http1_1, method: method, uri: resource.path, headers: headers)
    let answer = try await exchangeAgainIfCutShort(request, body, with: master)
    // A redirect is reported, and not followed: it would carry a token to wherever it points.
    if let refusal = AnswerStatus.refusal(of: resource, head: answer.head) {
      throw refusal
    }
    return MasterAnswer(body: Array(answer.body.readableBytesView), address: answer.address)
  }

  /// A connection kept alive may close at the moment in which it is used again; the question may
  /// then be put once more (RFC 9112 section 9.3.1).
  ///
  /// So may a login, which changes nothing. A round holds two connections open to a master, and so
  /// leaves two that may be gone in the next.
  private func exchangeAgainIfCutShort(
    _ request: HTTPRequestHead, _ body: ByteBuffer?, with master: MasterEndpoint
  ) async throws(ObservationError.Reason) -> Answer {
    for _ in 1...2 {
      do {
        return try await exchange(request, body, with: master)
      } catch {
        guard error == .cutShort else {
          throw error
        }
      }
    }
    return try await exchange(request, body, with: master)
  }

  private func exchange(
    _ request: HTTPRequestHead, _ body: ByteBuffer?, with master: MasterEndpoint
  ) async throws(ObservationError.Reason) -> Answer {
    do {
      return try await withDeadline(requestTimeout) { [connections] in
        try await connections.ask(request, body, of: master)
      }
    } catch {
      let reason = ObservationError.Reason(transportError: error, timeout: requestTimeout)
      guard reason == .tls(.unverifiable) else {
        throw reason
      }
      throw .tls(
        await CertificateInspection.trouble(
          with: master, limit: connectTimeout, noting: certificateEnds))
    }
  }
}
