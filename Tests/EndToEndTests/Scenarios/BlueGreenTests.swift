import DCOSSimulator
import Foundation
import SystemPackage
import TestSupport
import Testing

/// The way of the guide, "Move an alias to another cluster", with a client behind a resolver that goes on with the old
/// DNAME for as long as its TTL lets it.
@Suite("blue and green", .serialized, .timeLimit(.minutes(10)))
struct BlueGreenTests {
  @Test("an alias moves, then its old cluster leaves the configuration → no answer fails")
  func move() async throws {
    try await withBlueAndGreen { host, green in
      let cluster = "cluster.contoso.com"
      try await host.configure(blue: host.cluster, green: nil, aliases: [cluster: "blue"])
      try await expectServed(host)
      // The new cluster first, with an alias to try it with.
      let both = [cluster: "blue", "beta.contoso.com": "green"]
      try await host.configure(blue: host.cluster, green: green, aliases: both)
      try await expectServed(host)
      #expect(try await host.answer("web.marathon.beta.contoso.com").last == "10.0.0.90")

      let options = "forward only; forwarders { 127.0.0.1 port \(host.named.queryPort); };"
      try await withNamed(NamedSetup(options: options)) { resolver in
        let client = try NameClient("resolver", asking: resolver, [cluster])
        try await eventually("the client gets answers") { client.answers.count > 20 }
        #expect(client.answers.last?.id == SampleID.published)

        // While the resolver holds the old DNAME, its forward zone is wanted no longer.
        try await host.configure(blue: host.cluster, green: green, aliases: [cluster: "green"])
        #expect(try await host.zonebridge("diff").status == 2)
        try await expectServed(host)
        #expect(try await host.answer("web.marathon.\(cluster)").last == "10.0.0.90")
        try await host.configure(blue: nil, green: green, aliases: [cluster: "green"])
        try await expectOldForwardZoneToGo(host)
        try await goOn(client)

        let answers = client.answers
        #expect(answers.filter { $0.id == nil }.map(\.words) == [])
        // All before the first answer of green's are blue's, and all after it green's: none is led astray.
        let ids = answers.map(\.id)
        let first = try #require(ids.firstIndex(of: SampleID.other))
        #expect(ids[..<first].allSatisfy { $0 == SampleID.published })
        #expect(ids[first...].allSatisfy { $0 == SampleID.other })
      }
    }
  }

  @Test(
    "named has not read the file that moves it, and refuses to → what it serves still resolves",
    arguments: [true, false])
  func unread(isForgotten: Bool) async throws {
    try await withBlueAndGreen { host, green in
      let cluster = "cluster.contoso.com"
      try await host.configure(blue: host.cluster, green: green, aliases: [cluster: "blue"])
      try await expectServed(host)
      // The files alone are changed, and all the time goes by that was meant for the old DNAME.
      let moved = [cluster: "green"]
      try await host.configure(
        blue: host.cluster, green: green, aliases: moved, bind: "reload: none")
      #expect(try await host.zonebridge("--once").status == 0)
      try await Task.sleep(for: .seconds(10))
      if isForgotten {
        try await host.configure(blue: nil, green: green, aliases: moved, bind: "reload: none")
        #expect(try await host.zonebridge("--once").status == 0)
        #expect(try !host.text("named.conf.local").contains(SampleID.published))
      }

      let tools = try await host.toolsThatRefuse("reload")
      try await host.configure(blue: nil, green: green, aliases: moved, bind: "tools: \(tools)")
      let pass = try await host.zonebridge("--once")
      #expect(pass.status == 1, "\(pass)")
      #expect(pass.standardError.contains("permission denied"), "\(pass.standardError)")
      if !isForgotten {
        #expect(try host.text("named.conf.local").contains(SampleID.published))
      }
      #expect(try await host.answer("web.marathon.\(cluster)").last == "10.0.0.80")

      try await host.configure(blue: nil, green: green, aliases: moved)
      #expect(try await host.zonebridge("--once").status == 0)
      #expect(try await host.answer("web.marathon.\(cluster)").last == "10.0.0.90")
    }
  }

  @Test("all is removed, and named refuses to read the zone → the name resolves all the while")
  func refusedRemoval() async throws {
    try await withBlueAndGreen { host, _ in
      let aliases = ["cluster.contoso.com": "blue"]
      try await host.configure(blue: host.cluster, green: nil, aliases: aliases)
      try await expectServed(host)
      let tools = try await host.toolsThatRefuse("reload")
      try await host.configure(
        blue: host.cluster, green: nil, aliases: aliases, bind: "tools: \(tools)")
      let client = try NameClient("front", asking: host.named, Array(aliases.keys))
      try await eventually("the client gets answers") { client.answers.count > 20 }
      let removal = try await host.zonebridge("remove", "--all")
      #expect(removal.status == 1, "\(removal)")
      try await goOn(client)
      #expect(client.answers.filter { $0.id == nil }.map(\.words) == [])
    }
  }

