import DCOSSimulator
import SystemPackage
import TestSupport
import Testing

/// A pass that does the right things in the wrong order is noticed only when the power fails in it.
@Suite("The order of a pass", .timeLimit(.minutes(10)), .enabled { await canTrace() })
struct OrderTests {
  private static let local = "named.conf.local"
  private static let zone = "db.contoso.com"

  @Test(
    "given a change → what recovers it is on disk before it, named is told after it, and asked last"
  )
  func change() async throws {
    try await withHost { host in
      let folder = host.named.folder.path
      _ = try await run("chmod", arguments: ["640", folder.appending(Self.local).string])
      let steps = try await host.traced("--once")
      let swap = try steps.first("exchange copy of")
      let lastSwap = try steps.last("exchange copy of")

      // The new copies, for nobody to read before they have their owner.
      for (file, mode) in [(Self.local, "0640"), (Self.zone, "0644")] {
        let copy = "copy of \(file)"
        #expect(steps.all("create \(copy)") == ["create \(copy) 0600"])
        #expect(try steps.last("write \(copy)") < steps.first("owner \(copy)"))
        #expect(try steps.last("owner \(copy)") < steps.first("mode \(copy)"))
        #expect(steps.all("mode \(copy)") == ["mode \(copy) \(mode)"])
        #expect(try steps.last("mode \(copy)") < steps.first("flush \(copy)"))
        #expect(try steps.first("flush \(copy)") < swap)
        #expect(steps.all("exchange \(copy)") == ["exchange \(copy) with \(file)"])
      }
      #expect(steps.all("exchange copy of").count == 2)

      // What the next pass has to know if this one dies.
      #expect(try steps.first("rename state/copy of zones to state/zones") < swap)
      let begun = try steps.first("rename state/history/copy of pending to state/history/pending")
      #expect(try steps.first("flush state/history/copy of pending") < begun)
      let journal = try steps.first("create state/journal")
      #expect(try begun < steps.first("flush state/history") && begun < journal)
      #expect(try steps.first("flush state/history") < journal)
      let firstCopy = try steps.first("create copy of")
      #expect(steps.has("flush state/journal", journal..<firstCopy))
      #expect(steps.has("flush state", journal..<firstCopy))
      let noted = try steps.last("write state/journal")
      #expect(try steps.last("flush copy of") < noted)
      #expect(steps.has("flush state/journal", noted..<swap))

      // The change, its history as a part of it, and the end of the journal.
      let kept = try steps.first("rename state/history/copy of 1.json to state/history/1.json")
      #expect(try steps.first("flush state/history/copy of 1.json") < kept)
      #expect(try steps.first("remove state/history/pending") > kept)
      #expect(steps.has("flush .", lastSwap..<kept))
      #expect(try kept < steps.first("remove copy of"))
      let end = try steps.first("remove state/journal")
      #expect(try steps.has("flush .", steps.last("remove copy of")..<end))
      #expect(steps.all("remove state/journal").count == 1)

      // named is told, in the order in which its log has it, and then asked.
      let told = try steps.changingCommands(of: host)
      #expect(told.map(\.words) == host.toldCommands())
      #expect(told.map { $0.words.prefix { $0 != " " } } == ["reconfig", "flushtree", "reload"])
      let begin = try #require(told.first?.began)
      let done = try #require(told.last?.ended)
      #expect(steps.has("flush state", end..<begin))
      let question = "connect to 127.0.0.1:\(host.named.queryPort)"
      #expect(!steps.has(question, swap..<done))
      #expect(try done < steps.last(question))
      #expect(try steps.last(question) < steps.first("create state/copy of status.json"))
      // The masters were asked first whether the alias would lead anywhere.
      let dnsPort = await host.cluster.dnsPort
      #expect(try steps.first("connect to 127.0.20.11:\(dnsPort)") < swap)

      expectNoSecret(in: steps)
    }
  }

  @Test(
    "given nothing to change → no file is made beside BIND's, no journal, and named gets no command"
  )
  func nothing() async throws {
    try await withHost { host in
      #expect(try await host.zonebridge("--once").status == 0)
      let commands = host.changingCommands()
      let steps = try await host.traced("--once")
      #expect(host.changingCommands() == commands)
      let kinds = ["create", "write", "owner", "mode", "flush", "remove"]
      for kind in kinds {
        for words in ["\(kind) copy of", "\(kind) state/journal", "\(kind) state/history"] {
          #expect(steps.all(words).isEmpty)
        }
      }
      #expect(steps.all("exchange copy of").isEmpty)
      #expect(steps.all("flush .").isEmpty)
      // named is asked all the same, and the record is kept.
      _ = try steps.first("connect to 127.0.0.1:\(host.named.queryPort)")
      _ = try steps.first("exchange state/copy of status.json with state/status.json")
    }
  }

