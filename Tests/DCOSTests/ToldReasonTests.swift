import DCOS
import Testing

/// What an operator is told to look at, where the status alone would lead astray.
@Suite("Reasons that name the component", .timeLimit(.minutes(1)))
struct ToldReasonTests {
  private func error(
    _ master: String, _ reason: ObservationError.Reason
  ) throws -> ObservationError {
    ObservationError(master: try MasterEndpoint(master), resource: .key, reason: reason)
  }

  @Test("404 on port 5050 → Mesos is asked, and no Admin Router; on another port → not")
  func mesos() throws {
    let mesos = try error("http://10.0.6.68:5050", .noSuchPath)
    #expect(mesos.remedy?.contains("5050 is Mesos itself") == true)
    #expect(mesos.description.contains("5050 is Mesos itself"))
    let other = try error("http://10.0.6.68", .noSuchPath)
    #expect(other.remedy?.contains("ask a master's Admin Router") == true)
    #expect(try error("http://10.0.6.68:5050", .cutShort).remedy?.contains("5050") == false)
  }

  @Test("502 at the login → bouncer's, and neither dcos-net's nor Exhibitor's")
  func bouncer() {
    let login = LoginError.failed(.backEndDown(status: 502))
    #expect(login.description.contains("502") && login.remedy?.contains("bouncer") == true)
    #expect(login.remedy?.contains("Exhibitor") == false)
    #expect(LoginError.failed(.cutShort).remedy?.contains("bouncer") == false)
  }
}
