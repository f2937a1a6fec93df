import DCOS
import DNSNames
import TestSupport
import Testing

/// What the masters of a made-up cluster say.
///
/// `1:a123` is master 10.1.0.1, which says ID a and the masters 1 to 3; `-` for nothing; `x` and `y` are
/// masters known by a name.
enum Said {
  static func round(
    _ said: [String], configured: String? = nil, isKnown: Bool = false,
    source: MemberList.Source = .exhibitor
  ) throws -> ObservationRound {
    let reports = try said.map { try report($0, source) }
    let masters =
      try configured?.map { try endpoint($0) } ?? reports.map(\.master)
    return ObservationRound(reports: reports, configured: masters, isKnown: isKnown)
  }

  /// `a123`.
  static func view(_ text: some StringProtocol) throws -> ClusterView {
    ClusterView(id: try id(text.prefix(1)), masters: try masters(text.dropFirst()))
  }

  static func endpoint(_ master: Character) throws -> MasterEndpoint {
    try MasterEndpoint(
      master.isNumber ? "http://10.1.0.\(master)" : "http://\(master).example.net")
  }

  private static func report(
    _ text: String, _ source: MemberList.Source
  ) throws -> MasterReport {
    let master = try endpoint(try #require(text.first))
    let said = text.dropFirst(2)
    let failure = { (resource: Resource) in
      ObservationError(master: master, resource: resource, reason: .unreachable(.refused))
    }
    let (id, list) = (said.prefix(1), said.dropFirst())
    return MasterReport(
      master: master,
      id: id == "-" ? .failure(failure(.key)) : .success(try self.id(id)),
      members: list == "-"
        ? .failure(failure(.exhibitorStatus))
        : .success(MemberList(source: source, addresses: try masters(list))))
  }

  static func id(_ letter: some StringProtocol) throws -> ClusterID {
    let byte = letter.utf8.first ?? 0
    return try ClusterID(publicKey: [UInt8](repeating: byte, count: 32))
  }

  static func masters(_ digits: some StringProtocol) throws -> [IPAddress] {
    try digits.map { try IPAddress("10.1.0.\($0)") }
  }
}

@Suite("Agreement", .timeLimit(.minutes(1)))
struct AgreementTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let said: [String]
    var configured: String?
    var isKnown = false
    let agreed: String?
    var isUnanimous = false