  @Test(
    "given a change that is not served → it is reverted as safely as it was made, and named is told again"
  )
  func revert() async throws {
    try await withHost { host in
      let right = try host.text("zonebridge.yaml")
      let text = right.replacing(
        "dns-port: \(await host.cluster.dnsPort)", with: "dns-port: \(try freePort())")
      try host.named.folder.write("zonebridge.yaml", text)
      let steps = try await host.traced("--once", "--accept", "prod", status: 1)
      let journals = steps.positions("create state/journal")
      #expect(journals.count == 2)
      let again = try #require(journals.last)
      let swaps = steps.positions("exchange copy of")
      #expect(swaps.count == 4)
      let back = try #require(swaps.first { $0 > again })
      // The first change was whole and told before.
      #expect(steps.positions("remove state/journal").first.map { $0 < again } == true)
      for file in [Self.local, Self.zone] {
        let copy = try #require(steps.positions("flush copy of \(file)").last)
        #expect(again < copy && copy < back)
      }
      #expect(steps.has("flush state/journal", again..<back))
      #expect(steps.has("flush state", again..<back))
      let end = try steps.last("remove state/journal")
      #expect(try steps.has("flush .", steps.last("exchange copy of")..<end))
      let told = try steps.changingCommands(of: host)
      #expect(told.map(\.words) == host.toldCommands())
      #expect(told.contains { $0.ended < again })
      let second = try #require(told.first { $0.began > again })
      #expect(end < second.began)
      // That it was put back is remembered, and so that it is not tried at once again.
      #expect(try steps.last("remove state/history/1.json") > again)
      expectNoSecret(in: steps)
    }
  }

  @Test(
    "given a dynamic zone → what is ours in it is on disk before the UPDATE, which is asked for after"
  )
  func dynamicZone() async throws {
    let setup = NamedSetup(
      local: """
        zone "contoso.com" { type primary; file "db.contoso.com"; update-policy local; };

        """,
      files: [Self.zone: Host.zone])
    try await withHost(setup) { host in
      let steps = try await host.traced("--once")
      let update = try steps.first("run nsupdate")
      let noted = "state/copy of dynamic-records"
      #expect(try steps.first("flush \(noted)") < steps.first("rename \(noted)"))
      #expect(steps.has("flush state", try steps.first("rename \(noted)")..<update))
      #expect(try steps.first("rename state/history/copy of pending") < update)
      #expect(try steps.first("rename state/history/copy of 1.json") < update)
      // The forward zone answers before a DNAME leads into it.
      let told = try steps.changingCommands(of: host)
      #expect(told.first?.words == "reconfig")
      #expect(told.allSatisfy { $0.ended < update && !$0.words.hasPrefix("reload") })
      let question = "connect to 127.0.0.1:\(host.named.queryPort)"
      #expect(try steps.first("ended nsupdate") < steps.last(question))
      // No file of the zone: named writes it itself.
      #expect(steps.all("create copy of \(Self.zone)").isEmpty)
      expectNoSecret(in: steps, try host.text("session.key"))
    }
  }

  /// Every user of the host can read every command line.
  private func expectNoSecret(in steps: Steps, _ keyFile: String = "") {
    let secrets =
      ["em9uZWJyaWRnZSB0ZXN0IGtleSwgbm90IGEgc2VjcmV0", "secret"]
      + keyFile.split(separator: "\"").map(String.init).filter { $0.hasSuffix("=") }
    let programs = steps.all("run")
    #expect(programs.count > 1)
    for secret in secrets { #expect(!programs.contains { $0.contains(secret) }) }
  }
}

/// The steps of a pass.
private struct Steps {
  struct Missing: Error, CustomStringConvertible {
    let description: String
  }

  struct Command {
    let words: String
    let began: Int
    let ended: Int
  }

  let all: [String]

  func positions(_ words: String) -> [Int] {
    all.indices.filter { all[$0] == words || all[$0].hasPrefix(words + " ") }
  }

  func all(_ words: String) -> [String] { positions(words).map { all[$0] } }

  func first(_ words: String) throws -> Int { try position(words, \.first) }

  func last(_ words: String) throws -> Int { try position(words, \.last) }

  func has(_ words: String, _ range: Range<Int>) -> Bool {
    positions(words).contains { range.contains($0) }
  }

  private func position(_ words: String, _ choose: ([Int]) -> Int?) throws -> Int {
    guard let position = choose(positions(words)) else {
      throw Missing(description: "no \"\(words)\" in:\n\(all.joined(separator: "\n"))")
    }
    return position
  }

  /// What named was told by rndc, and from when to when.
  func changingCommands(of host: Host) throws -> [Command] {
    let rndc = "rndc -c \(host.named.rndcConf.lastComponent?.string ?? "") "
    return try all.indices.compactMap { index in
      guard all[index].hasPrefix("run \(rndc)") else { return nil }
      let words = String(all[index].dropFirst("run \(rndc)".count))
      guard words != "status", !words.hasPrefix("zonestatus") else { return nil }
      let end = positions("ended \(rndc)\(words)").first { $0 > index }
      guard let end else { throw Missing(description: "no end of \(all[index])") }
      return Command(words: words, began: index, ended: end)
    }
  }
}

extension Host {
  /// Runs zonebridge with the configuration, under strace.
  fileprivate func traced(_ arguments: String..., status: Int32 = 0) async throws -> Steps {
    let (result, trace) = try await runTraced(
      try Self.program(), arguments: ["--config", configuration.string] + arguments)
    #expect(result.status == status, "\(result.standardError)")
    return Steps(all: trace.summary(beneath: named.folder.path))
  }

  /// The commands of ``changingCommands()``, without what the log has around them.
  fileprivate func toldCommands() -> [String] {
    changingCommands().compactMap { line in
      line.split(separator: "'").dropFirst().first.map(String.init)
    }
  }
}
