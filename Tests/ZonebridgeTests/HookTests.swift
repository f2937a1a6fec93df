import FoundationEssentials
import Logging
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import zonebridge

/// Commands of the operator's.
@Suite("Hooks", .timeLimit(.minutes(2)))
struct HookTests {
  private final class Warnings: Sendable {
    private let texts = Mutex<[String]>([])
    var all: [String] { texts.withLock(\.self) }
    func add(_ text: String) { texts.withLock { $0.append(text) } }
  }

  private func command(_ key: String, _ words: [String]) -> HookCommand {
    HookCommand(key: key, words: words)
  }

  private func hook(_ key: String, _ words: [String]) -> Hook {
    Hook(command: command(key, words))
  }

  private func event(_ kind: EventKind = .changed) -> Event {
    var event = Event(kind, .notice, "change 7: alias a.contoso.com\u{1b}")
    event.add(.alias, ["a.contoso.com"])
    event.add(.change, ["7"])
    return event
  }

  /// The command that runs a script: by its interpreter, since to start a file that was just written fails while
  /// another test's fork still holds it open (ETXTBSY).
  private func script(_ lines: String, in folder: TemporaryFolder) throws -> [String] {
    ["/bin/sh", try folder.write("hook", lines + "\n").string]
  }

  @Test("an event → the program gets it as one JSON object, and its arguments as they are")
  func document() async throws {
    try await withTemporaryFolder { folder in
      let out = folder.path.appending("out")
      let program = try script("cat >\(out); echo \"$# $1 $2\" >>\(out)", in: folder)
      let hook = hook("hooks.change", program + ["$(id) ; x", ""])
      #expect(await hook.run(event(), at: Date(timeIntervalSince1970: 0)) == nil)
      let lines = try folder.text("out").split(separator: "\n")
      #expect(
        lines == [
          """
          {"alias":["a.contoso.com"],"change_id":7,"event":"changed","level":"notice",\
          "message":"change 7: alias a.contoso.com\\u001b",\
          "message_id":"5a51627640134626b26ad4cbb3911dbc","time":"1970-01-01T00:00:00.000Z"}
          """, "2 $(id) ; x ",
        ])
    }
  }

  @Test(
    "a program that fails, is not there or reads nothing → that is said, or there is nothing to say"
  )
  func failures() async throws {
    try await withTemporaryFolder { folder in
      let program = try script("echo 'no repository' >&2; echo more >&2; exit 3", in: folder)
      let failed = await hook("hooks.change", program).run(event(), at: Date())
      #expect(failed == "hooks.change: /bin/sh ended with status 3: no repository")
      let missing = await hook("hooks.problem", ["/nowhere/page"]).run(event(), at: Date())
      #expect(
        missing?.hasPrefix("hooks.problem: cannot start /nowhere/page: ") == true,
        "\(missing ?? "")")
      #expect(await hook("hooks.change", ["/bin/true"]).run(event(), at: Date()) == nil)
    }
  }

  @Test("a program that hangs → it is stopped, and the next one is run")
  func hangs() async throws {
    try await withTemporaryFolder { folder in
      let out = folder.path.appending("out")
      let program = try script(
        "grep -q held && exec sleep 1000; echo done >\(out)", in: folder)
      let warnings = Warnings()
      let queue = HookQueue(
        HooksConfiguration(problem: command("hooks.problem", program)),
        timeout: .seconds(2), warn: warnings.add)
      queue.notice(event(.held))
      queue.notice(event(.resolved))
      await queue.finish()
      #expect(try folder.text("out") == "done\n")
      #expect(
        warnings.all == [
          "hooks.problem: /bin/sh did not end within 2.0 seconds, and was stopped"
        ])
    }
  }

  @Test("events of each kind → the hook that is for them, as the configuration has it by then")
  func kinds() async throws {
    try await withTemporaryFolder { folder in
      let out = folder.path.appending("out")
      let program = try script(
        "sed \"s/.*\\\"event\\\":\\\"\\([a-z-]*\\)\\\".*/$1 \\1/\" >>\(out)", in: folder)
      let queue = HookQueue(HooksConfiguration(), warn: { Issue.record("\($0)") })
      queue.notice(event(.changed))
      queue.follow(
        HooksConfiguration(
          change: command("hooks.change", program + ["change"]),
          problem: command("hooks.problem", program + ["problem"])))
      for kind in EventKind.allCases { queue.notice(event(kind)) }
      await queue.finish()
      #expect(
        try folder.text("out") == """
          problem configuration-refused
          change changed
          change put-back
          change switched
          problem held
          problem hidden
          problem failed
          problem resolved
          change recovered

          """)
    }
  }

  @Test("more calls than may wait → the oldest are left out, and that is said")
  func flood() async throws {
    let warnings = Warnings()
    let queue = HookQueue(
      HooksConfiguration(change: command("hooks.change", ["/bin/true"])), warn: warnings.add)
    for _ in 0..<103 { queue.notice(event()) }
    #expect(
      warnings.all
        == Array(
          repeating: "hooks.change: skipped, because 100 calls of hooks are waiting", count: 3))
    await queue.finish()
  }
}
