import DCOS
import DCOSSimulator
import Foundation
import TestSupport
import Testing

/// Starts a cluster, asks its masters once, and stops it.
///
/// The limits are generous, since a test machine may be busy.
func withReports<Result>(
  from configuration: SimulatedCluster.Configuration,
  trust: Trust = .system,
  credentials: Credentials = .none,
  scheme: MasterEndpoint.Scheme = .http,
  requestTimeout: Duration = .seconds(30),
  grace: Duration = .seconds(60),
  prepare: (SimulatedCluster) async throws -> Void = { _ in },
  _ body: (SimulatedCluster, [MasterReport]) async throws -> Result
) async throws -> Result {
  try await withCluster(configuration) { cluster in
    try await prepare(cluster)
    let reports = try await observe(
      cluster, trust: trust, credentials: credentials, scheme: scheme,
      requestTimeout: requestTimeout, grace: grace)
    return try await body(cluster, reports)
  }
}

/// The same over a scheme; over HTTPS by certificates of an authority that is trusted.
func withReports<Result>(
  from masters: [String], over scheme: MasterEndpoint.Scheme,
  requestTimeout: Duration = .seconds(30), grace: Duration = .seconds(60),
  prepare: (SimulatedCluster) async throws -> Void = { _ in },
  _ body: (SimulatedCluster, [MasterReport]) async throws -> Result
) async throws -> Result {
  try await withCluster(masters, over: scheme) { cluster, trust in
    try await prepare(cluster)
    let reports = try await observe(
      cluster, trust: trust, scheme: scheme, requestTimeout: requestTimeout, grace: grace)
    return try await body(cluster, reports)
  }
}

/// Starts a cluster that speaks a scheme, hands it to the body with what is to be trusted, and stops it.
func withCluster<Result>(
  _ masters: [String], over scheme: MasterEndpoint.Scheme,
  _ body: (SimulatedCluster, Trust) async throws -> Result
) async throws -> Result {
  guard scheme == .https else {
    return try await withCluster(.init(masters: masters)) { try await body($0, .system) }
  }
  let authority = try await CertificateAuthority()
  return try await withTemporaryFolder { folder in
    let file = try folder.write("ca.crt", authority.pem)
    return try await withCluster(.init(masters: masters, authority: authority)) {
      try await body($0, .certificates(file: "\(file)"))
    }
  }
}

func observe(
  _ cluster: SimulatedCluster,
  trust: Trust = .system,
  credentials: Credentials = .none,
  scheme: MasterEndpoint.Scheme = .http,
  requestTimeout: Duration = .seconds(30), grace: Duration = .seconds(60)
) async throws -> [MasterReport] {
  try await observe(
    await cluster.urls(scheme), trust: trust, credentials: credentials,
    requestTimeout: requestTimeout, grace: grace)
}

extension SimulatedCluster {
  /// Where the masters are asked.
  func urls(_ scheme: MasterEndpoint.Scheme) -> [String] {
    masters.map { master in
      let host = master.contains(":") ? "[\(master)]" : master
      return "\(scheme.rawValue)://\(host):\(httpPort)"
    }
  }
}

func observe(
  _ masters: [String], trust: Trust = .system, credentials: Credentials = .none,
  connectTimeout: Duration = .seconds(20), requestTimeout: Duration = .seconds(30),
  grace: Duration = .seconds(60)
) async throws -> [MasterReport] {
  let observer = try ClusterObserver(
    masters: try masters.map { try MasterEndpoint($0) }, trust: trust, credentials: credentials,
    limits: .generous(connect: connectTimeout, request: requestTimeout, grace: grace))
  let reports = await observer.observe().reports
  try await observer.shutdown()
  return reports
}

extension ClusterObserver.Limits {
  /// Such as a busy machine keeps; a round ends by what the masters do.
  static func generous(
    connect: Duration = .seconds(20), request: Duration = .seconds(30),
    grace: Duration = .seconds(60)
  ) -> Self {
    var limits = Self()
    limits.connect = connect
    limits.request = request
    limits.grace = grace
    limits.firstRound = .seconds(600)
    return limits
  }
}

/// What the masters agree on, who are those of the configuration.
func agreement(among reports: [MasterReport]) throws -> Agreement {
  try agreed(among: reports).get()
}

/// The same as a result.
func agreed(among reports: [MasterReport]) -> Result<Agreement, Disagreement> {
  Agreement.reached(
    in: ObservationRound(reports: reports, configured: reports.map(\.master)))
}

extension MasterReport {
  var idReason: ObservationError.Reason? {
    guard case .failure(let failure) = id else { return nil }
    return failure.reason
  }

  var membersReason: ObservationError.Reason? {
    guard case .failure(let failure) = members else { return nil }
    return failure.reason
  }

  var fallbackReason: ObservationError.Reason? {
    guard case .failure(let failure) = members else { return nil }
    return failure.fallback?.reason
  }
}

/// Why a test is left out.
let noIPv6Loopback: Comment = "this machine does not have the address ::1"

/// Whether this machine has the address ::1; a container may be without.
let hasIPv6Loopback: Bool = {
  let addresses = try? String(contentsOfFile: "/proc/net/if_inet6", encoding: .utf8)
  return addresses?.contains("00000000000000000000000000000001") == true
}()
