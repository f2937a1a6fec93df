import Glibc
import TestSupport
import Testing

/// A named that somebody has taken over may write to its own folders, at any moment.
///
/// It does so just before each single system call of a pass that can see what the names in them lead to, one after the
/// other.
@Suite(
  "A folder that changes under a pass", .timeLimit(.minutes(15)),
  .enabled("only root can be several users, and follow their programs") { await canAttack() })
struct FolderSwapTests {
  private static let companion = "D/.*.zonebridge-*"
  private static let attacks = [
    // The folder is a link to another one, from now on or for a call.
    HostileFolder.Attack(one: "D", other: "E"),
    HostileFolder.Attack(one: "D", other: "E", duration: 1),
    HostileFolder.Attack(one: "D", other: "E", duration: 2),
    // So is the zone file.
    HostileFolder.Attack(one: "D/db", other: "evil"),
    HostileFolder.Attack(one: "D/db", other: "evil", duration: 1),
    // The new copy is something else, or the old file is.
    HostileFolder.Attack(one: companion, other: "evil"),
    HostileFolder.Attack(one: companion, other: "own", duration: 1),
  ]

  @Test(
    "given names that change places before any system call → nothing of anybody else's is touched or read",
    arguments: attacks, HostileFolder.Runner.allCases)
  func swapped(attack: HostileFolder.Attack, runner: HostileFolder.Runner) async throws {
    try await expectNoHarm(to: HostileFolder(runner), by: attack)
  }

  @Test(
    "given the same in a chroot, behind a link that begins at its root → the same",
    arguments: [attacks[0], attacks[3]])
  func swappedInChroot(attack: HostileFolder.Attack) async throws {
    try await expectNoHarm(to: HostileFolder(.root, isChrooted: true), by: attack)
  }

  private func expectNoHarm(
    to site: HostileFolder, by attack: HostileFolder.Attack
  ) async throws {
    let quiet = try await site.pass(attack, before: 0)
    try #require(quiet.pass.status == 0, "\(quiet.pass.standardError)")
    let (before, after) = (site.zoneBefore, try site.zoneText())
    #expect(after?.contains("DNAME") == true)
    #expect(quiet.calls > 15)
    var swaps = 0
    for call in 1... {
      try site.reset()
      let bystanders = try site.bystanders()
      let result = try await site.pass(attack, before: call)
      let occasion = "before call \(call): \(result.pass.standardError)"
      #expect([0, 1].contains(result.pass.status), "\(occasion)")
      #expect(try site.bystanders() == bystanders, "\(occasion)")
      #expect(result.reads == "0", "\(occasion)")
      let text = try site.zoneText()
      #expect(text == before || text == after, "\(occasion)")
      // The pass was over before it.
      guard result.swaps > 0 else { break }
      swaps += 1
    }
    #expect(swaps >= quiet.calls)
    try site.reset()
    let last = try await site.pass(attack, before: 0)
    #expect(last.pass.status == 0, "\(last.pass.standardError)")
    #expect(try site.zoneText() == after)
  }
}

private func canAttack() async -> Bool {
  guard geteuid() == 0, await canTrace() else { return false }
  return (try? await run("setpriv", arguments: ["--version"]).status) == 0
}
