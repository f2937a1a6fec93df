import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import zonebridge

/// A configuration, and files that it names, by which somebody else could have root do what he likes.
@Suite(
  .timeLimit(.minutes(2)),
  .enabled(if: geteuid() == 0, "only root's configuration is not everybody's business"))
struct ConfigurationExposureTests {
  private let folder: TemporaryFolder
  private let file: FilePath
  private static let stranger = uid_t(4711)

  init() throws {
    folder = try TemporaryFolder()
    file = try folder.write(
      "zonebridge/zonebridge.yaml",
      """
      bind: { rndc: { config: rndc.conf, key-file: rndc.key } }
      clusters:
        - name: prod
          masters: [https://10.0.6.68]
          ca-certificate: ca.crt
          token-file: token
        - name: next
          masters: [https://10.0.6.69]
          uid: zonebridge
          password-file: password
        - name: lab
          masters: [https://10.0.6.70]
          service-account: account.json
        - name: test
          masters: [https://10.0.6.71]
          service-account: { uid: zonebridge, key-file: account.key }
      zones:
        contoso.com: { update-key: update.key }

      """)
    for name in Self.secrets + ["update.key", "rndc.conf", "rndc.key"] {
      try folder.write("zonebridge/\(name)", Array("x\n".utf8), mode: [.ownerReadWrite])
    }
    try folder.write("zonebridge/ca.crt", "x\n")
  }

  private static let secrets = ["token", "password", "account.json", "account.key"]

  private func path(_ name: String) -> FilePath {
    file.removingLastComponent().pushing(FilePath(name))
  }

  private func mode(_ name: String, _ mode: mode_t) throws {
    try #require(unsafe chmod(path(name).string, mode) == 0)
  }

  private func give(_ name: String, to user: uid_t, group: gid_t = 0) throws {
    try #require(unsafe lchown(path(name).string, user, group) == 0)
  }

  private func error(sourceLocation: SourceLocation = #_sourceLocation) -> ConfigurationError? {
    do throws(ConfigurationError) {
      _ = try Configuration.load(file)
      return nil
    } catch {
      return error
    }
  }

  @Test("given what Debian's package and its documentation make → read")
  func packaged() throws {
    #expect(error() == nil)
    // root:zonebridge 0640, and secrets that belong to root or to zonebridge (docs/confinement.md).
    try give("zonebridge.yaml", to: 0, group: 4712)
    for mode in [0o640, 0o644, 0o600, 0o440] as [mode_t] {
      try self.mode("zonebridge.yaml", mode)
      #expect(error() == nil)
    }
    try mode("", 0o750)
    #expect(error() == nil)
  }

  @Test("given named's own keys, which are its user's → read")
  func namedsKeys() throws {
    for name in ["rndc.conf", "rndc.key", "update.key"] {
      try give(name, to: Self.stranger, group: 4711)
      try mode(name, 0o640)
    }
    #expect(error() == nil)
    try mode("update.key", 0o660)
    #expect(error()?.key == "zones.contoso.com.update-key")
  }

  @Test("given a configuration that others may write → refused with file, cause and command")
  func writable() throws {
    for mode in [0o664, 0o646, 0o666] as [mode_t] {
      try self.mode("zonebridge.yaml", mode)
      let error = try #require(self.error())
      #expect(
        error.description == """
          \(file): can be written by others (mode 0\(String(mode, radix: 8))). If its contents are right: chmod go-w \
          \(file)
          """)
    }
  }

  @Test("given one of another user's → refused with file, cause and command")
  func foreign() throws {
    try give("zonebridge.yaml", to: Self.stranger)
    #expect(
      error()?.description == """
        \(file): belongs to user 4711, not to root. If its contents are right: chown root \(file)
        """)
  }

  @Test("given a folder in which others can put another one → refused; with the sticky bit → read")
  func folders() throws {
    try mode("", 0o777)
    #expect(error()?.cause.contains("the folder \(path("")) lets others") == true)
    try mode("", 0o1777)
    #expect(error() == nil)
    try mode("", 0o775)
    #expect(error()?.remedy?.hasSuffix("chmod go-w \(path(""))") == true)
  }

  @Test(
    "given a file that it names and that is another's → refused with line and key",
    arguments: [
      ("ca.crt", 5, "clusters[0].ca-certificate"), ("token", 6, "clusters[0].token-file"),
      ("password", 10, "clusters[1].password-file"),
      ("account.json", 13, "clusters[2].service-account"),
      ("account.key", 16, "clusters[3].service-account.key-file"),
    ])
  func named(name: String, line: Int, key: String) throws {
    try give(name, to: Self.stranger)
    #expect(error()?.line == line && error()?.key == key)
    #expect(error()?.cause.contains("\(path(name)) belongs to user 4711, not to root") == true)
    #expect(error()?.remedy?.contains("chown root \(path(name))") == true)
    try give(name, to: 0)
    #expect(error() == nil)
    try mode(name, 0o622)
    #expect(error()?.line == line && error()?.key == key)
    #expect(error()?.remedy?.contains("chmod go-w \(path(name))") == true)
  }

  @Test("given a link to it that somebody else made → refused")
  func link() throws {
    try folder.write("elsewhere/ca.crt", "x\n")
    try removeFile(path("ca.crt"))
    try makeLink(path("ca.crt"), to: folder.path.appending("elsewhere").appending("ca.crt"))
    #expect(error() == nil, "root's")
    try give("ca.crt", to: Self.stranger)
    #expect(error()?.key == "clusters[0].ca-certificate")
    #expect(error()?.cause.contains("does not follow the symbolic link") == true)
  }
}
