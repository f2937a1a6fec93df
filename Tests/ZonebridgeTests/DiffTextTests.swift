import BINDText
import DNSNames
import FileChange
import ReconcileModel
import SystemPackage
import Testing

@testable import zonebridge

/// What stands around the patch that `diff` prints.
@Suite("The diff's head and tail", .timeLimit(.minutes(1)))
struct DiffTextTests {
  private func text(_ changes: [Change], applying: String? = "zonebridge run --once") throws
    -> [String]
  {
    var plan = Plan()
    plan.changes = changes
    plan.files = [
      PlannedFile(
        kind: .configuration, path: "/etc/x", edits: [], contents: FileContents(Array("x\n".utf8)))
    ]
    plan.commands = [.reconfig]
    let bytes = DiffText(plan: plan, applying: applying, usesColor: false, isForTerminal: false)
      .bytes
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  @Test(
    "changes → counted, each with its reason, and the command last; all of it passed over by patch")
  func head() throws {
    var new = Change(.alias(try DomainName("a.contoso.com")), ["x"], "new, leads to x")
    new.isNew = true
    let changed = Change(.cluster("prod"), ["x"], "forwarders +10.0.6.71 (masters agree)")
    let gone = Change(.alias(try DomainName("b.contoso.com")), [], "removed")
    #expect(
      try text([new, changed, gone]) == [
        "# pending: 1 cluster changed, +1 alias, -1 alias",
        "# alias a.contoso.com: new, leads to x",
        "# alias b.contoso.com: removed",
        "# cluster prod: forwarders +10.0.6.71 (masters agree)",
        "--- /dev/null", "+++ b/etc/x", "@@ -0,0 +1,1 @@", "+x",
        "# rndc reconfig",
        "# apply this with: zonebridge run --once",
      ])
  }

  @Test("a plan that is about to be applied → the patch and the commands alone")
  func applied() throws {
    #expect(try text([], applying: nil).first == "--- /dev/null")
    #expect(try text([], applying: nil).last == "# rndc reconfig")
  }

  @Test("nothing to change → nothing at all")
  func empty() {
    let text = DiffText(plan: Plan(), applying: "x", usesColor: false, isForTerminal: false)
    #expect(text.bytes == [])
  }

  @Test(
    "a preview → the command that applies it",
    arguments: [
      (["diff"], "run --once"), (["--config", "/x y", "diff"], "run --once --config '/x y'"),
      (["diff", "--accept", "prod", "--color", "never"], "run --once --accept prod"),
      (["--once", "--dry-run"], "run --once"),
      (["run", "--dry-run", "--color=always"], "run --once"),
      (["remove", "--all", "--dry-run"], "remove --all"),
      (["adopt", "--dry-run", "prod"], "adopt prod"),
      (["rollback", "--dry-run", "3"], "rollback 3"),
      (
        ["switch", "a.example", "blue", "--for", "2h", "--dry-run"],
        "switch a.example blue --for 2h"
      ),
    ] as [([String], String)])
  func command(typed: [String], applying: String) {
    #expect(ApplyingCommand(["/usr/sbin/zonebridge"] + typed).text == "zonebridge \(applying)")
  }
}
