import DCOSSimulator
import TestSupport
import Testing

@Suite("dcos-net's DNS, as captured", .timeLimit(.minutes(3)))
struct ClusterZonesTests {
  static let captures = Fixture.names(in: "dns")

  @Test func everyCaptureIsThere() {
    #expect(Self.captures.count == 16)
  }

  /// Each captured question is put again by dig, and what it prints is compared line by line: status,
  /// flags, EDNS, the sections and the size of the message.
  @Test(arguments: captures)
  func anAnswerIsWhatTheRealOneSaid(_ file: String) async throws {
    let captured = try Fixture.text("dns/\(file)")
    let question = try #require(captured.firstMatch(of: /\n;(\S+)\s+IN\s+(\S+)\n/))
    let (name, type) = (String(question.1), String(question.2))
    try await withCluster(.init(masters: AdminRouterTests.masters)) { cluster in
      let answer =
        captured.contains("(TCP)")
        ? try await cluster.dig(name, type, "+tcp", at: "127.0.0.11")
        : try await cluster.dig(name, type, at: "127.0.0.11")
      #expect(comparable(answer) == comparable(captured))
    }
  }

  @Test func aTaskIsFoundOverUDPAndTCP() async throws {
    try await withCluster(
      .init(
        masters: ["127.0.5.1"],
        tasks: ["web.marathon": ["10.0.0.80", "10.0.0.81", "2001:db8::80"]])
    ) { cluster in
      let name = "web.marathon.mesos.\(await cluster.id).dcos.directory"
      for transport in ["+notcp", "+tcp"] {
        let a = try await cluster.dig("+short", transport, name, "A", at: "127.0.5.1")
        #expect(a.split(separator: "\n").sorted() == ["10.0.0.80", "10.0.0.81"])
        let aaaa = try await cluster.dig("+short", transport, name, "AAAA", at: "127.0.5.1")
        #expect(aaaa == "2001:db8::80\n")
      }
      // The name between exists, and has nothing.
      let between = try await cluster.dig(
        "marathon.mesos.\(await cluster.id).dcos.directory", "A", at: "127.0.5.1")
      #expect(between.contains("status: NOERROR") && between.contains("ANSWER: 0"))
    }
  }

  @Test func anAnswerTooLongForUDPComesOverTCP() async throws {
    let addresses = (0..<200).map { "10.0.1.\($0)" }
    try await withCluster(
      .init(masters: ["127.0.5.2"], tasks: ["wide": addresses])
    ) { cluster in
      let name = "wide.mesos.\(await cluster.id).dcos.directory"
      let cut = try await cluster.dig("+ignore", name, "A", at: "127.0.5.2")
      #expect(cut.contains("flags: qr aa tc rd;") && cut.contains("ANSWER: 0"))
      let whole = try await cluster.dig("+short", name, "A", at: "127.0.5.2")
      #expect(whole.split(separator: "\n").count == 200)
    }
  }

  @Test func aQuestionWithoutEDNSGetsAnAnswerWithout() async throws {
    try await withCluster(.init(masters: ["127.0.5.3"])) { cluster in
      let answer = try await cluster.dig(
        "+noedns", "leader.mesos.\(await cluster.id).dcos.directory", "A", at: "127.0.5.3")
      #expect(answer.contains("ADDITIONAL: 0") && answer.contains("127.0.5.3\n"))
    }
  }

  @Test func anotherIDMovesTheZones() async throws {
    let other = SampleID.other
    try await withCluster(.init(masters: ["127.0.5.4"])) { cluster in
      let old = await cluster.id
      await cluster.setID(other)
      let at = { (id: String) in "leader.mesos.\(id).dcos.directory" }
      #expect(try await cluster.dig(at(other), at: "127.0.5.4").contains("status: NOERROR"))
      #expect(try await cluster.dig(at(old), at: "127.0.5.4").contains("status: SERVFAIL"))
      let key = try await cluster.get("/navstar/lashup/key", from: "127.0.5.4")
      #expect(key.text.contains(#""zbase32_public_key":"\#(other)""#))
    }
  }

  @Test(
    "capitals in a question → the cluster's part comes back in small letters, what is before it as it was asked"
  )
  func capitals() async throws {
    try await withCluster(.init(masters: ["127.0.5.5"])) { cluster in
      let id = await cluster.id
      let asked = "LEADER.Mesos.\(id.uppercased()).DCOS.directory"
      for transport in ["+notcp", "+tcp"] {
        let answer = try await cluster.dig(transport, asked, "A", at: "127.0.5.5")
        let name = "LEADER.mesos.\(id).dcos.directory."
        #expect(answer.contains("\n;\(name)"), "\(answer)")
        #expect(answer.contains("\n\(name) 5 IN A"), "\(answer)")
      }
      // Its name for itself is not renamed.
      let own = try await cluster.dig("Leader.MESOS.thisdcos.DIRECTORY", "A", at: "127.0.5.5")
      #expect(own.contains("\nLeader.MESOS.thisdcos.DIRECTORY. 5 IN"), "\(own)")
    }
  }

  @Test("thisnode → the address of the master that is asked; a name below it is none")
  func thisNode() async throws {
    try await withCluster(.init(masters: ["127.0.5.6", "127.0.5.7"])) { cluster in
      for master in ["127.0.5.6", "127.0.5.7"] {
        let name = "thisnode.\(await cluster.id).dcos.directory"
        let own = try await cluster.dig("+short", name, "A", at: master)
        #expect(own == "\(master)\n")
        let below = try await cluster.dig("x.\(name)", at: master)
        #expect(below.contains("status: NXDOMAIN"))
      }
    }
  }

  @Test("ANY → every record of the name") func any() async throws {
    try await withCluster(.init(masters: ["127.0.5.8"])) { cluster in
      let id = await cluster.id
      let leader = try await cluster.dig(
        "+short", "leader.mesos.\(id).dcos.directory", "ANY", at: "127.0.5.8")
      #expect(leader == "127.0.5.8\n")
      let label = try await cluster.dig(
        "+short", "mesos.\(id).dcos.directory", "ANY", at: "127.0.5.8")
      #expect(label.contains("support.mesosphere.com.") && label.contains("\nns.spartan.\n"))
    }
  }

  @Test("dead upstream resolvers → silence for a foreign ID and the apex, and nothing else")
  func deadUpstream() async throws {
    try await withCluster(.init(masters: ["127.0.5.9"], upstream: .dead)) { cluster in
      let id = await cluster.id
      for name in ["mesos.\(SampleID.other).dcos.directory", "\(id).dcos.directory"] {
        let answer = try await cluster.dig("+time=1", name, "SOA", at: "127.0.5.9")
        #expect(answer.contains("timed out"), "\(answer)")
      }
      let leader = "leader.mesos.\(id).dcos.directory"
      #expect(try await cluster.dig("+short", leader, at: "127.0.5.9") == "127.0.5.9\n")
    }
  }

  /// What of dig's output does not change from one question to the next, records in a fixed order.
  private func comparable(_ text: String) -> [String] {
    let passing = [";; Query time", ";; SERVER", ";; WHEN", "; <<>>", "; (", ";; global options"]
    let lines = text.split(separator: "\n").map(String.init)
      .filter { line in !passing.contains { line.hasPrefix($0) } }
      .map { line in
        line.replacing(/id: \d+/, with: "id: N")
          .replacing(/COOKIE: [0-9a-f]+/, with: "COOKIE: C")
          .replacing(/[ \t]+/, with: " ")
      }
    let records = lines.filter { !$0.hasPrefix(";") }.sorted()
    return lines.filter { $0.hasPrefix(";") } + records
  }
}
