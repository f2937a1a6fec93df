import DCOSSimulator
import Foundation
import SystemPackage
import TestSupport
import Testing

/// Candidates that pass the checkers and that named does not serve all the same.
@Suite("What named does not serve is reverted", .serialized, .timeLimit(.minutes(10)))
struct AutomaticRevertTests {
  /// Runs a pass that fails, and the one after, which lets it rest.
  private func expectPutBack(
    _ host: Host, _ words: String, accepting: String? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let result =
      if let accepting {
        try await host.zonebridge("--once", "--accept", accepting)
      } else {
        try await host.zonebridge("--once")
      }
    #expect(result.status == 1, "\(result.standardError)", sourceLocation: sourceLocation)
    #expect(
      result.standardError.contains(words), "\(result.standardError)",
      sourceLocation: sourceLocation)
    try await expectHeld(host, sourceLocation: sourceLocation)
  }

  private func expectHeld(
    _ host: Host, sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let (files, commands) = (try host.files(), host.changingCommands())
    let held = try await host.zonebridge("--once")
    #expect(held.status == 3, "\(held.standardError)", sourceLocation: sourceLocation)
    #expect(
      held.standardError.contains("its change was reverted at"), "\(held.standardError)",
      sourceLocation: sourceLocation)
    #expect(try host.files() == files, sourceLocation: sourceLocation)
    #expect(host.changingCommands() == commands, sourceLocation: sourceLocation)
  }

  @Test("masters that do not answer DNS → reverted and held, until the configuration is another")
  func silentMasters()
    async throws
  {
    try await withHost { host in
      let (local, zone) = (try host.text("named.conf.local"), try host.text("db.contoso.com"))
      let port = try freePort()
      let right = try host.text("zonebridge.yaml")
      try host.named.folder.write(
        "zonebridge.yaml",
        right.replacing("dns-port: \(await host.cluster.dnsPort)", with: "dns-port: \(port)"))
      try await expectPutBack(
        host, "cluster prod: failed: named did not serve it, so it was reverted", accepting: "prod")
      #expect(try host.text("named.conf.local") == local)
      // It was loaded with serial 42, and secondaries may have it.
      #expect(
        try host.text("db.contoso.com") == zone.replacing("41 ; serial", with: "43 ; serial"))
      #expect(try await host.named.dig("+short", "contoso.com", "SOA").contains(" 43 "))
      #expect(try await host.named.dig("cluster.contoso.com", "DNAME").contains("NXDOMAIN"))
      #expect(try await host.answer("www.contoso.com") == ["192.0.2.80"])

      // An operator may have it tried once more.
      let again = try await host.zonebridge("--once", "--accept", "prod")
      #expect(again.status == 1, "\(again.standardError)")
      #expect(again.standardError.contains("so it was reverted"))
      try await expectHeld(host)
      // What is something else is written at once.
      try host.named.folder.write("zonebridge.yaml", right)
      let healed = try await host.zonebridge("--once")
      #expect(healed.status == 0, "\(healed.standardError)")
      #expect(try await host.answer("web.marathon.cluster.contoso.com").last == "10.0.0.80")
      #expect(throws: Errno.noSuchFileOrDirectory) { try host.state.appending("setbacks").stat() }
    }
  }

  @Test("new forwarders that do not answer → the old ones are there again, and serve")
  func worseForwarders()
    async throws
  {
    try await withHost { host in
      #expect(try await host.zonebridge("--once").status == 0)
      let files = (try host.text("named.conf.local"), try host.text("db.contoso.com"))
      try await host.configure(cluster: ["forwarders: [127.0.20.99]"])
      try await expectPutBack(
        host, "cluster prod: failed: named did not serve it, so it was reverted", accepting: "prod")
      #expect(try host.text("named.conf.local") == files.0)
      #expect(try host.text("db.contoso.com") == files.1)
      #expect(try await host.answer("web.marathon.cluster.contoso.com").last == "10.0.0.80")
    }
  }

  @Test("a zone to be made in a folder that named may not read → held, the other alias is applied")
  func unreadableFolder() async throws {
    try await withHost { host in
      let folder = host.named.folder.path.appending("private")
      _ = try await run("install", arguments: ["-d", "-m", "700", "-o", "root", folder.string])
      try await host.configure(
        alias: "name: dcos.example",
        rest: """
            - { name: cluster.contoso.com, cluster: prod }
          zones:
            dcos.example:
              create: { file: \(folder)/db, primary: ns.example.net., contact: hm.example.net. }
          """)
      for _ in 1...2 {
        let result = try await host.zonebridge("--once")
        #expect(result.status == 3, "\(result.standardError)")
        #expect(
          result.standardError.contains(
            "alias dcos.example: held: zones.dcos.example.create.file: named's user bind may not"),
          "\(result.standardError)")
      }
      #expect(try listFolder(folder).isEmpty)
      #expect(try !host.text("named.conf.local").contains("dcos.example"))
      #expect(try await host.answer("web.marathon.cluster.contoso.com").last == "10.0.0.80")
      #expect(try await host.answer("www.contoso.com") == ["192.0.2.80"])
    }
  }

  @Test("a zone file that named may not read → to the byte what it was, the others are applied")
  func unreadableZone()
    async throws
  {
    let setup = NamedSetup(
      local: """
        zone "contoso.com" { type primary; file "db.contoso.com"; };
        zone "contoso.net" { type primary; file "db.contoso.net"; };

        """,
      files: ["db.contoso.com": Host.zone, "db.contoso.net": Host.bareZone])
    try await withHost(setup) { host in
      try await host.configure(rest: "  - { name: cluster.contoso.net, cluster: prod }")
      let path = host.named.folder.path.appending("db.contoso.net")
      _ = try await run("sh", arguments: ["-c", "chown root: \(path) && chmod 600 \(path)"])
      let result = try await host.zonebridge("--once")
      #expect(result.status == 1, "\(result.standardError)")
      #expect(
        result.standardError.contains(
          "alias cluster.contoso.net: failed: named's user bind may not read \(path)"))
      #expect(try host.text("db.contoso.net") == Host.bareZone)
      #expect(try await host.named.dig("+short", "contoso.net", "MX").contains("mail.example.net."))
      #expect(try await host.answer("web.marathon.cluster.contoso.com").last == "10.0.0.80")
      #expect(try await host.named.dig("+short", "contoso.com", "SOA").contains(" 42 "))
      let files = try host.files()
      #expect(try await host.zonebridge("--once").status == 1)
      #expect(try host.files() == files)
    }
  }

  @Test("a directory that named cannot enter → named refuses, and all files are as before")
  func wrongDirectory() async throws {
    try await withHost { host in
      let folder = host.named.folder.path.appending("private")
      _ = try await run("install", arguments: ["-d", "-m", "700", "-o", "root", folder.string])
      let conf = try host.text("named.conf").replacing(
        "directory \"\(host.named.folder.path)\"", with: "directory \"\(folder)\"")
      try host.named.write("named.conf", conf)
      _ = try await run("chown", arguments: ["root:", folder.string])
      let local = try host.text("named.conf.local").replacing(
        "\"db.contoso.com\"", with: "\"\(host.named.folder.path)/db.contoso.com\"")
      try host.named.write("named.conf.local", local)
      _ = try await run("chown", arguments: ["root:", folder.string])
      let zone = try host.text("db.contoso.com")
      try await expectPutBack(host, "The files were reverted")
      #expect(try host.text("named.conf.local") == local)
      #expect(try host.text("db.contoso.com") == zone)
      #expect(try await host.answer("www.contoso.com") == ["192.0.2.80"])
    }
  }

  @Test("a port that somebody else has: named stops answering") func occupiedPort() async throws {
    let port = try freePort()
    let holder = try boundSocket(SOCK_DGRAM, port: port)
    defer { close(holder) }
    try await withHost { host in
      let (local, zone) = (try host.text("named.conf.local"), try host.text("db.contoso.com"))
      // An operator's edit that he has not loaded yet, and that the checkers do not mind.
      let conf = try host.text("named.conf").replacing(
        "listen-on port \(host.named.queryPort)", with: "listen-on port \(port)")
      try host.named.write("named.conf", conf)
      let result = try await host.zonebridge("--once")
      #expect(result.status == 1, "\(result.standardError)")
      #expect(try host.text("named.conf.local") == local)
      #expect(try host.text("named.conf") == conf)
      #expect(
        try host.text("db.contoso.com") == zone.replacing("41 ; serial", with: "43 ; serial"))
      #expect(result.standardError.contains("the files were reverted, and named does not serve"))
    }
  }

  @Test("another named behind the control port") func anotherNamed() async throws {
    try await withHost { host in
      try await withNamed { other in
        let files = try host.files()
        try await host.configure(rndc: other.rndcConf)
        let result = try await host.zonebridge("--once")
        #expect(result.status == 1)
        #expect(
          result.standardError.contains(
            "the named that answers on the control channel reads \(other.namedConf)"),
          "\(result.standardError)")
        #expect(try host.files() == files)
      }
    }
  }

  @Test("another named where it is asked") func anotherAnswer() async throws {
    try await withHost { host in
      let setup = NamedSetup(
        local: "zone \"contoso.com\" { type primary; file \"db.contoso.com\"; };\n",
        files: ["db.contoso.com": Host.bareZone])
      try await withNamed(setup) { other in
        let files = try host.files()
        let text = try host.text("zonebridge.yaml").replacing(
          "127.0.0.1:\(host.named.queryPort)", with: "127.0.0.1:\(other.queryPort)")
        try host.named.folder.write("zonebridge.yaml", text)
        let result = try await host.zonebridge("--once")
        #expect(result.status == 1)
        #expect(
          result.standardError.contains("they are not the same named"), "\(result.standardError)")
        #expect(try host.files() == files)
        try await other.stop()
        let silent = try await host.zonebridge("--once")
        #expect(silent.status == 1)
        #expect(silent.standardError.contains("nothing listens on"), "\(silent.standardError)")
        #expect(try host.files() == files)
      }
    }
  }
}
