import Glibc
import ReconcileModel
import SystemPackage
import TestSupport
import Testing

@testable import zonebridge

/// A configuration, and the files that it names.
@Suite("Files that the configuration names", .timeLimit(.minutes(2)))
struct ConfigurationFilesTests {
  private let folder: TemporaryFolder
  private let file: FilePath

  private static let yaml = """
    bind:
      named-conf: named.conf
      zones-in: sub/zonebridge.conf
      rndc: { config: rndc.conf, key-file: rndc.key }
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
        service-account:
          uid: zonebridge
          key-file: account.key
    aliases: [{ name: contoso.com, cluster: prod }]
    zones:
      contoso.com:
        create: { file: later/db, primary: ns.contoso.net, contact: h.contoso.net }
        update-key: update.key
    metrics: { textfile: later/zonebridge.prom }

    """

  init() throws {
    folder = try TemporaryFolder()
    file = try folder.write("zonebridge.yaml", Self.yaml)
    for name in ["token", "password", "account.json", "account.key", "update.key", "rndc.key"] {
      try folder.write("\(name)", Array("x\n".utf8), mode: [.ownerReadWrite])
    }
    for name in ["named.conf", "rndc.conf", "ca.crt", "sub/other"] { try folder.write(name, "x\n") }
  }

  private func path(_ name: String) -> FilePath { folder.path.appending(name) }

  private func mistakes(
    needing needed: NeededFiles? = .all, in file: FilePath? = nil
  ) -> [String] {
    guard case .wrong(let mistakes) = Configuration.read(file ?? self.file, needing: needed) else {
      return []
    }
    return mistakes.map {
      $0.description.replacing("\(folder.path)/", with: "")
    }
  }

  private func notes(_ yaml: String) throws -> [String] {
    let file = try folder.write("other.yaml", yaml)
    guard case .right(let configuration) = Configuration.read(file) else { return ["wrong"] }
    return configuration.notes.map {
      $0.description.replacing("\(folder.path)/", with: "")
    }
  }

  @Test(
    "all there, and what passes make or others bring is not → right, and nothing to tell of zones")
  func right() throws {
    #expect(mistakes() == [])
    #expect(try notes(Self.yaml) == [])
  }

  @Test(
    "a file that is missing → its line and key, and that it does not exist",
    arguments: [
      ("named.conf", "2: bind.named-conf"), ("rndc.conf", "4: bind.rndc.config"),
      ("rndc.key", "4: bind.rndc.key-file"), ("ca.crt", "8: clusters[0].ca-certificate"),
      ("token", "9: clusters[0].token-file"), ("password", "13: clusters[1].password-file"),
      ("account.json", "16: clusters[2].service-account"),
      ("account.key", "21: clusters[3].service-account.key-file"),
      ("update.key", "26: zones.contoso.com.update-key"),
    ])
  func missing(name: String, place: String) throws {
    try removeFile(path(name))
    let found = mistakes()
    #expect(found.count == 1 && found[0].hasPrefix("zonebridge.yaml:\(place): "), "\(found)")
    #expect(found.first?.contains(": \(name) does not exist") == true, "\(found)")
    // For another host, or for who asks neither masters nor named, it is right.
    #expect(mistakes(needing: nil) == [] && mistakes(needing: []) == [])
  }

  @Test("several missing → all at once; a command that asks no master reports named's alone")
  func several() throws {
    for name in ["ca.crt", "password", "rndc.key"] { try removeFile(path(name)) }
    #expect(
      mistakes() == [
        "zonebridge.yaml:4: bind.rndc.key-file: rndc.key does not exist. Write the file there, or correct its path here",
        "zonebridge.yaml:8: clusters[0].ca-certificate: ca.crt does not exist. Write the file there, or correct its path here",
        "zonebridge.yaml:13: clusters[1].password-file: password does not exist. Write the file there, or correct its path here",
      ])
    #expect(mistakes(needing: .named).count == 1)
    #expect(mistakes(needing: .masters).count == 2)
  }

  @Test(
    "zones-in → may be missing in a folder that is there, which named.conf may include by a wildcard"
  )
  func zonesIn() throws {
    #expect(mistakes() == [])
    try removeFile(path("sub/other"))
    try #require(unsafe rmdir(path("sub").string) == 0)
    #expect(
      mistakes() == [
        "zonebridge.yaml:3: bind.zones-in: sub/zonebridge.conf does not exist. Write a file there that named.conf includes"
      ])
  }

  @Test("a folder, a link to nothing → named as what it is")
  func others() throws {
    try removeFile(path("ca.crt"))
    try #require(unsafe mkdir(path("ca.crt").string, 0o755) == 0)
    #expect(mistakes().first?.contains("ca.crt is a folder. Write the path of a file") == true)
    try removeFile(path("rndc.conf"))
    try makeLink(path("rndc.conf"), to: path("nowhere"))
    #expect(mistakes().first?.contains("rndc.conf is a symbolic link to a file that") == true)
  }

  @Test("reload: none → the files of rndc are not missed")
  func withoutReload() throws {
    try removeFile(path("rndc.key"))
    let text = Self.yaml.replacing("bind:\n", with: "bind:\n  reload: none\n")
    let other = try folder.write("none.yaml", text)
    #expect(mistakes(in: other) == [])
  }

  @Test("a user of another host → a mistake here, and none where the configuration is for another")
  func user() throws {
    let text = Self.yaml.replacing("bind:\n", with: "bind:\n  user: nobody-of-that-name\n")
    let other = try folder.write("user.yaml", text)
    #expect(
      mistakes(in: other) == [
        "user.yaml:2: bind.user: this host has no user 'nobody-of-that-name'. Write the user that named runs as (named -u)"
      ])
    #expect(mistakes(needing: nil, in: other) == [])
  }

  // MARK: Warnings

  @Test("a zone in which no alias is → told with its line, and with the zone that was meant")
  func unusedZones() throws {
    let yaml = Self.yaml.replacing(
      "  contoso.com:\n", with: "  contosso.com: {}\n  example.net: {}\n  contoso.com:\n")
    #expect(
      try notes(yaml) == [
        "other.yaml:24: zones.contosso.com: no alias is in this zone, so these settings have no effect. Did you mean contoso.com?",
        "other.yaml:25: zones.example.net: no alias is in this zone, so these settings have no effect. Add an alias in it, or remove it",
      ])
  }

  @Test("a cluster that no alias uses → nothing to tell: its forward zone is written")
  func unusedCluster() throws {
    let yaml = Self.yaml.replacing(
      "aliases: [{ name: contoso.com, cluster: prod }]",
      with: "aliases: [{ name: www.contoso.com, cluster: lab }]")
    #expect(try notes(yaml) == [])
  }

  @Test("a hook whose program is not there → a warning, and the configuration is right")
  func hook() throws {
    #expect(
      try notes(Self.yaml + "hooks: { change: [/nonexistent/commit] }\n") == [
        "other.yaml:28: hooks.change: /nonexistent/commit does not exist, so this hook will fail"
      ])
  }
}
