import DCOSSimulator
import SystemPackage
import TestSupport
import Testing

/// Zones that take DNS UPDATE, and that named writes itself.
@Suite("dynamic zones", .serialized, .timeLimit(.minutes(10)))
struct DynamicZoneTests {
  private static let updateKey = """
    key "updates" {
    \talgorithm hmac-sha256;
    \tsecret "em9uZWJyaWRnZSB1cGRhdGUga2V5LCBub3QgYSBzZWNyZXQ=";
    };

    """

  private static func setup(
    _ clause: String, zone: String = Host.zone, more: String = ""
  ) -> NamedSetup {
    NamedSetup(
      statements: updateKey,
      local: """
        zone "contoso.com" { type primary; file "db.contoso.com"; \(clause) };
        \(more)

        """,
      files: ["db.contoso.com": zone, "updates.key": updateKey])
  }

  private static let otherID = SampleID.other
  private static let withKey = "zones: { contoso.com: { update-key: updates.key } }"

  private func update(_ host: Host, _ lines: String...) async throws {
    let script =
      (["server 127.0.0.1 \(host.named.queryPort)", "zone contoso.com"] + lines + ["send"])
      .map { "\($0)\n" }.joined()
    let result = try await run(
      "sh",
      arguments: [
        "-c", "printf %s \"$0\" | nsupdate -k \"$1\"", script,
        host.named.folder.path.appending("session.key").string,
      ])
    try #require(result.status == 0, "\(result.standardError)")
  }

  private func dname(_ host: Host, _ owner: String) async throws -> String {
    try await host.named.dig("+short", owner, "DNAME").trimmingSuffix("\n")
  }

  @Test("update-policy local: put in, kept, followed and taken out, and no file touched")
  func session() async throws {
    try await withHost(Self.setup("update-policy local;")) { host in
      let file = try host.text("db.contoso.com")
      let diff = try await host.zonebridge("diff")
      #expect(diff.status == 2, "\(diff.standardError)")
      #expect(diff.standardOutput.contains("# prereq nxrrset cluster.contoso.com. IN DNAME\n"))
      #expect(diff.standardOutput.contains("# prereq yxrrset contoso.com. IN SOA "))
      #expect(try await dname(host, "cluster.contoso.com") == "")

      let first = try await host.zonebridge("--once")
      #expect(first.status == 0, "\(first.standardError)")
      #expect(first.standardOutput.contains("sent a DNS UPDATE of zone contoso.com\nseen served\n"))
      #expect(try await host.answer("web.marathon.cluster.contoso.com").last == "10.0.0.80")
      #expect(try await host.answer("www.contoso.com") == ["192.0.2.80"])
      #expect(try host.text("db.contoso.com") == file)
      #expect(!host.changingCommands().contains { $0.contains("reload") })

      let updates = host.updates
      #expect(try await host.zonebridge("--once").status == 0)
      #expect(try await host.zonebridge("diff").standardOutput == "")
      #expect(host.updates == updates)

      // named writes the file anew, and comments are gone from it: what is ours is known all the same.
      try await host.named.rndc("sync", "-clean", "contoso.com")
      try await host.named.restart()
      await host.cluster.setID(Self.otherID)
      let followed = try await host.zonebridge("--once", "--accept", "prod")
      #expect(followed.status == 0, "\(followed.standardError)")
      let id = Self.otherID
      #expect(try await dname(host, "cluster.contoso.com") == "mesos.\(id).dcos.directory.")

      let removed = try await host.zonebridge("remove", "--all")
      #expect(removed.status == 0, "\(removed.standardError)")
      #expect(try await dname(host, "cluster.contoso.com") == "")
      #expect(try await host.answer("www.contoso.com") == ["192.0.2.80"])
      #expect(try host.readState("dynamic-records").split(separator: "\n").count == 1)
    }
  }

  @Test("with a TSIG key, in a file of the raw format") func key() async throws {
    try await withHost(
      Self.setup("allow-update { key updates; }; masterfile-format raw;", zone: "")
    ) { host in
      // named has none loaded yet: the file is made by its own program.
      let folder = host.named.folder.path
      try host.named.write("source", Host.zone)
      let compiled = try await run(
        "named-compilezone",
        arguments: [
          "-F", "raw", "-o", folder.appending("db.contoso.com").string, "contoso.com",
          folder.appending("source").string,
        ])
      try #require(compiled.status == 0, "\(compiled.standardOutput)")
      try host.named.write("anything", "")
      try await host.named.restart()
      try await host.configure(rest: Self.withKey)
      let result = try await host.zonebridge("--once")
      #expect(result.status == 0, "\(result.standardError)")
      #expect(try await host.answer("web.marathon.cluster.contoso.com").last == "10.0.0.80")
      #expect(host.named.log.contains("key updates: updating zone 'contoso.com/IN'"))
    }
  }

