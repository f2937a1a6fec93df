import DCOSSimulator
import SystemPackage
import TestSupport
import Testing

/// From nothing but a named and a master to a configuration that works.
@Suite("zonebridge init", .serialized, .timeLimit(.minutes(5)))
struct InitTests {
  private func initialise(
    _ host: Host, scheme: String = "http", master: String = Host.masters[0], alias: String? = nil
  ) async throws -> ProgramResult {
    let url = "\(scheme)://\(master):\(await host.cluster.httpPort)"
    let place = host.named.folder.path.appending("new/zonebridge.yaml")
    return try await run(
      try Host.program().string,
      arguments: [
        "--config", place.string, "init", "--master", url, "--named-conf",
        host.named.namedConf.string,
      ] + (alias.map { ["--alias", $0] } ?? []))
  }

  /// What the file lacks on a test's named, which answers on ports of its own.
  private func complete(_ host: Host) async throws {
    let text = try host.text("new/zonebridge.yaml")
    try host.named.folder.write(
      "new/zonebridge.yaml",
      "state-directory: \(host.state)\n"
        + text.replacing(
          "bind:\n",
          with: """
            bind:
              query: "127.0.0.1:\(host.named.queryPort)"
              rndc: { config: \(host.named.rndcConf) }

            """
        )
        .replacing(
          "  - name: prod\n", with: "  - name: prod\n    dns-port: \(await host.cluster.dnsPort)\n")
    )
  }

  private func zonebridge(_ host: Host, _ arguments: String...) async throws -> ProgramResult {
    let place = host.named.folder.path.appending("new/zonebridge.yaml")
    return try await run(
      try Host.program().string, arguments: ["--config", place.string] + arguments)
  }

  @Test("a master over HTTP and an alias → a configuration by which the alias is served")
  func plain() async throws {
    try await withHost { host in
      try host.named.folder.write("new/keep", "")
      let made = try await initialise(host, alias: "cluster.contoso.com")
      #expect(made.status == 0, "\(made.standardError)")
      #expect(made.standardError == "")
      #expect(
        made.standardOutput.contains("cluster ID \(await host.cluster.id), masters 127.0.20.11, "))
      #expect(made.standardOutput.hasSuffix("new/zonebridge.yaml. Next: zonebridge diff\n"))
      let text = try host.text("new/zonebridge.yaml")
      #expect(text.contains("zones-in: \(host.named.namedConfLocal)\n"))
      #expect(text.contains("cluster-id: \(await host.cluster.id)\n"))
      let port = await host.cluster.httpPort
      for master in Host.masters {
        #expect(
          text.contains("'http://\(master):\(port)'") || text.contains("http://\(master):\(port)"))
      }
      #expect(!text.contains("certificate-sha256"))
      #expect(try await zonebridge(host, "validate").status == 0)

      try await complete(host)
      #expect(try await zonebridge(host, "diff").status == 2)
      let pass = try await zonebridge(host, "run", "--once")
      #expect(pass.status == 0, "\(pass.standardError)")
      #expect(try await host.answer("web.marathon.cluster.contoso.com").last == "10.0.0.80")

      let before = try host.text("new/zonebridge.yaml")
      let again = try await initialise(host)
      #expect(again.status == 1)
      #expect(again.standardError.contains("zonebridge.yaml exists already"))
      #expect(try host.text("new/zonebridge.yaml") == before, "never written over")
    }
  }

  @Test("certificates that nobody trusted has signed → shown, pinned, and said to be compared")
  func pinned() async throws {
    try await withHost(authority: try await CertificateAuthority()) { host in
      try host.named.folder.write("new/keep", "")
      let made = try await initialise(host, scheme: "https")
      #expect(made.status == 0, "\(made.standardError)")
      let text = try host.text("new/zonebridge.yaml")
      for fingerprint in await host.cluster.fingerprints {
        #expect(text.contains("- \"\(fingerprint)\"\n"), "\(text)")
        #expect(made.standardError.contains("\(fingerprint)"))
      }
      #expect(
        made.standardError.contains("Compare them with what this prints on each master: openssl"))
      #expect(text.contains("aliases: []\n#  - name: cluster.contoso.com\n"))
      #expect(
        made.standardOutput.hasSuffix(
          "Next: under aliases, write the name that should lead there, such as cluster.contoso.com. "
            + "Then: zonebridge diff\n"))
      #expect(try await zonebridge(host, "validate").status == 0)
    }
  }

  @Test(
    "a named.conf with zones of Debian alone, or another one → the example is of the operator's zone"
  )
  func example() async throws {
    try await withHost(
      local: "zone \"localhost\" { type primary; file \"db.contoso.com\"; };\n"
        + "zone \"127.in-addr.arpa\" { type primary; file \"db.contoso.com\"; };\n"
    ) { host in
      try host.named.folder.write("new/keep", "")
      let text = try host.text("named.conf.local").replacing("contoso.com\"", with: "example.org\"")
      let zones = text.split(separator: "\n").reversed().joined(separator: "\n")
      try host.named.folder.write("named.conf.local", zones + "\n")
      #expect(try await initialise(host).standardOutput.contains("such as cluster.example.org. "))
    }
  }

  @Test("masters that want a login → written without the ID, and said")
  func login() async throws {
    try await withHost(
      cluster: {
        $0.accounts = Accounts(passwords: ["alice": "secret-of-alice"])
        $0.guardsExhibitor = true
      }
    ) { host in
      try host.named.folder.write("new/keep", "")
      let made = try await initialise(host)
      #expect(made.status == 0, "\(made.standardError)")
      #expect(made.standardError.contains("the cluster's ID and masters are not known yet: "))
      let text = try host.text("new/zonebridge.yaml")
      #expect(text.contains("# The masters want a login: ") && !text.contains("cluster-id: "))
      #expect(try await zonebridge(host, "validate").status == 0)
    }
  }

  @Test("a master that does not answer, a named.conf that is none → 1, and nothing is written")
  func failures() async throws {
    try await withHost { host in
      try host.named.folder.write("new/keep", "")
      let silent = try await initialise(host, master: "127.0.20.99")
      #expect(silent.status == 1 && silent.standardError.contains("127.0.20.99"), "\(silent)")
      #expect(
        silent.standardError.hasSuffix(
          "and is the port right? If it has TLS: --master https://127.0.20.99\n"), "\(silent)"
      )
      try host.named.folder.write("named.conf", "nonsense {\n")
      let broken = try await initialise(host)
      #expect(broken.status == 1 && broken.standardError.contains("named.conf"))
      #expect(try host.named.folder.names(in: "new") == ["keep"])
      let url = try await zonebridge(host, "init", "--master", "10.0.6.68")
      #expect(url.status == 64)
      #expect(
        url.standardError.contains("Write https://10.0.6.68, or http://10.0.6.68 for DC/OS Open"))
      #expect(url.standardError.contains("Usage: zonebridge init "), "\(url.standardError)")
      #expect(try await zonebridge(host, "init").status == 64)
    }
  }
}