  @Test(
    "the pass that moves it is killed before named is told → the old forward zone outlives the DNAME as it was served",
    .enabled { await canTrace() })
  func killed() async throws {
    try await withBlueAndGreen { host, green in
      let cluster = "cluster.contoso.com"
      let both = [cluster: "blue", "beta.contoso.com": "green"]
      try await host.configure(blue: host.cluster, green: green, aliases: both)
      try await expectServed(host)
      let options = "forward only; forwarders { 127.0.0.1 port \(host.named.queryPort); };"
      try await withNamed(NamedSetup(options: options)) { resolver in
        let client = try NameClient("resolver", asking: resolver, [cluster])
        try await eventually("the client gets answers") { client.answers.count > 20 }

        let moved = [cluster: "green", "beta.contoso.com": "green"]
        try await host.configure(blue: nil, green: green, aliases: moved)
        // The folder is flushed once the file is swapped, and once more when the old one is gone.
        let (cut, trace) = try await runTraced(
          try Host.program(), arguments: ["--config", host.configuration.string, "--once"],
          options: [
            "-P", host.named.folder.path.string, "-e", "trace=fsync", "-e",
            "inject=fsync:signal=SIGKILL:when=2",
          ])
        #expect(cut.status == 128 + 9, "\(trace.steps)")
        #expect(try host.text("db.contoso.com").split(separator: SampleID.other).count == 3)
        #expect(try await host.answer("web.marathon.\(cluster)").last == "10.0.0.80")
        // All the time that was meant for the old DNAME goes by while named goes on serving it.
        try await eventually("what the killed pass remembered is over", within: .seconds(60)) {
          try host.retainedUntil < Date().timeIntervalSince1970
        }
        #expect(try await host.answer("web.marathon.\(cluster)").last == "10.0.0.80")
        let healed = try await host.zonebridge("--once")
        #expect(healed.status == 0, "\(healed.standardError)")
        #expect(healed.standardOutput.contains("sent rndc reload"), "\(healed.standardOutput)")
        #expect(try await host.answer("web.marathon.\(cluster)").last == "10.0.0.90")
        try await expectOldForwardZoneToGo(host)
        try await goOn(client)
        #expect(client.answers.filter { $0.id == nil }.map(\.words) == [])
        #expect(client.answers.last?.id == SampleID.other)
      }
    }
  }

  /// Makes passes until the old forward zone has gone, which it does not at once.
  private func expectOldForwardZoneToGo(_ host: Host) async throws {
    var stayed = 0
    try await eventually("the old forward zone has gone", within: .seconds(120)) {
      let pass = try await host.zonebridge("--once")
      #expect(pass.status == 0, "\(pass.standardError)")
      guard try host.text("named.conf.local").contains(SampleID.published) else { return true }
      stayed += 1
      return false
    }
    #expect(stayed > 0, "it does not go while a resolver may need it")
  }

  /// Lets a client ask some more, and stops it.
  private func goOn(_ client: NameClient) async throws {
    let count = client.answers.count
    try await eventually("the client goes on") { client.answers.count > count + 20 }
    try await client.stop()
  }

  private func expectServed(
    _ host: Host, sourceLocation: Testing.SourceLocation = #_sourceLocation
  ) async throws {
    let pass = try await host.zonebridge("--once")
    #expect(
      pass.status == 0 && pass.standardOutput.hasSuffix("seen served\n"),
      "\(pass.standardOutput)\(pass.standardError)", sourceLocation: sourceLocation)
  }
}

extension Host {
  /// Until when the only forward zone stays that nothing leads into, in seconds since 1970.
  fileprivate var retainedUntil: Double {
    get throws {
      let text = String(decoding: try readFile(state.appending("names")), as: UTF8.self)
      let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("cluster ") })
      return try #require(Double(line.split(separator: " ")[2]))
    }
  }

  /// BIND's programs in a folder, with an rndc that refuses a command.
  fileprivate func toolsThatRefuse(_ command: String) async throws -> FilePath {
    let tools = named.folder.path.appending("tools")
    let names = [
      "rndc", "named-checkconf", "named-checkzone", "named-compilezone", "named-journalprint",
      "nsupdate",
    ]
    let located = try await run(
      "bash",
      arguments: ["-c", "PATH=$PATH:/usr/sbin:/sbin; type -P \(names.joined(separator: " "))"])
    for path in located.standardOutput.split(separator: "\n").map({ FilePath(String($0)) }) {
      guard let name = path.lastComponent?.string else { continue }
      let script = """
        #!/bin/sh
        for word; do
          [ "\(name) $word" != "rndc \(command)" ] || { echo "rndc: '\(command)' failed: permission denied" >&2; exit 1; }
        done
        exec \(path) "$@"

        """
      try named.folder.write(
        "tools/\(name)", Array(script.utf8),
        mode: [.ownerReadWriteExecute, .groupReadExecute, .otherReadExecute])
    }
    return tools
  }

  /// Writes the configuration with some clusters, and aliases with a TTL of 3 s.
  fileprivate func configure(
    blue: SimulatedCluster?, green: SimulatedCluster?, aliases: [String: String],
    bind: String = "reload: rndc"
  ) async throws {
    var text = """
      state-directory: \(state)
      \(ConfigurationText.bind(named, bind))clusters:

      """
    for (name, cluster) in [("blue", blue), ("green", green)] {
      guard let cluster else { continue }
      text += await ConfigurationText.cluster(name, cluster)
    }
    text += "aliases:\n"
    for (owner, cluster) in aliases.sorted(by: { $0.key < $1.key }) {
      text += "  - { name: \(owner), cluster: \(cluster), ttl: 3 }\n"
    }
    try named.folder.write("zonebridge.yaml", text)
  }
}

/// Hands a host to the body, whose own cluster is blue, and a green one.
func withBlueAndGreen(
  _ body: (Host, SimulatedCluster) async throws -> Void
) async throws {
  let green = SimulatedCluster.Configuration(
    id: SampleID.other, masters: ["127.0.21.11", "127.0.21.12", "127.0.21.13"],
    tasks: ["web.marathon": ["10.0.0.90"]])
  try await withHost { host in
    try await withCluster(green) { green in try await body(host, green) }
  }
}
