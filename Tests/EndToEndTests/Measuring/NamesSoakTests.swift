import DCOSSimulator
import Foundation
import SystemPackage
import TestSupport
import Testing

/// Names asked for all the while by other processes, of named itself and of a resolver with a cache, while an agent and
/// passes beside it work, their clusters change and fail, and an operator does as he likes.
///
/// `ZONEBRIDGE_NAMES_SOAK` tells for how many seconds, `ZONEBRIDGE_SEED` which history; deploy/soak takes half an hour.
@Suite("A soak of names", .serialized, .timeLimit(.minutes(1440)))
struct NamesSoakTests {
  private static let seconds = ProcessEnvironment["ZONEBRIDGE_NAMES_SOAK"].flatMap { Int($0) } ?? 20
  private static let seed = ProcessEnvironment["ZONEBRIDGE_SEED"].flatMap { UInt64($0) } ?? 1

  @Test("everything happens → no wanted name fails that its cluster still answers for")
  func soak() async throws {
    try await withSoakTown(seed: Self.seed) { town in
      var town = town
      let watch = ForwarderWatch(town.named.namedConfLocal)
      let clients = [
        try NameClient("client", asking: town.named, SoakTown.owners),
        try NameClient("resolver", asking: town.resolver, SoakTown.owners),
      ]
      try town.startAgent()
      let end = ContinuousClock.now + .seconds(Self.seconds)
      while ContinuousClock.now < end {
        try await town.event()
        try town.expectAgent()
        let pause = Int.random(in: 100...2500, using: &town.generator)
        try await Task.sleep(for: .milliseconds(pause))
      }
      try await expectRight(&town)
      for client in clients { try await client.stop() }
      town.chronicle.forwarders = watch.timelines
      for client in clients {
        let report = NameReport(client.answers, by: town.chronicle)
        #expect(report.asked > 0)
        let shown = report.ours.prefix(10).joined(separator: "\n")
        #expect(
          report.ours.isEmpty, "\(client.title): \(report.ours.count) failures of ours\n\(shown)")
        print("names soak, asked by the \(client.title): \(report.summary)")
      }
      print(
        """
        names soak: seed \(Self.seed), \(Self.seconds) s, \(town.chronicle.story.count) events, \(town.passes) \
        passes beside the agent (\(town.switches) switches, \(town.rollbacks) rollbacks), \(town.kills) kills
        """)
    }
  }

  /// Once everything is well, so are all names, and there is nothing left to do.
  private func expectRight(_ town: inout SoakTown) async throws {
    // Two clusters of one ID are one, of which one entry is held.
    for (name, id) in zip(town.clusters.keys.sorted(), SoakTown.ids) {
      try await town.heal(name)
      try await town.change(name) { await $0.setID(id) }
    }
    try await town.thaw()
    try town.refuseNothing()
    for owner in town.aliases.keys {
      town.aliases[owner]?.label = "mesos"
      // Choices end with the aliases that they are for.
      town.aliases[owner]?.follows = false
    }
    try await town.writeConfiguration("everything is well")
    let program = try Host.program().string
    let accepted = town.configured.sorted().flatMap { ["--accept", $0] }
    let arguments = ["--config", town.configuration.string]
    let owners = town.aliases.keys.sorted()
    var said = ""
    try await eventually("all names are well; the last pass said:\n\(said)", within: .seconds(180))
    {
      let pass = try await run(program, arguments: arguments + ["--once"] + accepted)
      said = pass.standardError
      guard pass.status == 0 else { return false }
      for owner in owners {
        let answer = try await town.named.dig("+short", "web.marathon.\(owner)", "A")
        guard answer.hasSuffix("10.0.0.80\n") else { return false }
      }
      return true
    }
    #expect(town.agent?.isRunning == true)
    _ = try await town.agent?.stop()
  }
}

/// Hands a town to the body, and stops everything afterwards.
private func withSoakTown(seed: UInt64, _ body: (SoakTown) async throws -> Void) async throws {
  let local =
    SoakTown.zones.map { "zone \"\($0)\" { type primary; file \"db.\($0)\"; };\n" }.joined()
    + "zone \"dyn.example\" { type primary; file \"dyn\"; update-policy local; };\n"
    + "zone \"side.example\" { type primary; file \"db.side\"; };\n"
  let files = [
    "db.contoso.com": SoakTown.zone, "db.contoso.net": SoakTown.zone, "dyn": SoakTown.zone,
    "db.side": SoakTown.zone,
  ]
  let tasks = ["web.marathon": ["10.0.0.80"]]
  let prod = SimulatedCluster.Configuration(
    id: SoakTown.ids[0], masters: (11...13).map { "127.0.30.\($0)" }, tasks: tasks)
  let next = SimulatedCluster.Configuration(
    id: SoakTown.ids[1], masters: (11...13).map { "127.0.31.\($0)" }, tasks: tasks)
  try await withCluster(prod) { prod in
    try await withCluster(next) { next in
      // What failed is asked again: else a name would go on failing for a second that answers again.
      let setup = NamedSetup(options: "servfail-ttl 0;", local: local, files: files)
      try await withNamed(setup) { named in
        let forwarding = "forward only; forwarders { 127.0.0.1 port \(named.queryPort); };"
        try await withNamed(NamedSetup(options: setup.options + forwarding)) { resolver in
          try await body(
            SoakTown(
              named: named, resolver: resolver, ["prod": prod, "next": next], seed: seed))
        }
      }
    }
  }
}
