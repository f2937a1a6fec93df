import DCOS
import Testing

@Suite("Agreement")
struct AgreementTests {
  /// What one master says in a row of the table: an ID and a list by a letter each, `-` for none.
  struct Row: Sendable, CustomTestStringConvertible {
    let said: [String]
    let agreed: String?
    let isUnanimous: Bool

    var testDescription: String { said.joined(separator: " ") }
  }

  @Test(arguments: [
    Row(said: ["aA"], agreed: "aA", isUnanimous: true),
    Row(said: ["aA", "aA", "aA"], agreed: "aA", isUnanimous: true),
    Row(said: ["aA", "aA", "--"], agreed: "aA", isUnanimous: false),
    Row(said: ["aA", "aA", "bB"], agreed: "aA", isUnanimous: false),
    Row(said: ["aA", "aB", "bA"], agreed: "aA", isUnanimous: false),
    Row(said: ["aA", "-A", "aA"], agreed: "aA", isUnanimous: false),
    Row(said: ["aA", "-A", "a-"], agreed: "aA", isUnanimous: false),
    Row(said: ["aA", "aA", "aA", "bA", "aB"], agreed: "aA", isUnanimous: false),
    // No majority of those asked, for one thing or the other.
    Row(said: [], agreed: nil, isUnanimous: false),
    Row(said: ["--"], agreed: nil, isUnanimous: false),
    Row(said: ["a-"], agreed: nil, isUnanimous: false),
    Row(said: ["-A"], agreed: nil, isUnanimous: false),
    Row(said: ["aA", "--", "--"], agreed: nil, isUnanimous: false),
    Row(said: ["aA", "bA", "--"], agreed: nil, isUnanimous: false),
    Row(said: ["aA", "aB", "a-"], agreed: nil, isUnanimous: false),
    Row(said: ["aA", "bB"], agreed: nil, isUnanimous: false),
    Row(said: ["aA", "aA", "bB", "bB"], agreed: nil, isUnanimous: false),
    Row(said: ["aA", "aA", "--", "--"], agreed: nil, isUnanimous: false),
  ])
  func aFactIsWhatMoreThanHalfSay(_ row: Row) throws {
    let reports = try row.said.enumerated().map { try report($0.offset, $0.element) }
    switch (Agreement.reached(among: reports), row.agreed) {
    case (.success(let view), let agreed?):
      #expect(try view == self.view(agreed))
    case (.failure(let disagreement), nil):
      #expect(disagreement.reports == reports)
      for report in reports {
        #expect(disagreement.description.contains(report.master.description))
      }
    case (let result, let agreed):
      Issue.record("\(result) instead of \(agreed ?? "a disagreement")")
    }
    #expect(Agreement.isUnanimous(among: reports) == row.isUnanimous)
  }

  @Test func twoSourcesWithTheSameMastersAgree() throws {
    let view = try view("aA")
    let reports = try [MemberList.Source.exhibitor, .mesosDNS].map { source in
      MasterReport(
        master: try MasterEndpoint("http://10.0.6.68"), id: .success(view.id),
        members: .success(MemberList(source: source, addresses: view.masters.reversed())))
    }
    #expect(Agreement.reached(among: reports) == .success(view))
    #expect(Agreement.isUnanimous(among: reports))
  }

  @Test(arguments: [
    (["aA", "bB"], "the cluster ID and the list of masters among the 2 masters asked"),
    (["aA", "bA"], "the cluster ID among the 2 masters asked"),
    (["aA", "aB"], "the list of masters among the 2 masters asked"),
    (["a-"], "the only master asked did not say the list of masters"),
    ([], "no master was asked"),
  ])
  func aDisagreementSaysWhatIsMissing(_ said: [String], _ expected: String) throws {
    let disagreement = try disagreement(among: said)
    #expect(disagreement.headline.contains(expected))
  }

  @Test func aDisagreementSaysWhatEachMasterSaid() throws {
    let disagreement = try disagreement(among: ["aA", "b-", "--"])
    #expect(disagreement.statements.count == 3)
    #expect(disagreement.statements[0].contains(try id("a").description))
    #expect(disagreement.statements[0].contains("10.1.0.5, 10.1.0.6 (Exhibitor)"))
    #expect(disagreement.statements[1].contains(try id("b").description))
    #expect(disagreement.statements[1].contains("/exhibitor/exhibitor/v1/cluster/status"))
    // One cause for both questions is told once.
    #expect(
      disagreement.statements[2]
        == "http://10.0.0.3: \(ObservationFailure.Reason.unreachable(.refused))")
  }

  private func disagreement(among said: [String]) throws -> Disagreement {
    let reports = try said.enumerated().map { try report($0.offset, $0.element) }
    return try #require(throws: Disagreement.self) {
      try Agreement.reached(among: reports).get()
    }
  }

  private func report(_ index: Int, _ said: String) throws -> MasterReport {
    let master = try MasterEndpoint("http://10.0.0.\(index + 1)")
    let failure = { (resource: Resource) in
      ObservationFailure(master: master, resource: resource, reason: .unreachable(.refused))
    }
    let (id, list) = (said.prefix(1), said.suffix(1))
    return MasterReport(
      master: master,
      id: id == "-" ? .failure(failure(.key)) : .success(try self.id(id)),
      members: list == "-"
        ? .failure(failure(.exhibitorStatus))
        : .success(MemberList(source: .exhibitor, addresses: try masters(list))))
  }

  private func view(_ said: String) throws -> ClusterView {
    ClusterView(id: try id(said.prefix(1)), masters: try masters(said.suffix(1)))
  }

  private func id(_ letter: some StringProtocol) throws -> ClusterID {
    try ClusterID(publicKey: [UInt8](repeating: letter == "a" ? 1 : 2, count: 32))
  }

  private func masters(_ letter: some StringProtocol) throws -> [IPAddress] {
    try (letter == "A" ? ["10.1.0.5", "10.1.0.6"] : ["10.1.0.5"]).map { try IPAddress($0) }
  }
}