    var testDescription: String { said.joined(separator: " ") + (isKnown ? " (known)" : "") }
  }

  @Test(arguments: [
    // All, most, and the two questions weighed apart.
    Row(said: ["1:a1"], agreed: "a1", isUnanimous: true),
    Row(said: ["1:a123", "2:a123", "3:a123"], agreed: "a123", isUnanimous: true),
    Row(said: ["1:a123", "2:a123", "3:--"], agreed: "a123"),
    Row(said: ["1:a123", "2:a123", "3:b3"], agreed: "a123"),
    Row(said: ["1:a123", "2:a123", "3:b3"], isKnown: true, agreed: "a123"),
    Row(said: ["1:a123", "2:a123", "3:b123"], agreed: "a123"),
    Row(said: ["1:a123", "2:a12", "3:b123"], agreed: "a123"),
    Row(said: ["1:a123", "2:-123", "3:a123"], agreed: "a123"),
    Row(said: ["1:a123", "2:-123", "3:a-"], agreed: "a123"),
    Row(said: ["1:a12345", "2:a12345", "3:a12345", "4:b12345", "5:a1234"], agreed: "a12345"),
    // Too few of those listed, however many of those asked.
    Row(said: [], agreed: nil),
    Row(said: ["1:--"], agreed: nil),
    Row(said: ["1:a-"], agreed: nil),
    Row(said: ["1:-1"], agreed: nil),
    Row(said: ["1:a123"], agreed: nil),
    Row(said: ["1:a123", "2:--", "3:--"], agreed: nil),
    Row(said: ["1:a12", "2:b12"], agreed: nil),
    Row(said: ["1:a123", "2:a13", "3:a-"], agreed: nil),
    Row(said: ["1:a1234", "2:a1234", "3:b1234", "4:b1234"], agreed: nil),
    Row(said: ["1:a1234", "2:a1234", "3:--", "4:--"], agreed: nil),
    // A master that calls itself the whole cluster, beside the others and alone.
    Row(said: ["1:b1", "2:a123", "3:a123"], agreed: "a123"),
    Row(said: ["1:b1", "2:a12", "3:a13"], isKnown: true, agreed: nil),
    Row(said: ["1:b1", "2:--", "3:--"], agreed: nil),
    // One that lists somebody else alone, in place of itself, is no majority of that list.
    Row(said: ["1:a123", "2:a123", "3:a4"], isKnown: true, agreed: "a123"),
    Row(said: ["1:a123", "2:a123", "3:b4"], isKnown: true, agreed: "a123"),
    Row(said: ["1:--", "2:--", "3:a4"], isKnown: true, agreed: nil),
    Row(said: ["1:--", "2:--", "3:b4"], isKnown: true, agreed: nil),
    // Nor does one that lists itself alone take their agreement from those that most of the
    // configured ones are.
    Row(said: ["1:a123", "2:a123", "4:b4", "3:a123"], configured: "124", agreed: "a123"),
    Row(
      said: ["1:a123", "2:a123", "4:b4", "3:a123"], configured: "124", isKnown: true,
      agreed: "a123"),
    Row(
      said: ["1:a123", "2:--", "4:b4", "3:a123"], configured: "124", isKnown: true, agreed: nil),
    Row(said: ["1:a123", "2:--", "4:b4", "3:--"], configured: "124", agreed: nil),
    Row(
      said: ["1:a123", "2:a123", "3:a123", "4:b67", "5:b67"], isKnown: true, agreed: "a123"),
    Row(said: ["1:b1", "2:--", "3:--"], isKnown: true, agreed: "b1", isUnanimous: true),
    Row(said: ["1:a12", "2:a12", "3:b34", "4:b34"], agreed: nil),
    Row(said: ["1:a12", "2:a12", "3:b34", "4:b34"], isKnown: true, agreed: nil),
    // Masters that are replaced one after the other, until nobody is left of those configured.
    Row(
      said: ["1:a124", "2:a124", "4:a124", "3:--"], configured: "123", agreed: "a124",
      isUnanimous: true),
    Row(
      said: ["1:--", "2:--", "3:--", "4:a456", "5:a456", "6:a456"], configured: "123",
      isKnown: true, agreed: "a456", isUnanimous: true),
    Row(
      said: ["1:--", "2:--", "3:--", "4:a456", "5:a456", "6:a456"], configured: "123",
      agreed: nil),
    // One that is cut off calls itself the whole cluster, and the others' list has it: that counts also
    // where it is the only one configured, or half of those.
    Row(
      said: ["1:b1", "2:a123", "3:a123"], configured: "1", isKnown: true, agreed: "a123"),
    Row(
      said: ["1:b1", "2:a123", "3:a123", "4:--"], configured: "14", isKnown: true, agreed: "a123"),
    // One that has gone and still says what it knew counts no more.
    Row(said: ["3:a124", "1:a124", "2:--", "4:--"], configured: "12", isKnown: true, agreed: nil),
    // Names, of which nobody knows which member they are: they never add up with members.
    Row(said: ["x:a123", "y:a123"], agreed: "a123", isUnanimous: false),
    Row(said: ["x:a123"], agreed: nil),
    Row(said: ["x:a123", "1:a123"], configured: "x", isKnown: true, agreed: nil),
    Row(said: ["x:a123", "1:a123", "2:a123"], configured: "x", agreed: "a123"),
    Row(said: ["x:a1"], agreed: "a1", isUnanimous: true),
    Row(said: ["x:a12", "y:a12"], agreed: "a12", isUnanimous: true),
    // Names are all there is to know the masters by: one silent, and not all have said it.
    Row(said: ["x:a12", "y:a12", "z:--"], agreed: "a12"),
    Row(said: ["x:a123", "y:a123", "z:-123"], agreed: "a123"),
    // Half of those listed, and one more.
    Row(said: ["1:a12", "2:--"], isKnown: true, agreed: nil),
    Row(said: ["1:a1234", "2:a1234", "3:--", "4:--"], isKnown: true, agreed: nil),
    Row(said: ["1:a1234", "2:a1234", "3:a1234", "4:--"], isKnown: true, agreed: "a1234"),
    Row(said: ["1:a1234", "2:a1234", "3:a1234", "4:--"], agreed: "a1234"),
    // Half of those configured, whatever the others say, and one more.
    Row(said: ["1:a12", "2:a12", "5:--", "6:--"], agreed: nil),
    Row(said: ["1:a12", "2:a12", "5:--"], agreed: "a12", isUnanimous: true),
    // All masters listed say so, and one that is not listed says something else, or another list.
    Row(said: ["1:a12", "2:a12", "5:b5"], isKnown: true, agreed: "a12"),
    Row(said: ["1:a12", "2:a12", "5:a5"], agreed: "a12"),
    Row(said: ["1:a12", "2:a12", "5:b-"], agreed: "a12"),
    // A list has its majority, and its ID has not; and the other way round.
    Row(said: ["1:a123", "2:-123", "3:-123"], agreed: nil),
    Row(said: ["1:a-", "2:a-", "3:a123"], agreed: nil),
  ])
  func aFactIsWhatMoreThanHalfOfTheListedSay(_ row: Row) throws {
    let round = try Said.round(row.said, configured: row.configured, isKnown: row.isKnown)
    switch (Agreement.reached(in: round), row.agreed) {
    case (.success(let agreement), let agreed?):
      #expect(agreement.view == (try Said.view(agreed)))
      #expect(agreement.isUnanimous == row.isUnanimous)
      #expect(!agreement.isOfTheLiving)
    case (.failure(let disagreement), nil):
      #expect(disagreement.reports == round.reports)
      for report in round.reports {
        #expect(disagreement.description.contains(report.master.description))
      }
    case (let result, let agreed):
      Issue.record("\(result) instead of \(agreed ?? "a disagreement")")
    }
  }

  @Test func aListOfTheLivingIsToldFromOneOfTheMembers() throws {
    let living = try Said.round(["1:a12", "2:a12"], source: .mesosDNS)
    #expect(try Agreement.reached(in: living).get().isOfTheLiving)
    var mixed = living
    mixed.reports[0] = try Said.round(["1:a12"]).reports[0]
    #expect(try !Agreement.reached(in: mixed).get().isOfTheLiving)
  }

  @Test(arguments: [
    (["1:a12", "2:b1"], "the cluster ID and the list of masters; 2 were asked"),
    (["1:a12", "2:b12"], "the cluster ID; 2 were asked"),
    (["1:a-"], "the only master asked did not say the list of masters"),
    ([], "no master was asked"),
  ])
  func aDisagreementSaysWhatIsMissing(_ said: [String], _ expected: String) throws {
    let disagreement = try disagreement(in: said)
    #expect(disagreement.headline.contains(expected), "\(disagreement.headline)")
  }

  @Test func aDisagreementSaysWhatEachMasterSaid() throws {
    let disagreement = try disagreement(in: ["1:a12", "2:b-", "3:--"])
    #expect(disagreement.statements.count == 3)
    #expect(disagreement.statements[0].contains(try Said.id("a").description))
    #expect(disagreement.statements[0].contains("10.1.0.1, 10.1.0.2 (Exhibitor)"))
    #expect(disagreement.statements[1].contains(try Said.id("b").description))
    #expect(disagreement.statements[1].contains("/exhibitor/exhibitor/v1/cluster/status"))
    // One cause for both questions is told once.
    #expect(
      disagreement.statements[2]
        == "http://10.1.0.3: \(ObservationError.Reason.unreachable(.refused))")
  }

  private func disagreement(in said: [String]) throws -> Disagreement {
    let round = try Said.round(said)
    return try #require(throws: Disagreement.self) {
      try Agreement.reached(in: round).get()
    }
  }
}
