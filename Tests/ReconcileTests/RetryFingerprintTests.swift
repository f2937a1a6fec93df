import DCOS
import DNSNames
import FileChange
import Glibc
import Named
import SystemPackage
import TestSupport
import Testing

@testable import Reconcile
@testable import ReconcileModel

/// By what it is told that an operator has changed something, so that what failed may succeed.
@Suite("The circumstances of a change that was reverted", .timeLimit(.minutes(5)))
struct RetryFingerprintTests {
  private static let files = [
    "named.conf": """
    options { directory "FOLDER"; };
    include "FOLDER/more.conf";
    zone "contoso.com" { type primary; file "FOLDER/zones/db"; };

    """,
    "more.conf": "acl ours { 192.0.2.0/24; };\n",
    "zones/db": LiveSite.zone,
  ]

  private func digest(_ site: Site) async throws -> String {
    RetryFingerprint.digest(of: try await site.propose().actual)
  }

  private func withDigest(_ body: (Site, String) async throws -> Void) async throws {
    try await withSite(Self.files, aliases: ["foo.contoso.com"]) { site in
      try await body(site, try await digest(site))
    }
  }

  @Test("nothing but our own change, or blanks → the same circumstances") func same() async throws {
    try await withDigest { site, digest in
      #expect(try await self.digest(site) == digest)
      try await site.pass()
      #expect(try site.text("named.conf").contains("zonebridge"))
      #expect(try await self.digest(site) == digest)
      try site.folder.write("more.conf", "acl ours {\n\t192.0.2.0/24;\n};\n\n")
      #expect(try await self.digest(site) == digest)
      try await site.removeAll()
      #expect(try await self.digest(site) == digest)
    }
  }

  @Test("the operator's own text in any file of the configuration → other circumstances")
  func text() async throws {
    try await withDigest { site, digest in
      let conf = try site.text("named.conf")
      try site.folder.write("named.conf", conf + "# mended\n")
      #expect(try await self.digest(site) != digest)
      try site.folder.write("named.conf", conf)
      #expect(try await self.digest(site) == digest)
      try site.folder.write("more.conf", "acl ours { 192.0.2.0/25; };\n")
      #expect(try await self.digest(site) != digest)
    }
  }

  @Test("who may read a file or enter its folder → other circumstances") func modes() async throws {
    try await withDigest { site, digest in
      for name in ["named.conf", "more.conf", "zones/db", "zones", "."] {
        let path = site.folder.path.appending(name)
        let mode = try path.stat().permissions
        // What named's user may not read at all is not read for it either.
        let other = mode.subtracting([.groupRead, .groupExecute])
        try #require(unsafe chmod(path.string, other.rawValue) == 0)
        #expect(try await self.digest(site) != digest, "\(name)")
        try #require(unsafe chmod(path.string, mode.rawValue) == 0)
        #expect(try await self.digest(site) == digest, "\(name)")
      }
    }
  }

  @Test("where a zone is to be made: its folder counts before there is a file")
  func madeZone() async throws {
    try await withSite(Self.files, aliases: ["dcos.example"]) { site in
      var site = site
      site.desired.zones = [
        try DomainName("dcos.example"): ZoneSettings(
          create: CreatedZone(
            file: site.folder.path.appending("made/db"),
            primary: try DomainName("ns.example.net"), contact: try DomainName("h.example.net")))
      ]
      try site.folder.write("made/keep", "")
      let digest = try await digest(site)
      let folder = site.folder.path.appending("made").string
      try #require(unsafe chmod(folder, 0o700) == 0)
      #expect(try await self.digest(site) != digest)
    }
  }

  @Test("how a file is mounted → other circumstances; how another one is → the same ones")
  func mounts() async throws {
    try await withSite(Self.files, aliases: ["foo.contoso.com"]) { site in
      let actual = try await site.propose().actual
      let root = "21 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
      func digest(_ mount: String) -> String {
        RetryFingerprint.digest(of: actual, mounts: MountTable(parsing: root + mount))
      }
      let plain = digest("")
      let conf = actual.tree.files[0].snapshot.realPath
      let folder = conf.removingLastComponent()
      #expect(digest("30 21 8:1 \(conf) /srv/chroot\(conf) rw - ext4 /dev/sda1 rw") != plain)
      #expect(digest("30 21 8:7 / \(folder)/zones rw - ext4 /dev/sdb rw") != plain)
      #expect(digest("30 21 8:1 /srv/other /srv/chroot/other rw - ext4 /dev/sda1 rw") == plain)
    }
  }

  @Test("the settings about named → other circumstances") func settings() async throws {
    try await withDigest { site, digest in
      var other = site
      other.desired.bind.query = try Endpoint("127.0.0.2:53")
      #expect(try await self.digest(other) != digest)
      other = site
      other.desired.bind.exemptsFromValidation = false
      #expect(try await self.digest(other) != digest)
    }
  }
}
