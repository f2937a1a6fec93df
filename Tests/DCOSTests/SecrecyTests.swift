import DCOSSimulator
import TestSupport
import Testing

@testable import DCOS

/// The cluster's secret key must not be found in anything that observing a cluster leaves behind.
@Suite("The secret key", .timeLimit(.minutes(3)))
struct SecrecyTests {
  private static let secret = SimulatedCluster.Configuration.publishedSecretKey

  @Test func theSearchFindsTheKeyAndItsParts() {
    #expect(!leaks(of: Self.secret, in: "x\(Self.secret)y").isEmpty)
    #expect(!leaks(of: Self.secret, in: String(Self.secret.dropFirst(40).prefix(12))).isEmpty)
    #expect(
      leaks(of: Self.secret, in: SampleID.published).isEmpty)
  }

  @Test(
    arguments: [
      nil, .notAnID, .truncatedJSON, .cutShort, .drips, .emptyList, .noExhibitor, .namesAsAddresses,
    ] as [Failure?])
  func noReportHoldsIt(_ failure: Failure?) async throws {
    try await withReports(
      from: .init(masters: ["127.0.3.1"]), requestTimeout: .seconds(1),
      prepare: { cluster in
        if let failure {
          try await cluster.fail("127.0.3.1", failure)
        }
      }
    ) { cluster, reports in
      #expect(await cluster.requests.contains { $0.path == "/navstar/lashup/key" })
      expectSilence(of: Self.secret, about: reports)
      expectSilence(of: Self.secret, about: agreed(among: reports))
    }
  }

  /// Answers in which the secret stands where a decoder's error would quote it.
  @Test(arguments: [
    #"{"zbase32_public_key":"SECRET"}"#,
    #"{"zbase32_public_key":["SECRET"]}"#,
    #"{"zbase32_public_key":{"SECRET":1}}"#,
    #"{"zbase32_secret_key":"SECRET"}"#,
    #"{"SECRET":"zbase32_public_key"}"#,
    #"{"zbase32_public_key":"x","zbase32_secret_key":"SECRET""#,
    #"{"zbase32_public_key":"x","zbase32_secret_key":SECRET}"#,
    #""SECRET""#,
    "SECRET",
    "<html>SECRET</html>",
  ])
  func noErrorOfTheDecoderHoldsIt(_ template: String) throws {
    let body = template.split(separator: "SECRET", omittingEmptySubsequences: false)
      .joined(separator: Self.secret)
    let reason = try #require(throws: ObservationError.Reason.self) {
      try KeyAnswer.clusterID(in: Array(body.utf8))
    }
    expectSilence(of: Self.secret, about: reason)
    expectSilence(
      of: Self.secret,
      about: ObservationError(
        master: try MasterEndpoint("http://127.0.3.2"), resource: .key, reason: reason))
  }
}