  @Test(
    "a key that has no right, is wrong or is missing → nothing is changed, and the cause is reported"
  )
  func keys() async throws {
    try await withHost(Self.setup("allow-update { key updates; };")) { host in
      let folder = host.named.folder
      // Without the setting it is the session key, which allow-update does not name.
      let refused = try await host.zonebridge("--once")
      #expect(refused.status == 1)
      #expect(refused.standardError.contains("named refused the update. Its allow-update"))
      let wrong = Self.updateKey.replacing("em9u", with: "aaaa")
      try folder.write("wrong.key", wrong)
      try folder.write("unknown.key", Self.updateKey.replacing("updates", with: "nobody"))
      try folder.write("garbage.key", "garbage\n")
      for (file, status, words) in [
        ("wrong.key", 1, "does not accept the key in \(folder.path)/wrong.key (BADSIG)"),
        ("unknown.key", 1, "does not accept the key in \(folder.path)/unknown.key (BADKEY)"),
        ("missing.key", 78, "update-key: \(folder.path)/missing.key does not exist"),
        ("garbage.key", 1, "no usable TSIG key in \(folder.path)/garbage.key (unexpected token)"),
      ] as [(String, Int32, String)] {
        try await host.configure(rest: "zones: { contoso.com: { update-key: \(file) } }")
        let result = try await host.zonebridge("--once")
        #expect(result.status == status, "\(file)")
        #expect(result.standardError.contains(words), "\(result.standardError)")
      }
      #expect(try await dname(host, "cluster.contoso.com") == "")
      try await host.configure(rest: Self.withKey)
      #expect(try await host.zonebridge("--once").status == 0)
    }
  }

