import DCOSSimulator
import DNSNames
import TestSupport
import Testing

@testable import DCOS

/// Answers that are almost those of a master, thousands of them, the same in every run.
@Suite("Mutated answers", .timeLimit(.minutes(3)))
struct MutatedAnswerTests {
  private static let secret = SimulatedCluster.Configuration.publishedSecretKey
  private static let rounds: UInt64 = 2000

  @Test func theCapturesAreRight() throws {
    #expect(try KeyAnswer.clusterID(in: CapturedAnswer.key.body).description.utf8.count == 52)
    #expect(try ExhibitorAnswer.addresses(in: CapturedAnswer.exhibitor.body).count == 3)
    #expect(try MesosDNSAnswer.addresses(in: CapturedAnswer.mesosDNS.body).count == 3)
    #expect(String(decoding: CapturedAnswer.key.body, as: UTF8.self).contains(Self.secret))
  }

  @Test func whatIsTakenForAKeyIsAnID() throws {
    let results = try outcomes(of: [CapturedAnswer.key.body]) {
      (body) throws(ObservationError.Reason) in
      try KeyAnswer.clusterID(in: body)
    }
    #expect(results.accepted.contains(try ClusterID(publishedID)))
    for id in results.accepted {
      #expect(try ClusterID(id.description) == id)
      #expect(id.publicKey.count == 32)
      #expect(leaks(of: Self.secret, in: id.description).isEmpty)
    }
    for reason in results.refused { expectSilence(of: Self.secret, about: reason) }
  }

  @Test func whatIsTakenForAListOfExhibitorHasAddresses() throws {
    let bodies = [
      CapturedAnswer.exhibitor.body, Fixture("exhibitor-cluster-status-3masters.json").bytes,
      Fixture("exhibitor-cluster-status-troubleshooting.json").bytes,
    ]
    let results = try outcomes(of: bodies) { (body) throws(ObservationError.Reason) in
      try ExhibitorAnswer.addresses(in: body)
    }
    try expectLists(results.accepted)
  }

  @Test func whatIsTakenForAListOfMesosDNSHasAddresses() throws {
    let results = try outcomes(of: [CapturedAnswer.mesosDNS.body]) {
      (body) throws(ObservationError.Reason) in
      try MesosDNSAnswer.addresses(in: body)
    }
    try expectLists(results.accepted)
  }

  @Test func anyThingElseIsNotTaken() {
    for seed in 0..<Self.rounds / 4 {
      var random = SeededGenerator(seed: seed)
      let noise = (0..<Int.random(in: 0...300, using: &random)).map { _ in
        UInt8.random(in: .min ... .max, using: &random)
      }
      #expect(throws: ObservationError.Reason.self) { try KeyAnswer.clusterID(in: noise) }
      #expect(throws: ObservationError.Reason.self) { try ExhibitorAnswer.addresses(in: noise) }
      #expect(throws: ObservationError.Reason.self) { try MesosDNSAnswer.addresses(in: noise) }
    }
  }

  /// As deep as an answer can be.
  @Test(arguments: ["[", #"{"a":"#, #"[{"hostname":"#, #"{"zbase32_public_key":"#])
  func aMebibyteOfNestingIsNotTaken(_ open: String) {
    let body = Array(String(repeating: open, count: (1 << 20) / open.utf8.count).utf8)
    #expect(throws: ObservationError.Reason.truncatedJSON) { try KeyAnswer.clusterID(in: body) }
    #expect(throws: ObservationError.Reason.truncatedJSON) {
      try ExhibitorAnswer.addresses(in: body)
    }
    #expect(throws: ObservationError.Reason.truncatedJSON) {
      try MesosDNSAnswer.addresses(in: body)
    }
  }

  @Test func wholeAnswersThatAreMutatedHarmNobody() async throws {
    let masters = ["127.0.7.21", "127.0.7.22", "127.0.7.23"]
    try await withCluster(.init(masters: masters)) { cluster in
      try await cluster.fail(masters[2], .unreachable)
      let port = UInt16(await cluster.httpPort)
      for seed: UInt64 in 0..<60 {
        let server = try RawServer(address: masters[2], port: port) { path in
          var mutations = Mutations(seed: seed)
          return [.send(mutations.mutated(CapturedAnswer.at(path).bytes)), .pause]
        }
        let reports = try await observe(cluster, requestTimeout: .seconds(60))
        server.stop()
        #expect(
          try agreement(among: reports).view.masters.map(\.description) == masters, "\(seed)")
        let known = ObservationRound(
          reports: reports, configured: reports.map(\.master), isKnown: true)
        #expect(
          try Agreement.reached(in: known).get().view.masters.map(\.description) == masters,
          "\(seed)")
        for text in [reports[2].id.failureText, reports[2].members.failureText] {
          guard let text else { continue }
          expectOneShortLine(text)
          #expect(leaks(of: Self.secret, in: text).isEmpty, "\(seed)")
        }
      }
    }
  }

  @Test func aHeadThatIsMuchTooLongIsNotRepeated() async throws {
    let long = String(repeating: "x", count: 50_000)
    for head in [
      "HTTP/1.1 401 \(long)\r\nWWW-Authenticate: \(long)",
      "HTTP/1.1 307 X\r\nLocation: http://\(long)",
      "HTTP/1.1 302 X\r\nLocation: \u{9b}31m\u{202e}\u{85}\u{2028}\u{1b}[0m",
    ] {
      let server = try RawServer { _ in [.send(Array("\(head)\r\nContent-Length: 0\r\n\r\n".utf8))]
      }
      let reports = try await observe([server.url()])
      server.stop()
      let text = try #require(reports[0].id.failureText)
      #expect(text.contains("401") || text.contains("redirected") || text.contains("HTTP"))
      expectOneShortLine(text)
    }
  }

  private let publishedID = SimulatedCluster.Configuration.publishedID

  /// What becomes of mutated bodies, each outcome once.
  private func outcomes<Value: Hashable>(
    of bodies: [[UInt8]], _ read: ([UInt8]) throws(ObservationError.Reason) -> Value
  ) throws -> (accepted: Set<Value>, refused: Set<ObservationError.Reason>) {
    var accepted: Set<Value> = []
    var refused: Set<ObservationError.Reason> = []
    for seed in 0..<Self.rounds {
      var mutations = Mutations(seed: seed)
      do throws(ObservationError.Reason) {
        accepted.insert(try read(mutations.mutated(bodies[Int(seed) % bodies.count])))
      } catch {
        refused.insert(error)
      }
    }
    // Else the mutations are too wild or too tame to show anything.
    #expect(accepted.count > 0 && refused.count > 4)
    for reason in refused { expectOneShortLine("\(reason)") }
    return (accepted, refused)
  }

  private func expectLists(_ lists: Set<[IPAddress]>) throws {
    for list in lists {
      #expect(!list.isEmpty)
      for address in list {
        #expect(try IPAddress(address.description) == address)
        #expect([4, 16].contains(address.bytes.count))
      }
    }
  }
}
