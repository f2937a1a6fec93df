import DCOS
import Reconcile
import ReconcileModel
import SystemPackage
import TestSupport
import Testing

@testable import zonebridge

@Suite(.timeLimit(.minutes(2))) struct CredentialsConfigurationTests {
  private func cluster(_ lines: String...) throws -> Cluster {
    let text = """
      clusters:
        - name: prod
          masters: [https://10.0.6.68]
      \(lines.map { "    \($0)\n" }.joined())
      """
    return try #require(
      try Configuration.parse(text, file: "/etc/zonebridge/z.yaml").desired.clusters.first)
  }

  @Test func thereAreNoneUnlessToldOtherwise() throws {
    guard case .none = try cluster().credentials else {
      Issue.record("credentials from nowhere")
      return
    }
  }

  @Test("token-file → the file beside the configuration") func aTokenFile() throws {
    guard case .token(let file) = try cluster("token-file: prod.token").credentials else {
      Issue.record("no token")
      return
    }
    #expect(file.name == "/etc/zonebridge/prod.token")
  }

  @Test("uid and password-file → that account, and the file") func aPassword() throws {
    guard
      case .password("alice", let file) = try cluster("uid: alice", "password-file: /s/pw")
        .credentials
    else {
      Issue.record("no password")
      return
    }
    #expect(file.name == "/s/pw")
  }

  @Test("service-account with a path → the file beside the configuration") func aServiceAccount()
    throws
  {
    guard case .serviceAccount(let file) = try cluster("service-account: prod.json").credentials
    else {
      Issue.record("no service account")
      return
    }
    #expect(file.name == "/etc/zonebridge/prod.json")
  }

  @Test("service-account with uid and key-file → that account, and the key")
  func aServiceAccountsKey() throws {
    guard
      case .serviceKey("agent", let file) = try cluster(
        "service-account: { uid: agent, key-file: agent.pem }"
      ).credentials
    else {
      Issue.record("no key")
      return
    }
    #expect(file.name == "/etc/zonebridge/agent.pem")
  }

  @Test func pinsAreReadAloneAndAsAList() throws {
    let one = String(repeating: "AB", count: 32)
    let other = String(repeating: "CD:", count: 31) + "CD"
    for (value, count) in [("\"\(one)\"", 1), ("[\"\(one)\", \"\(other)\"]", 2)] {
      guard
        case .polled(_, .fingerprints(let pins)) = try cluster("certificate-sha256: \(value)")
          .source
      else {
        Issue.record("no pin")
        return
      }
      #expect(pins.count == count)
    }
  }

  @Test func whatIsInsecureIsNotedWithWhatThatMeans() throws {
    func notes(_ lines: String) throws -> [String] {
      try Configuration.parse(
        "clusters:\n- name: prod\n\(lines.split(separator: ";").map { "  \($0)\n" }.joined())",
        file: "/z.yaml"
      ).notes.map(\.description)
    }
    #expect(try notes("masters: [http://a, https://b]").isEmpty)
    #expect(try notes("masters: [https://b];token-file: t;insecure: false").isEmpty)
    let both = try notes("masters: [http://a, https://b];token-file: t;insecure: true")
    #expect(both.count == 1)
    for words in [
      "cluster prod is insecure: ", "certificates are not verified", "over http://",
      "the credentials can be read",
    ] {
      #expect(both.first?.contains(words) == true)
    }
    let bare = try notes("masters: [https://b];insecure: true")
    #expect(bare.first?.contains("credentials") == false)
  }

  @Test func aRelativeNameIsLookedForAmongSystemdsCredentialsFirst() throws {
    let folder = try TemporaryFolder()
    try folder.write("credentials/token", "t")
    let directory = CredentialsDirectory(path: folder.path.appending("credentials"))
    #expect(
      directory.file("token", besides: "/etc/token").path
        == folder.path.appending("credentials/token"))
    #expect(directory.file("other", besides: "/etc/other").path == "/etc/other")
    #expect(directory.file("/etc/token", besides: "/etc/token").path == "/etc/token")
    #expect(
      CredentialsDirectory(path: nil).file("token", besides: "/etc/token").path == "/etc/token")
  }
}
