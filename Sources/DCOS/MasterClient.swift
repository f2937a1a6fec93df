import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOSSL

/// HTTP to masters: bounded in time and size, no redirects, connections kept alive between rounds.
struct MasterClient: Sendable {
  /// A real answer has a few hundred bytes a master.
  static let bodyLimit = 1 << 20

  private let http: HTTPClient
  private let connectTimeout: Duration
  private let requestTimeout: Duration

  /// Makes ready to ask.
  ///
  /// - Parameters:
  ///   - tls: How certificates are verified.
  ///   - pins: The certificates that alone are taken; nil for what `tls` says.
  ///   - connectTimeout: The time for TCP and TLS.
  ///   - requestTimeout: The time for a whole answer.
  init(
    tls: TLSConfiguration, pins: Set<CertificateFingerprint>? = nil, connectTimeout: Duration,
    requestTimeout: Duration
  ) {
    var configuration = HTTPClient.Configuration(
      tlsConfiguration: tls,
      // A redirect would carry a token to wherever it points.
      redirectConfiguration: .disallow,
      timeout: .init(connect: TimeAmount(connectTimeout)),
      decompression: .disabled)
    configuration.httpVersion = .http1Only
    // The next pass asks again anyway; a retry here would only hide the first cause behind a timeout.
    configuration.connectionPool.retryConnectionEstablishment = false
    if let pins {
      // Of all that AsyncHTTPClient offers this alone comes between the handshake and the request.
      configuration.http1_1ConnectionDebugInitializer = { CertificatePin.check($0, pins: pins) }
    }
    http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    self.connectTimeout = connectTimeout
    self.requestTimeout = requestTimeout
  }

  func shutdown() async throws {
    try await http.shutdown()
  }

  /// The body of a 200 answer.
  func body(
    of resource: Resource, from master: MasterEndpoint, token: Token? = nil
  ) async throws(ObservationFailure.Reason) -> [UInt8] {
    var request = HTTPClientRequest(url: "\(master)\(resource.path)")
    if let token {
      // Every DC/OS takes this form; Bearer only from 2.0 on.
      request.headers.add(name: "Authorization", value: "token=\(token.secret.exposed)")
    }
    return try await body(of: resource, request, from: master)
  }

  /// Sends what logs in, and gives the body of a 200 answer.
  func logIn(
    _ body: Secret, at master: MasterEndpoint
  ) async throws(ObservationFailure.Reason) -> [UInt8] {
    var request = HTTPClientRequest(url: "\(master)\(Resource.login.path)")
    request.method = .POST
    request.headers.add(name: "Content-Type", value: "application/json")
    request.body = .bytes(ByteBuffer(string: body.exposed))
    return try await self.body(of: .login, request, from: master)
  }

  private func body(
    of resource: Resource, _ request: HTTPClientRequest, from master: MasterEndpoint
  ) async throws(ObservationFailure.Reason) -> [UInt8] {
    var request = request
    request.headers.add(name: "Accept", value: "application/json")
    request.headers.add(name: "User-Agent", value: "zonebridge")
    let (head, body) = try await exchangeAgainIfCutShort(request, with: master)
    if let refusal = AnswerStatus.refusal(of: resource, head: head) {
      throw refusal
    }
    return body
  }

  /// A connection kept alive may close at the moment in which it is used again; the question may
  /// then be put once more (RFC 9112 section 9.3.1).
  ///
  /// So may a login, which changes nothing. A round holds two connections open to a master, and so
  /// leaves two that may be gone in the next.
  private func exchangeAgainIfCutShort(
    _ request: HTTPClientRequest, with master: MasterEndpoint
  ) async throws(ObservationFailure.Reason) -> (HTTPResponseHead, [UInt8]) {
    for _ in 1...2 {
      do {
        return try await exchange(request, with: master)
      } catch {
        guard error == .cutShort else {
          throw error
        }
      }
    }
    return try await exchange(request, with: master)
  }

  private func exchange(
    _ request: HTTPClientRequest, with master: MasterEndpoint
  ) async throws(ObservationFailure.Reason) -> (HTTPResponseHead, [UInt8]) {
    do {
      return try await withDeadline(requestTimeout) { [http] in
        // AsyncHTTPClient's own deadline ends with the head of the answer, and so would let a
        // body drip for ever.
        let response = try await http.execute(request, deadline: .distantFuture)
        let body = try await response.body.collect(upTo: Self.bodyLimit)
        let head = HTTPResponseHead(
          version: response.version, status: response.status, headers: response.headers)
        return (head, Array(body.readableBytesView))
      }
    } catch {
      let reason = ObservationFailure.Reason(transportError: error, timeout: requestTimeout)
      guard reason == .tls(.unverifiable) else {
        throw reason
      }
      throw .tls(await CertificateInspection.trouble(with: master, limit: connectTimeout))
    }
  }
}

struct DeadlineExceeded: Error {}

/// Runs an operation, which is cancelled when it is not done in time.
private func withDeadline<Value: Sendable>(
  _ limit: Duration, _ operation: @escaping @Sendable () async throws -> Value
) async throws -> Value {
  try await withThrowingTaskGroup(of: Value.self) { group in
    group.addTask { try await operation() }
    group.addTask {
      try await Task.sleep(for: limit)
      throw DeadlineExceeded()
    }
    defer { group.cancelAll() }
    guard let value = try await group.next() else {
      throw DeadlineExceeded()
    }
    return value
  }
}
