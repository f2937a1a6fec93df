import NIOCore

/// A simulated DC/OS cluster: the HTTP of Admin Router and the DNS of dcos-net on every master.
///
/// All masters use the same HTTP port and the same DNS port, each on its own address. On Linux a program can listen on
/// any address in 127.0.0.0/8 without further setup.
package actor SimulatedCluster {
  package struct Configuration: Sendable {
    package var id: String
    package var secretKey: String
    package var masters: [String]
    /// 0 to choose a port that is free on every master.
    package var httpPort: Int
    /// 0 to choose a port that is free on every master.
    package var dnsPort: Int
    /// The authority that signs the masters' certificates; nil for plain HTTP.
    package var authority: CertificateAuthority?
    package var certificates: CertificateAuthority.Issue
    /// Addresses by task, such as `["web.marathon": ["10.0.0.80"]]`.
    package var tasks: [String: [String]]
    /// The token required as `Authorization: token=…` for all paths except Exhibitor's.
    package var requiredToken: String?
    /// The accounts that may log in; if there are any, requests need a token.
    package var accounts: Accounts
    /// Whether Exhibitor's path requires the token too.
    package var guardsExhibitor: Bool
    /// The handling of questions for names outside the cluster.
    package var upstream: Upstream
    /// The time until a wiped master has the cluster's key again: 58 to 61 seconds on a real one.
    package var keyDelay: Duration
    /// The clock that measures this time.
    package var clock: any Clock<Duration>

    package init(
      id: String = Self.publishedID,
      secretKey: String = Self.publishedSecretKey,
      masters: [String],
      httpPort: Int = 0,
      dnsPort: Int = 0,
      authority: CertificateAuthority? = nil,
      certificates: CertificateAuthority.Issue = .valid,
      tasks: [String: [String]] = [:],
      requiredToken: String? = nil,
      accounts: Accounts = Accounts(),
      guardsExhibitor: Bool = false,
      upstream: Upstream = .absent,
      keyDelay: Duration = .seconds(60),
      clock: any Clock<Duration> = ContinuousClock()
    ) {
      self.id = id
      self.secretKey = secretKey
      self.masters = masters
      self.httpPort = httpPort
      self.dnsPort = dnsPort
      self.authority = authority
      self.certificates = certificates
      self.tasks = tasks
      self.requiredToken = requiredToken
      self.accounts = accounts
      self.guardsExhibitor = guardsExhibitor
      self.upstream = upstream
      self.keyDelay = keyDelay
      self.clock = clock
    }

    /// The public key of the test vector that dcos-net publishes.
    package static let publishedID = "kaualnklf69aisrgpnceqn7pr4mgz5o8j38bn96nwoqq687l5cho"

    /// The secret key of that vector; it protects no cluster, but treat it as a secret.
    package static let publishedSecretKey = """
      6q4ki7zu9km7n473kd4lq6e88sm9lu5n4l9u59bepxp6cfqzpttfcjhjbfjn9xhk5ndgtgr8bqslpfum7adwhuotx9bke88\
      xd63psqe
      """
  }

  /// The resolvers to which masters forward questions that they cannot answer.
  package enum Upstream: String, Hashable, Sendable, CaseIterable {
    /// There are none: the question comes back with SERVFAIL and is not marked as an answer.
    case absent
    /// They do not answer: nothing comes for five seconds, and what a real master then sends is no answer either.
    case dead
  }

  /// An HTTP request that reached a master.
  package struct Request: Hashable, Sendable {
    package let master: String
    package let path: String
    /// Whether it had a token, valid or not.
    package let hasToken: Bool

    package init(master: String, path: String, hasToken: Bool = false) {
      self.master = master
      self.path = path
      self.hasToken = hasToken
    }
  }

  package private(set) var httpPort: Int
  package private(set) var dnsPort: Int
  /// All HTTP requests so far, in order of arrival.
  package private(set) var requests: [Request] = []

  private let configuration: Configuration
  private var state: ClusterState
  private var bouncer: Bouncer
  private var listeners: [String: MasterListeners] = [:]
  private var fingerprintsByMaster: [String: String] = [:]
  private var isRunning = false
  /// The tasks that wait until wiped masters have the key again.
  private var recoveries: [String: Task<Void, Never>] = [:]

  package init(_ configuration: Configuration) {
    self.configuration = configuration
    httpPort = configuration.httpPort
    dnsPort = configuration.dnsPort
    state = ClusterState(
      id: configuration.id, secretKey: configuration.secretKey, masters: configuration.masters,
      tasks: configuration.tasks, requiredToken: configuration.requiredToken,
      hasLogin: !configuration.accounts.isEmpty, guardsExhibitor: configuration.guardsExhibitor)
    state.upstream = configuration.upstream
    bouncer = Bouncer(accounts: configuration.accounts)
  }

  package var id: String { state.id }
  package var masters: [String] { state.masters }

  /// The tokens issued by logins so far that have not been invalidated.
  package var issuedTokens: [String] { bouncer.tokens }

  /// The SHA-256 of each master's certificate, in the order of the masters.
  package var fingerprints: [String] {
    state.masters.compactMap { fingerprintsByMaster[$0] }
  }

  /// The CA certificate that clients need to trust if the cluster uses HTTPS.
  package nonisolated var certificateAuthorityPEM: String? { configuration.authority?.pem }
}

// MARK: - Starting and stopping

