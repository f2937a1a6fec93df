import Glibc
import SystemPackage
import TestSupport
import Testing

/// What a pass keeps belongs together: a journal in one directory and the lock in another would protect nothing.
@Suite(
  "A state directory that changes under a pass", .timeLimit(.minutes(15)),
  .enabled("only root can follow other users' programs") { await canTrace() && geteuid() == 0 })
struct StateSwapTests {
  /// How many calls there are from one swap to the next: each has a pass of its own.
  private static let stride = 9

  @Test(
    "given another directory in its place before any system call → all that is kept is in one of the two"
  )
  func swapped() async throws {
    let site = try HostileFolder(.root)
    let place = site.folder.path.appending("states")
    let text = try site.folder.text("zonebridge.yaml")
    try site.folder.write(
      "zonebridge.yaml",
      text.replacing("\(site.folder.path)/state", with: "\(place)/state"))
    func reset() throws {
      try site.reset()
      removeTree(place)
      for path in [place, place.appending("state"), place.appending("other")] {
        try #require(unsafe mkdir(path.string, 0o700) == 0)
      }
    }
    func kept(in name: String) throws -> [String] {
      try site.folder.names(in: "states/\(name)").filter { $0 != "lock" }
    }
    let attack = HostileFolder.Attack(one: "state", other: "other")
    try reset()
    let quiet = try await site.pass(attack, before: 0, by: 0, in: place)
    try #require(quiet.pass.status == 0, "\(quiet.pass.standardError)")
    let names = try kept(in: "state")
    #expect(names.contains("history") && names.contains("status.json"), "\(names)")
    var swaps = 0
    for call in Swift.stride(from: 1, through: quiet.calls, by: Self.stride) {
      try reset()
      let result = try await site.pass(attack, before: call, by: 0, in: place)
      let occasion = "before call \(call): \(result.pass.standardError)"
      let both = [try kept(in: "state"), try kept(in: "other")]
      #expect(both.contains([]), "\(occasion) \(both)")
      if result.pass.status == 0 {
        #expect(both.contains(names), "\(occasion) \(both)")
      } else {
        // The checkers go to the candidates by their path: what they do not find there is not applied.
        #expect(
          result.pass.status == 1 && both.allSatisfy { !$0.contains("history") }, "\(occasion)")
        #expect(try site.zoneText() == site.zoneBefore, "\(occasion)")
      }
      swaps += result.swaps
    }
    #expect(swaps > 10)
  }
}
