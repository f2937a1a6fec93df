import DNSNames
import ReconcileModel
import Testing

@testable import zonebridge

@Suite(.timeLimit(.minutes(1))) struct ToldNamesTests {
  private func hidden(_ names: [(String, Int)], by alias: String = "x.contoso.com") throws
    -> HiddenNames
  {
    HiddenNames(
      by: try DomainName(alias), in: ZoneInView(name: try DomainName("contoso.com"), view: nil),
      count: names.count,
      first: names.map { HiddenNames.Name("\($0.0).\(alias)", at: "db:\($0.1)") })
  }

  @Test(
    "a hidden name → told once while it is there, wherever its line moves; another one → told with it"
  )
  func once() throws {
    let told = ToldNames()
    #expect(told.news(of: []).isEmpty)
    #expect(told.news(of: [try hidden([("a", 7)])]).count == 1)
    #expect(told.news(of: [try hidden([("a", 7)])]).isEmpty)
    #expect(told.news(of: [try hidden([("a", 9)])]).isEmpty)
    #expect(told.news(of: [try hidden([("a", 9), ("b", 10)])]).map(\.count) == [2])
    #expect(told.news(of: [try hidden([("b", 10)])]).isEmpty)
    // It is news when it comes again, and so is another alias's.
    #expect(told.news(of: [try hidden([("a", 9), ("b", 10)])]).count == 1)
    let both = [try hidden([("a", 9)]), try hidden([("a", 11)], by: "y.contoso.com")]
    #expect(told.news(of: both).map(\.alias.description) == ["y.contoso.com."])
  }
}