extension SimulatedCluster {
  package func start() async throws {
    guard !state.masters.isEmpty else {
      throw SimulatorError.noMasters
    }
    var attempts = configuration.httpPort == 0 || configuration.dnsPort == 0 ? 50 : 1
    while true {
      attempts -= 1
      httpPort = configuration.httpPort == 0 ? Self.likelyFreePort() : configuration.httpPort
      dnsPort = configuration.dnsPort == 0 ? Self.likelyFreePort() : configuration.dnsPort
      do {
        for master in state.masters {
          try await open(master)
        }
        isRunning = true
        return
      } catch let error as SimulatorError {
        await closeAll()
        guard attempts > 0, error.isAboutATakenPort else {
          throw error
        }
      }
    }
  }

  package func stop() async {
    isRunning = false
    for recovery in recoveries.values { recovery.cancel() }
    recoveries = [:]
    await closeAll()
  }

  /// A port below those that Linux assigns to clients (32768 to 60999).
  ///
  /// One that is free on one address is likely to be, and to stay, free on the others.
  private static func likelyFreePort() -> Int {
    Int.random(in: 20_000..<32_000)
  }

  private func open(_ master: String) async throws {
    do {
      let server = try await configuration.authority?.server(
        for: master, issue: configuration.certificates)
      fingerprintsByMaster[master] = server?.fingerprint
      listeners[master] = try await MasterListeners.open(
        address: master, httpPort: httpPort, dnsPort: dnsPort, tls: server?.context,
        http: { await self.answer($0, at: master) },
        dns: { await self.answer($0, overUDP: $1, at: master) })
    } catch let error as IOError {
      throw SimulatorError.cannotListen(
        address: master, ports: [httpPort, dnsPort], errno: error.errnoCode)
    } catch is SocketAddressError {
      throw SimulatorError.notAnAddress(master)
    }
  }

  /// Opens a master on the ports that the cluster already uses.
  ///
  /// They may still be taken: a program that this process has just started inherits open sockets until it gets from
  /// fork to exec.
  private func openAgain(_ master: String) async throws {
    for _ in 1..<Self.attempts {
      do {
        return try await open(master)
      } catch let error as SimulatorError where error.isAboutATakenPort {
        try await Task.sleep(for: .milliseconds(20))
      }
    }
    try await open(master)
  }

  private static let attempts = 250

  private func close(_ master: String) async {
    await listeners.removeValue(forKey: master)?.close()
  }

  private func closeAll() async {
    for master in listeners.keys {
      await close(master)
    }
  }
}

// MARK: - Steering

extension SimulatedCluster {
  /// Replaces a master, which closes, with a new one; the others list the new one at once.
  package func replaceMaster(_ old: String, by new: String) async throws {
    let index = try index(of: old)
    guard !state.masters.contains(new) else {
      throw SimulatorError.alreadyAMaster(new)
    }
    try await openAgain(new)
    state.masters[index] = new
    state.failures[old] = nil
    await close(old)
  }

  /// Makes a master fail in this way only, until it is healed.
  package func fail(_ master: String, _ failure: Failure) async throws {
    try await set(failure, of: master)
  }

  package func heal(_ master: String) async throws {
    try await set(nil, of: master)
  }

  /// Makes a master start from scratch: it lacks the cluster's key until it gets it from the others.
  package func wipe(_ master: String) throws {
    _ = try index(of: master)
    state.keyless.insert(master)
    recoveries[master]?.cancel()
    recoveries[master] = Task { [configuration] in
      do {
        try await configuration.clock.sleep(for: configuration.keyDelay)
      } catch {
        return
      }
      state.keyless.remove(master)
    }
  }

  /// Gives the cluster another ID, as reinstalling it does.
  package func setID(_ id: String) {
    state.id = id
  }

  /// Requires this token for everything.
  package func requireToken(_ token: String?) {
    state.requiredToken = token
  }

  /// Invalidates all tokens that logins have issued so far.
  package func invalidateTokens() {
    bouncer.forgetTokens()
  }

  /// Replaces the accounts that may log in; tokens issued so far stay valid.
  package func setAccounts(_ accounts: Accounts) {
    bouncer.accounts = accounts
  }

  private func set(_ failure: Failure?, of master: String) async throws {
    _ = try index(of: master)
    if failure != .unreachable, listeners[master] == nil {
      try await openAgain(master)
    }
    state.failures[master] = failure
    if failure == .unreachable {
      await close(master)
    }
  }

  private func index(of master: String) throws -> Int {
    guard isRunning else {
      throw SimulatorError.notRunning
    }
    guard let index = state.masters.firstIndex(of: master) else {
      throw SimulatorError.noSuchMaster(master, masters: state.masters)
    }
    return index
  }
}

// MARK: - Answering

extension SimulatedCluster {
  private func answer(_ request: HTTPListener.Request, at master: String) -> HTTPReply {
    requests.append(
      Request(
        master: master, path: request.path, hasToken: request.authorization != nil))
    return AdminRouter.reply(to: request, from: master, in: state, bouncer: &bouncer)
  }

  private func answer(_ message: [UInt8], overUDP: Bool, at master: String) -> [UInt8]? {
    guard state.failures[master] != .dnsSilent, let question = DNSQuestion(message: message) else {
      return nil
    }
    return ClusterZones.reply(to: question, at: master, in: state).flatMap {
      DNSMessage.reply($0, to: message, overUDP: overUDP)
    }
  }
}