  @Test("a frozen zone is left frozen and held") func frozen() async throws {
    try await withHost(Self.setup("update-policy local;")) { host in
      try await host.named.rndc("freeze", "contoso.com")
      let held = try await host.zonebridge("--once")
      #expect(held.status == 3)
      #expect(held.standardError.contains("zone contoso.com: held: "))
      #expect(held.standardError.contains("it is frozen (rndc freeze)"))
      #expect(held.standardError.contains("rndc thaw contoso.com"))
      #expect(
        try await host.named.rndc("zonestatus", "contoso.com").standardOutput.contains(
          "frozen: yes"))
      try await host.named.rndc("thaw", "contoso.com")
      #expect(try await host.zonebridge("--once").status == 0)
      // What is in order is not held, frozen or not.
      try await host.named.rndc("freeze", "contoso.com")
      #expect(try await host.zonebridge("--once").status == 0)
    }
  }

  @Test("names that would be hidden are seen, in the file and in the journal")
  func hiddenNames() async throws {
    try await withHost(Self.setup("update-policy local;")) { host in
      try await update(host, "update add deep.below.contoso.com. 60 A 192.0.2.1")
      try await host.configure(alias: "name: below.contoso.com")
      let held = try await host.zonebridge("--once")
      #expect(held.status == 3)
      #expect(
        held.standardError.contains("would hide 1 name of the zone: deep.below.contoso.com"),
        "\(held.standardError)")
      try await host.configure(alias: "name: contoso.com")
      let apex = try await host.zonebridge("diff")
      #expect(apex.status == 3)
      #expect(
        apex.standardError.contains(
          "would hide 2 names of the zone: deep.below.contoso.com, www.contoso.com"),
        "\(apex.standardError)")
      #expect(try await dname(host, "contoso.com") == "")

      try await update(host, "update add other.contoso.com. 60 CNAME www.contoso.com.")
      try await host.configure(alias: "name: other.contoso.com")
      let rival = try await host.zonebridge("--once")
      #expect(rival.status == 3)
      #expect(rival.standardError.contains("other.contoso.com has a CNAME record already"))
    }
  }

  @Test("what named would not load again after a restart is not put in") func restart() async throws
  {
    let zone = """
      $TTL 3600
      @ IN SOA ns.below hostmaster 41 3600 900 1209600 60
      @ IN NS ns.below
      ns.below IN A 127.0.0.1

      """
    try await withHost(Self.setup("update-policy local;", zone: zone)) { host in
      try await host.configure(alias: "name: below.contoso.com\n    allow: [hides-names]")
      let result = try await host.zonebridge("--once")
      #expect(result.status == 1)
      #expect(
        result.standardError.contains(
          "named-checkzone refuses what the dynamic zone contoso.com would be"),
        "\(result.standardError)")
      #expect(result.standardError.contains("is below a DNAME"), "\(result.standardError)")
      #expect(try await dname(host, "below.contoso.com") == "")
    }
  }

  @Test("a DNAME of somebody else's stays, until it is adopted") func adoption() async throws {
    try await withHost(Self.setup("update-policy local;")) { host in
      let old = "mesos.\(Self.otherID).dcos.directory."
      try await update(host, "update add cluster.contoso.com. 604800 DNAME \(old)")
      let held = try await host.zonebridge("--once")
      // It leads nowhere, which is told as well.
      #expect(held.status == 1)
      #expect(held.standardError.contains("that zonebridge did not add"))
      #expect(held.standardError.contains("zonebridge adopt prod"))
      #expect(try await dname(host, "cluster.contoso.com") == old)
      #expect(try await host.zonebridge("remove", "--alias", "cluster.contoso.com").status == 0)
      #expect(try await dname(host, "cluster.contoso.com") == old)

      let adopted = try await host.zonebridge("adopt")
      #expect(adopted.status == 0, "\(adopted.standardError)")
      #expect(try await host.answer("web.marathon.cluster.contoso.com").last == "10.0.0.80")

      // Somebody's own afterwards: it is not taken out.
      let other = "somewhere.example.net."
      try await update(
        host, "update delete cluster.contoso.com. DNAME",
        "update add cluster.contoso.com. 60 DNAME \(other)")
      let foreign = try await host.zonebridge("--once")
      #expect(foreign.status == 3)
      #expect(
        foreign.standardError.contains("leads to \(other), which belongs to no DC/OS cluster"))
      #expect(try await host.zonebridge("remove", "--all").status == 0)
      #expect(try await dname(host, "cluster.contoso.com") == other)
    }
  }

  @Test("a zone that becomes dynamic, and one that is no longer") func change() async throws {
    try await withHost { host in
      #expect(try await host.zonebridge("--once").status == 0)
      let local = try host.text("named.conf.local")
      let dynamic = local.replacing(
        "file \"db.contoso.com\";", with: "file \"db.contoso.com\"; update-policy local;")
      try host.named.write("named.conf.local", dynamic)
      try await host.named.rndc("reconfig")
      #expect(try await host.zonebridge("--once").status == 0)
      // The block in the file shows that the record is ours.
      await host.cluster.setID(Self.otherID)
      let followed = try await host.zonebridge("--once", "--accept", "prod")
      #expect(followed.status == 0, "\(followed.standardError)")
      let id = Self.otherID
      #expect(try await dname(host, "cluster.contoso.com") == "mesos.\(id).dcos.directory.")

      try await host.named.rndc("sync", "-clean", "contoso.com")
      try await eventually("named has written the file anew") {
        try !host.text("db.contoso.com").contains("BEGIN")
      }
      let current = try host.text("named.conf.local")
      try host.named.write("named.conf.local", current.replacing(" update-policy local;", with: ""))
      try await host.named.rndc("reconfig")
      // named wrote the file, and has not read it since.
      try await host.rest("db.contoso.com")
      let back = try await host.zonebridge("--once")
      #expect(back.status == 0, "\(back.standardError)")
      #expect(try host.text("db.contoso.com").contains("; BEGIN zonebridge cluster.contoso.com"))
      #expect(try await dname(host, "cluster.contoso.com") == "mesos.\(id).dcos.directory.")
    }
  }

  @Test(
    "a zone that named signs as well",
    arguments: ["dnssec-policy default;", "dnssec-policy default; inline-signing yes;"])
  func signed(clauses: String) async throws {
    try await withHost(Self.setup("update-policy local; " + clauses)) { host in
      try await eventually("the zone is signed") {
        try await host.named.dig("+dnssec", "contoso.com", "SOA").contains("RRSIG")
      }
      // named goes on signing for a while, and the SOA with it: then the next pass looks anew.
      try await eventually("the alias is put in") {
        try await host.zonebridge("--once").status == 0
      }
      try await eventually("the alias is signed") {
        let answer = try await host.named.dig("+dnssec", "cluster.contoso.com", "DNAME")
        return answer.contains("RRSIG") && answer.contains(".dcos.directory.")
      }
      #expect(try await host.answer("web.marathon.cluster.contoso.com").last == "10.0.0.80")
      let updates = host.updates
      #expect(try await host.zonebridge("--once").status == 0)
      #expect(host.updates == updates)
      // An apex has www below it, and no more: what DNSSEC needs is no name that anybody asks for.
      try await host.configure(alias: "name: contoso.com")
      let held = try await host.zonebridge("diff")
      #expect(held.status == 3)
      #expect(
        held.standardError.contains(
          "would hide 2 names of the zone: cluster.contoso.com, www.contoso.com"),
        "\(held.standardError)")
      #expect(try await host.zonebridge("remove", "--all").status == 0)
      #expect(try await dname(host, "cluster.contoso.com") == "")
    }
  }

  @Test("where the policy lets some names be changed, those are") func policy() async throws {
    let clause = "update-policy { grant updates name b.contoso.com. DNAME; };"
    try await withHost(Self.setup(clause)) { host in
      try await host.configure(
        alias: "{ name: a.contoso.com, cluster: prod }\n  - name: b.contoso.com",
        rest: Self.withKey)
      let result = try await host.zonebridge("--once")
      #expect(result.status == 1)
      #expect(
        result.standardError.contains(
          "alias a.contoso.com: failed: it was not changed in the dynamic zone contoso.com: named "
            + "refused the update"), "\(result.standardError)")
      #expect(!result.standardError.contains("alias b"))
      #expect(try await host.answer("web.marathon.b.contoso.com").last == "10.0.0.80")
      #expect(try await dname(host, "a.contoso.com") == "")
    }
  }

  @Test(
    "in the one view that has it, whether it answers this host or not", arguments: [true, false])
  func view(answers: Bool) async throws {
    let views = """
      view "inside" {
      match-clients { \(answers ? "any" : "key updates"); };
      zone "contoso.com" { type primary; file "db.contoso.com"; allow-update { key updates; }; };
      };
      view "outside" { match-clients { any; }; };

      """
    let setup = NamedSetup(
      statements: Self.updateKey, local: views,
      files: ["db.contoso.com": Host.zone, "updates.key": Self.updateKey])
    try await withHost(setup) { host in
      try await host.configure(
        bind: "rndc: { config: \(host.named.rndcConf) }\n  views: [inside]", rest: Self.withKey)
      let result = try await host.zonebridge("--once")
      #expect(result.status == 0, "\(result.standardError)")
      #expect(result.standardOutput.contains("seen served") == answers)
      #expect(host.updates.count == 1)
      #expect(try await host.zonebridge("--once").status == 0)
      #expect(host.updates.count == 1)
      if answers {
        #expect(try await host.answer("web.marathon.cluster.contoso.com").last == "10.0.0.80")
      }
      let removed = try await host.zonebridge("remove", "--all")
      #expect(removed.status == 0, "\(removed.standardError)")
      #expect(host.updates.count == 2)
    }
  }

  @Test(
    "in a view that answers nobody here nothing can be seen, and so nothing stays")
  func unseen() async throws {
    let setup = NamedSetup(
      statements: Self.updateKey,
      local: """
        view "inside" {
        match-clients { key updates; };
        zone "contoso.com" { type primary; file "db.contoso.com"; allow-update { key updates; }; };
        };

        """,
      files: ["db.contoso.com": Host.zone, "updates.key": Self.updateKey])
    try await withHost(setup) { host in
      try await host.configure(rest: Self.withKey)
      let local = try host.text("named.conf.local")
      let result = try await host.zonebridge("--once")
      #expect(result.status == 1)
      #expect(
        result.standardError.contains(
          "cluster prod: failed: named did not serve it, so it was reverted"),
        "\(result.standardError)")
      #expect(try host.text("named.conf.local") == local)
      // The aliases come after what they lead into.
      #expect(host.updates.isEmpty)
      #expect(!host.changingCommands().contains { $0.contains("reload") })
    }
  }

  @Test("in two views, nobody knows which one an update would reach") func views() async throws {
    let views = ["inside", "outside"].map { view in
      """
      view "\(view)" {
      match-clients { \(view == "inside" ? "127.0.0.1" : "any"); };
      zone "contoso.com" { type primary; file "db.\(view)"; update-policy local; };
      };

      """
    }
    let setup = NamedSetup(
      local: views.joined(),
      files: ["db.inside": Host.zone, "db.outside": Host.zone, "db.contoso.com": ""])
    try await withHost(setup) { host in
      let held = try await host.zonebridge("--once")
      #expect(held.status == 3)
      #expect(
        held.standardError.contains(
          "zone contoso.com in view inside is dynamic, and zone contoso.com in view outside has"),
        "\(held.standardError)")
      #expect(host.updates.isEmpty)
    }
  }

  @Test("without a named to ask, a dynamic zone is held") func asleep() async throws {
    try await withHost(Self.setup("update-policy local;")) { host in
      try await host.configure(bind: "reload: none")
      let held = try await host.zonebridge("--once")
      #expect(held.status == 3)
      #expect(
        held.standardError.contains(
          "accepts a DNAME only by DNS UPDATE: named is not asked (reload: none)"),
        "\(held.standardError)")
    }
  }
}

extension Host {
  /// What was changed by DNS UPDATE, after named's log.
  fileprivate var updates: [Substring] {
    named.log.split(separator: "\n").filter { $0.contains("updating zone") }
  }

  fileprivate func readState(_ name: String) throws -> String {
    String(decoding: try readFile(state.appending(name)), as: UTF8.self)
  }
}

extension String {
  fileprivate func trimmingSuffix(_ suffix: String) -> String {
    hasSuffix(suffix) ? String(dropLast(suffix.count)) : self
  }
}
