import DNSNames
import Named
import SystemPackage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct UpdateClientTests {
  private let alias: ZoneRecord
  private let tools: NamedTools

  init() throws {
    tools = try NamedTools.locate()
    alias = ZoneRecord(
      owner: try DomainName("foo.dynamic.test."), type: .dname, rdata: "mesos.a.dcos.directory.")
  }

  private func client(_ named: RunningNamed) throws -> UpdateClient {
    UpdateClient(
      tool: try tools.nsupdate.get(),
      server: try Endpoint(host: "127.0.0.1", port: named.queryPort))
  }

  private func update(
    _ prerequisites: [DynamicUpdate.Prerequisite], _ changes: [DynamicUpdate.Change]
  ) throws -> DynamicUpdate {
    DynamicUpdate(
      zone: try DomainName("dynamic.test."), prerequisites: prerequisites, changes: changes)
  }

  @Test func aRecordIsPutInExchangedAndTakenOutOnlyIfItIsWhatItWas() async throws {
    try await withNamed(ReferenceZones.setup) { named in
      let client = try client(named)
      let key = named.folder.path.appending("session.key")
      func answer() async throws -> String {
        try await named.dig("+noall", "+answer", "\(alias.owner)", "DNAME")
      }
      let insertion = try update(
        [.absent(owner: alias.owner, type: .dname), .absent(owner: alias.owner, type: .cname)],
        [.add(alias, ttl: 60)])
      try await client.send(insertion, key: key)
      #expect(try await answer().contains("\t60\tIN\tDNAME\tmesos.a.dcos.directory.\n"))
      await #expect(throws: UpdateError.prerequisite(.rrsetExists)) {
        try await client.send(insertion, key: key)
      }

      var other = alias
      other.rdata = "mesos.b.dcos.directory."
      let exchange = try update([.only(alias)], [.delete(alias), .add(other, ttl: 30)])
      try await client.send(exchange, key: key)
      #expect(try await answer().contains("\t30\tIN\tDNAME\tmesos.b.dcos.directory.\n"))
      for stale in [exchange, try update([.only(alias)], [.delete(alias)])] {
        await #expect(throws: UpdateError.prerequisite(.rrsetMissing)) {
          try await client.send(stale, key: key)
        }
      }
      #expect(try await answer().contains("mesos.b.dcos.directory."))
      try await client.send(update([.only(other)], [.delete(other)]), key: key)
      #expect(try await answer() == "")
    }
  }

  @Test func whatKeepsAnUpdateFromBeingMadeIsTold() async throws {
    try await withNamed(ReferenceZones.setup) { named in
      let client = try client(named)
      let session = named.folder.path.appending("session.key")
      let insertion = try update([], [.add(alias, ttl: 60)])

      // named knows the key of rndc, which update-policy local does not name.
      await #expect(throws: UpdateError.refused(key: named.keyFile)) {
        try await client.send(insertion, key: named.keyFile)
      }
      let missing = named.folder.path.appending("nothing.key")
      await #expect(throws: UpdateError.unreadableKey(missing, reason: "file not found")) {
        try await client.send(insertion, key: missing)
      }
      let text = try named.folder.text("session.key")
      let unknown = try named.write("unknown.key", text.replacing("local-ddns", with: "nobody"))
      await #expect(throws: UpdateError.keyRejected(key: unknown, reason: "BADKEY")) {
        try await client.send(insertion, key: unknown)
      }
      let secret = try named.write(
        "secret.key",
        "key local-ddns { algorithm hmac-sha256; secret \"YSBzZWNyZXQgb2Ygc29tZWJvZHk=\"; };\n")
      await #expect(throws: UpdateError.keyRejected(key: secret, reason: "BADSIG")) {
        try await client.send(insertion, key: secret)
      }
      for zone in ["elsewhere.test.", "forward.test."] {
        let stray = try DynamicUpdate(
          zone: DomainName(zone),
          changes: [
            .add(ZoneRecord(owner: DomainName("a.\(zone)"), type: .dname, rdata: "b."), ttl: 1)
          ])
        await #expect(throws: UpdateError.notAuthoritative) {
          try await client.send(stray, key: session)
        }
      }
      // A zone that takes no updates at all.
      let fixed = try DynamicUpdate(
        zone: DomainName("plain.test."),
        changes: [
          .add(ZoneRecord(owner: DomainName("a.plain.test."), type: .dname, rdata: "b."), ttl: 1)
        ])
      await #expect(throws: UpdateError.refused(key: session)) {
        try await client.send(fixed, key: session)
      }
      let nobody = try Endpoint(host: "127.0.0.1", port: try freePort())
      let lost = UpdateClient(tool: try tools.nsupdate.get(), server: nobody)
      await #expect(throws: UpdateError.unanswered(nobody, reason: "connection refused")) {
        try await lost.send(insertion, key: session)
      }
      let log = named.log
      #expect(!log.contains("adding an RR"))
    }
  }

  @Test func aServerThatSaysNothingIsGivenUp() async throws {
    let listener = try SilentListener()
    let client = UpdateClient(
      tool: try tools.nsupdate.get(), server: try Endpoint(host: "127.0.0.1", port: listener.port),
      timeout: .seconds(1))
    try await withTemporaryFolder { folder in
      let key = try folder.write(
        "key", "key k { algorithm hmac-sha256; secret \"YSBzZWNyZXQgb2Ygc29tZWJvZHk=\"; };\n")
      let error = await #expect(throws: UpdateError.self) {
        try await client.send(update([], [.add(alias, ttl: 60)]), key: key)
      }
      #expect("\(try #require(error))".contains("gave no answer: timed out"), "\(error as Any)")
    }
  }
}
