import Foundation
import Glibc
import SystemPackage
import TestSupport
import Testing

/// Scripts, cron jobs and units rest on each of them (docs/reference.md), so each is tried on every command that
/// promises it, with what must not happen then.
@Suite("Exit statuses, each on every command that promises it", .timeLimit(.minutes(5)))
struct ExitStatusTests {
  /// A record that somebody wrote by hand after the documentation.
  private static let handwritten = """
    zone "\(SampleID.published).dcos.directory" {
      type forward; forward only; forwarders { 10.0.6.68; };
    };

    """

  /// Runs a command that has to end as said.
  @discardableResult
  private func expect(
    _ site: StaticSite, _ status: Int32, _ arguments: [String], touches: Bool = false,
    sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> ProgramResult {
    let before = try site.traces
    let result = try await site.zonebridge(arguments)
    let words = arguments.joined(separator: " ")
    #expect(
      result.status == status, "\(words): \(result.standardError)", sourceLocation: sourceLocation)
    let after = try site.traces
    if touches {
      #expect(after != before, "\(words)", sourceLocation: sourceLocation)
    } else {
      #expect(after == before, "\(words)", sourceLocation: sourceLocation)
    }
    return result
  }

  // MARK: 0

  @Test("in step, or brought in step → 0 from each command, and nothing on standard error")
  func success() async throws {
    try await withSite { site in
      for (arguments, touches) in [
        (["run", "--once"], true), (["--dry-run"], false), (["run", "--once", "--dry-run"], false),
        (["diff"], false), (["status"], false), (["status", "--json"], false),
        (["validate"], false),
        (["adopt", "--dry-run"], false), (["rollback", "--list"], false),
        (["rollback"], true), (["rollback"], true),
      ] {
        let result = try await expect(site, 0, arguments, touches: touches)
        #expect(result.standardError == "", "\(arguments)")
      }
    }
    try await withSite { site in
      try await expect(site, 0, ["--once"], touches: true)
      // The warning that it comes back is all there is.
      let removed = try await expect(site, 0, ["remove", "--all"], touches: true)
      #expect(removed.standardError.split(separator: "\n").count == 1)
      #expect(try site.files["named.conf"] == site.before["named.conf"])
      try await expect(site, 0, ["remove", "--all", "--dry-run"])
    }
  }

  @Test("run, told to stop → 0, and what it has done stands")
  func stopped() async throws {
    try await withSite { site in
      let agent = try Host.start(with: site.configuration)
      try await eventually("a pass; \(agent.output)") {
        try site.folder.names().contains("state")
          && site.folder.names(in: "state").contains("status.json")
      }
      #expect(try await agent.stop() == 0, "\(agent.output)")
      #expect(try site.text("db.com").contains("DNAME"))
      #expect(agent.output.hasSuffix("<5>stopped\n"))
    }
  }

  // MARK: 1

  @Test(
    "a named.conf that named refuses → 1 from each command, with the place, and no file changed",
    arguments: [
      ["run", "--once"], ["run", "--once", "--dry-run"], ["--dry-run"], ["diff"], ["check"],
      ["adopt"], ["adopt", "--dry-run"], ["remove", "--all"], ["remove", "--all", "--dry-run"],
      ["remove", "a.contoso.com"], ["rollback"], ["rollback", "--dry-run"],
    ])
  func failed(arguments: [String]) async throws {
    try await withSite { site in
      try await expect(site, 0, ["--once"], touches: true)
      try site.folder.write("bind/named.conf", site.text("named.conf") + "nonsense {\n")
      let (files, history) = (try site.files, try site.folder.names(in: "state/history"))
      let result = try await site.zonebridge(arguments)
      #expect(result.status == 1, "\(result.standardError)")
      #expect(
        (result.standardError + result.standardOutput).contains("named.conf:"),
        "\(result.standardError)")
      #expect(try site.files == files)
      #expect(try site.folder.names(in: "state/history") == history)
      #expect(try site.folder.names(in: "tmp") == ["keep"])
    }
  }

  @Test("status, when no pass has ended yet or the last one failed → 1")
  func statusFailed() async throws {
    try await withSite { site in
      try await expect(site, 1, ["status"])
      try site.folder.write("bind/named.conf", "nonsense {\n")
      #expect(try await site.zonebridge(["--once"]).status == 1)
      let result = try await expect(site, 1, ["status"])
      #expect(result.standardOutput.hasPrefix("failed: 1 problem, as of "))
      #expect(result.standardError == "")
    }
  }

  @Test(
    "a history that is missing, empty, damaged or no folder → rollback says so with 1",
    arguments: [nil, "", "nonsense", "{}"] as [String?], [["rollback"], ["rollback", "--dry-run"]])
  func historyGone(_ entry: String?, arguments: [String]) async throws {
    try await withSite { site in
      try await expect(site, 0, ["--once"], touches: true)
      try removeFile(site.folder.path.appending("state/history/1.json"))
      if let entry { try site.folder.write("state/history/1.json", entry) }
      let result = try await expect(site, 1, arguments)
      #expect(result.standardOutput == "")
      let history = "\(site.folder.path)/state/history"
      // A damaged change is not passed over: the one before it would be taken for the last.
      let cause =
        entry == nil
        ? "there is no change in \(history) to be reverted\n"
        : "\(history)/1.json: the file is damaged. Move it away to do without this change"
      #expect(result.standardError.hasPrefix("zonebridge: error: \(cause)"))
    }
  }

  @Test("rollback of more changes than are kept → 1, and none is reverted")
  func tooMany() async throws {
    try await withSite { site in
      try await expect(site, 0, ["--once"], touches: true)
      let result = try await expect(site, 1, ["rollback", "--last", "2"])
      #expect(result.standardError.contains("error: only 1 change is kept; see "))
    }
  }

  @Test(
    "a state directory that cannot be one → 1 from each command that needs it",
    arguments: [["run", "--once"], ["adopt"], ["remove", "--all"], ["rollback"], ["status"]])
  func noStateDirectory(arguments: [String]) async throws {
    try await withSite { site in
      try site.folder.write("state", "a file is in its place\n")
      try await expect(site, 1, arguments)
    }
  }

  // MARK: 2

  @Test(
    "changes are pending → 2 from each preview, which touches nothing, not even the state directory",
    arguments: [
      ["diff"], ["--dry-run"], ["run", "--dry-run"], ["run", "--once", "--dry-run"],
      ["diff", "--json"], ["--dry-run", "--json"], ["--dry-run", "--accept", "prod"],
      ["diff", "--accept", "prod"],
    ])
  func pending(arguments: [String]) async throws {
    try await withSite { site in
      let result = try await expect(site, 2, arguments)
      #expect(result.standardError == "")
      #expect(result.standardOutput.contains("BEGIN zonebridge prod"))
      #expect(try !site.folder.names().contains("state"))
    }
  }

  @Test(
    "something to remove or to revert → 2 from the preview, which touches nothing",
    arguments: [
      ["remove", "--all", "--dry-run"], ["remove", "--dry-run", "a.contoso.com"],
      ["remove", "--dry-run", "--cluster", "prod"], ["remove", "--all", "--dry-run", "--json"],
      ["rollback", "--dry-run"], ["rollback", "--dry-run", "--json"],
    ])
  func pendingRemoval(arguments: [String]) async throws {
    try await withSite { site in
      try await expect(site, 0, ["--once"], touches: true)
      let result = try await expect(site, 2, arguments)
      #expect(result.standardOutput.contains("-; BEGIN zonebridge a.contoso.com"))
    }
  }

  @Test("what was written by hand → 2 from the preview of adopt, 0 from adopt, and 0 after it")
  func pendingAdoption() async throws {
    try await withSite(named: Self.handwritten) { site in
      let result = try await expect(site, 2, ["adopt", "--dry-run"])
      #expect(result.standardOutput.contains("+// BEGIN zonebridge prod"))
      try await expect(site, 2, ["adopt", "--dry-run", "prod"])
      try await expect(site, 0, ["adopt"], touches: true)
      try await expect(site, 0, ["adopt", "--dry-run"])
    }
  }

  // MARK: 3

  @Test(
    "a safeguard holds one alias of two → 3 from each command, and the other alias is applied")
  func held() async throws {
    try await withSite(zone: Host.zone, alias: "contoso.com") { site in
      let words = "alias contoso.com: held: its DNAME would hide 1 name of the zone: www."
      for arguments in [["diff"], ["--dry-run"], ["run", "--once", "--dry-run"]] {
        let result = try await expect(site, 3, arguments)
        #expect(result.standardError.contains(words), "\(arguments)")
        #expect(result.standardOutput.contains("+; BEGIN zonebridge a.contoso.net"))
      }
      let zone = try site.folder.read("bind/db.com")
      let pass = try await expect(site, 3, ["run", "--once"], touches: true)
      #expect(pass.standardError.contains(words))
      #expect(try site.folder.read("bind/db.com") == zone)
      #expect(try site.text("db.net").contains("DNAME"))
      let status = try await expect(site, 3, ["status"])
      #expect(status.standardOutput.hasPrefix("held: 1 change waits for a decision, as of "))
      #expect(try await expect(site, 3, ["status", "--json"]).standardError == "")
      // The second time nothing is left to be applied, and it is held all the same.
      try await expect(site, 3, ["diff"])
      #expect(try await site.zonebridge(["--once"]).status == 3)
      #expect(try site.folder.read("bind/db.com") == zone)
    }
  }

  @Test("a record written by hand → 3 from each command, until adopt")
  func heldUntilAdopted() async throws {
    try await withSite(named: Self.handwritten) { site in
      try await expect(site, 3, ["diff"])
      #expect(try await site.zonebridge(["--once"]).status == 3)
      #expect(try site.files["named.conf"] == site.before["named.conf"])
      try await expect(site, 0, ["adopt"], touches: true)
      try await expect(site, 0, ["--once"], touches: true)
    }
  }

  @Test("one alias held and one failed → 1, for a failure outweighs what is held")
  func heldAndFailed() async throws {
    try await withSite(zone: Host.zone, alias: "contoso.com") { site in
      try site.folder.write("bind/db.net", Host.bareZone + "mail IN A 192.0.2.256\n")
      let before = try site.files
      for arguments in [["diff"], ["--dry-run"]] {
        let result = try await expect(site, 1, arguments)
        #expect(result.standardError.contains("held: its DNAME would hide"), "\(arguments)")
      }
      let result = try await site.zonebridge(["--once"])
      #expect(result.status == 1 && result.standardError.contains("held: its DNAME would hide"))
      #expect(try site.files["db.com"] == before["db.com"])
      #expect(try site.files["db.net"] == before["db.net"])
      try await expect(site, 1, ["status"])
    }
  }

  // MARK: 64

  @Test(
    "a wrong command line, an unknown name among them → 64, and nothing is touched or begun",
    arguments: [
      ["frobnicate"], ["run", "--frobnicate"], ["run", "prod"], ["run", "--accept", "prod"],
      ["run", "--json"], ["run", "--wait", "soon"], ["run", "--log-format", "xml"],
      ["run", "--once", "--accept", "nobody"], ["--once", "--accept", "a.contoso.com"],
      ["--once", "--accept", "prod", "--accept", "nobody"], ["--once", "--wait", "-1"],
      ["--dry-run", "--accept", "nobody"], ["run", "--once", "--dry-run", "--accept", "nobody"],
      ["diff", "prod"], ["diff", "--accept", "nobody"], ["diff", "--color", "often"],
      ["diff", "--dry-run"], ["status", "prod"], ["status", "--max-age", "0"],
      ["status", "--max-age", "1000000001"], ["status", "--frobnicate"], ["check", "prod"],
      ["check", "--frobnicate"], ["adopt", "nobody"], ["adopt", "prod", "nobody"],
      ["adopt", "--dry-run", "nobody"], ["adopt", "a.contoso.com"], ["adopt", "--wait=-1"],
      ["adopt", "--frobnicate"], ["remove", "--alias", "a..b"], ["remove", "--wait=-1"],
      ["remove"], ["remove", "--dry-run"], ["remove", "--all", "prod"],
      ["remove", "--all", "--cluster", "prod"], ["statsu"], ["--once", "statsu"],
      ["help", "statsu"], ["--help", "statsu"], ["help", "run", "diff"], ["statsu", "--help"],
      ["help", "rollback", "--list"], ["--"], ["--", "run"], ["--", "--once"], [""],
      ["--config=", "run"],
      ["remove", "--dry-run", "--alias", "a..b"], ["remove", "--frobnicate"], ["rollback", "0"],
      ["rollback", "-1"], ["rollback", "one"], ["rollback", "--dry-run", "0"],
      ["rollback", "--list", "0"], ["rollback", "--last", "0"], ["rollback", "--last", "2", "1"],
      ["rollback", "--wait=-1"], ["rollback", "--frobnicate"],
    ])
  func usage(arguments: [String]) async throws {
    try await withSite { site in
      let result = try await expect(site, 64, arguments)
      #expect(result.standardOutput == "")
      #expect(result.standardError.hasPrefix("Error: "))
      #expect(try !site.folder.names().contains("state"))
    }
  }

  @Test("a name that is a cluster's and an alias's → 64 from remove, which asks for one of the two")
  func ambiguous() async throws {
    try await withSite { site in
      let text = try site.folder.text("zonebridge.yaml")
      try site.folder.write(
        "zonebridge.yaml",
        text.replacing("name: prod", with: "name: a.contoso.com")
          .replacing("cluster: prod", with: "cluster: a.contoso.com"))
      try await expect(site, 0, ["--once"], touches: true)
      for arguments in [["remove", "a.contoso.com"], ["remove", "--dry-run", "a.contoso.com"]] {
        let result = try await expect(site, 64, arguments)
        #expect(result.standardError.contains("--cluster a.contoso.com or --alias a.contoso.com"))
      }
      try await expect(site, 2, ["remove", "--dry-run", "--alias", "a.contoso.com"])
      let net = try site.folder.read("bind/db.net")
      try await expect(site, 0, ["remove", "--alias", "a.contoso.com"], touches: true)
      #expect(try !site.text("db.com").contains("DNAME"))
      #expect(try site.folder.read("bind/db.net") == net)
    }
  }

  // MARK: 75

  @Test(
    "another pass holds the lock → 75 from each command that changes things, and none is changed")
  func lockHeld() async throws {
    try await withSite { site in
      try await expect(site, 0, ["--once"], touches: true)
      try await site.withLockHeld {
        for arguments in [
          ["run", "--once"], ["run", "--once", "--accept", "prod"], ["run", "--once", "--json"],
          ["adopt"], ["adopt", "prod"], ["remove", "--all"], ["remove", "a.contoso.com"],
          ["rollback"],
          ["rollback", "1"], ["rollback", "--last", "1"], ["rollback", "--json"],
        ] {
          let result = try await expect(site, 75, arguments + ["--wait", "0"])
          #expect(result.standardOutput == "", "\(arguments)")
          let last = result.standardError.split(separator: "\n").last ?? ""
          #expect(last == "zonebridge: error: another pass holds the lock", "\(arguments)")
        }
        // Who gives up after some time says after which.
        let began = ContinuousClock.now
        let result = try await expect(site, 75, ["rollback", "--wait", "1"])
        #expect(ContinuousClock.now - began >= .seconds(1))
        #expect(result.standardError.contains("did not release it within 1.0 seconds"))
      }
      // It was put back by nobody.
      #expect(try site.text("db.com").contains("DNAME"))
    }
  }

  @Test("another pass holds the lock → who only looks waits for nobody")
  func lockHeldWhileLooking() async throws {
    try await withSite { site in
      try await expect(site, 0, ["--once"], touches: true)
      try await site.withLockHeld {
        for (arguments, status) in [
          (["diff"], 0), (["--dry-run"], 0), (["run", "--once", "--dry-run"], 0), (["status"], 0),
          (["adopt", "--dry-run"], 0), (["remove", "--all", "--dry-run"], 2),
          (["rollback", "--dry-run"], 2), (["rollback", "--list"], 0),
        ] as [([String], Int32)] {
          let began = ContinuousClock.now
          try await expect(site, status, arguments)
          #expect(ContinuousClock.now - began < .seconds(15), "\(arguments)")
        }
      }
    }
  }

  @Test(
    "the lock is released within the time → each command goes on and does its work",
    arguments: [["run", "--once"], ["remove", "--all"], ["rollback"]])
  func lockReleased(arguments: [String]) async throws {
    try await withSite { site in
      if arguments != ["run", "--once"] { try await expect(site, 0, ["--once"], touches: true) }
      let isWritten = try site.text("db.com").contains("DNAME")
      let result = try await site.withLockHeld { release in
        async let waiting = site.zonebridge(arguments)
        try await Task.sleep(for: .milliseconds(300))
        #expect(try site.text("db.com").contains("DNAME") == isWritten)
        try await release()
        return try await waiting
      }
      #expect(result.status == 0, "\(result.standardError)")
      #expect(try site.text("db.com").contains("DNAME") != isWritten)
    }
  }

  // MARK: 78

  private static let commands = [
    ["run"], ["run", "--once"], ["--once"], ["run", "--once", "--dry-run"], ["--dry-run"], ["diff"],
    ["status"], ["check"], ["validate"], ["adopt"], ["adopt", "--dry-run"], ["remove", "--all"],
    ["remove", "--all", "--dry-run"],
    ["remove", "a.contoso.com"],
  ]

  @Test(
    "a wrong configuration → 78 from each command, with file, line and key, and nothing is touched",
    arguments: commands)
  func wrongConfiguration(arguments: [String]) async throws {
    try await withSite { site in
      let text = try site.folder.text("zonebridge.yaml")
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false).count
      for (text, words) in [
        (
          text + "intervall: 3s\n",
          "zonebridge.yaml:\(lines): intervall: unknown key. Did you mean interval?"
        ),
        ("clusters: none\n", "zonebridge.yaml:1: clusters: is a single value, not a list"),
        ("clusters: [[[ {\n", "zonebridge.yaml:2: not YAML: "),
        ("", "zonebridge.yaml:1: the file is empty"),
      ] {
        try site.folder.write("zonebridge.yaml", text)
        let result = try await expect(site, 78, arguments)
        #expect(result.standardError.contains(words), "\(result.standardError)")
        #expect(result.standardError.split(separator: "\n").count == 1)
        #expect(result.standardOutput == "")
        #expect(try !site.folder.names().contains("state"))
      }
    }
  }

  @Test(
    "a configuration that is missing or cannot be read → 78 from each command",
    arguments: commands)
  func noConfiguration(arguments: [String]) async throws {
    try await withSite { site in
      try removeFile(site.configuration)
      let missing = try await expect(site, 78, arguments)
      #expect(missing.standardError.contains("zonebridge.yaml: No such file or directory. "))
      try site.folder.write("zonebridge.yaml/file", "")
      let folder = try await expect(site, 78, arguments)
      #expect(folder.standardError.contains("is a directory, not a regular file"))
    }
  }

  @Test("a file that it names is missing → 78 with line and key from each command that needs it")
  func missingFile() async throws {
    try await withSite { site in
      let cluster = "  - { name: next, masters: [https://127.0.0.1:1], token-file: nowhere }\n"
      let text = try site.folder.text("zonebridge.yaml")
      try site.folder.write(
        "zonebridge.yaml", text.replacing("aliases:\n", with: "\(cluster)aliases:\n"))
      for arguments in [["validate"], ["diff"], ["check"], ["run"], ["--once"], ["adopt"]] {
        let result = try await expect(site, 78, arguments)
        #expect(
          result.standardError.hasSuffix(
            """
            zonebridge.yaml:8: clusters[1].token-file: \(site.folder.path)/nowhere does not exist. Write \
            the file there, or correct its path here

            """), "\(result.standardError)")
      }
      // They ask no master.
      try await expect(site, 0, ["remove", "--all"], touches: true)
      try await expect(site, 1, ["status"])
      // In CI the files are not there.
      try await expect(site, 0, ["validate", "--no-files"])
    }
  }

  @Test(
    "a file that it names cannot be read → 78, with who cannot and why",
    .enabled(if: geteuid() == 0, "only root can become another user"))
  func unreadableFile() async throws {
    try await withSite { site in
      try site.folder.write("token", Array("x\n".utf8), mode: [.ownerReadWrite])
      let cluster = "  - { name: next, masters: [https://127.0.0.1:1], token-file: token }\n"
      let text = try site.folder.text("zonebridge.yaml")
      try site.folder.write(
        "zonebridge.yaml", text.replacing("aliases:\n", with: "\(cluster)aliases:\n"))
      let result = try await run(
        "setpriv",
        arguments: [
          "--reuid=65534", "--regid=65534", "--clear-groups", try Host.program().string,
          "--config", site.configuration.string, "validate",
        ])
      #expect(result.status == 78)
      #expect(
        result.standardError.contains(
          "clusters[1].token-file: nobody cannot read \(site.folder.path)/token: Permission denied. "
        ),
        "\(result)")
    }
  }

  @Test("a wrong configuration → one JSON document from check --json as well, with 78")
  func wrongConfigurationAsJSON() async throws {
    try await withSite { site in
      try site.folder.write("zonebridge.yaml", "clusters: none\n")
      let result = try await expect(site, 78, ["check", "--json"])
      let report = try Checked(result.standardOutput)
      #expect(report.result == "broken" && report.links.count == 1)
      #expect(report.links.first?.finding.contains("zonebridge.yaml:1: clusters: ") == true)
      for arguments in [["diff", "--json"], ["--once", "--json"], ["status", "--json"]] {
        #expect(try await expect(site, 78, arguments).standardOutput == "")
      }
    }
  }

  @Test("a wrong configuration → rollback and status go by --state-directory alone")
  func withoutConfiguration() async throws {
    try await withSite { site in
      try await expect(site, 0, ["--once"], touches: true)
      let state = "\(site.folder.path)/state"
      try site.folder.write("zonebridge.yaml", "clusters: none\n")
      // Where the state is, the configuration does not say any more: this host's own is not to be used.
      let list = try await expect(
        site, 0, ["rollback", "--list", "--state-directory", state])
      #expect(list.standardOutput.hasPrefix("1\t"))
      try await expect(site, 2, ["rollback", "--dry-run", "--state-directory", state])
      try await expect(site, 0, ["status", "--state-directory", state])
      let result = try await expect(
        site, 0, ["rollback", "--state-directory", state], touches: true)
      #expect(result.standardError.contains("warning: \(site.configuration):1: clusters: "))
      #expect(try !site.text("db.com").contains("DNAME"))
    }
  }

  // MARK: Which configuration, and how it is shown

  @Test("--config, else $ZONEBRIDGE_CONFIG → that file and no other; the option has precedence")
  func whichConfiguration() async throws {
    try await withSite { site in
      let program = try Host.program().string
      let (right, wrong) = (site.configuration.string, "\(site.folder.path)/none.yaml")
      for (arguments, variable, status) in [
        (["diff"], right, 2), (["diff"], wrong, 78), (["diff", "--config", right], wrong, 2),
        (["--config", right, "diff"], wrong, 2), (["diff", "--config", wrong], right, 78),
      ] as [([String], String, Int32)] {
        let result = try await run(
          program, arguments: arguments, environment: ["ZONEBRIDGE_CONFIG": variable])
        #expect(result.status == status, "\(arguments), \(variable): \(result.standardError)")
      }
    }
  }

  @Test("--color and NO_COLOR → colour where it is wanted, and none in a pipe by itself")
  func color() async throws {
    try await withSite { site in
      for (option, variable, isColored) in [
        (nil, nil, false), ("auto", nil, false), ("never", nil, false), ("always", nil, true),
        ("always", "1", true), (nil, "1", false),
      ] as [(String?, String?, Bool)] {
        let result = try await run(
          try Host.program().string,
          arguments: ["--config", site.configuration.string, "diff"]
            + (option.map { ["--color", $0] } ?? []),
          environment: variable.map { ["NO_COLOR": $0] } ?? [:])
        #expect(result.status == 2)
        #expect(result.standardOutput.contains("\u{1b}[32m+") == isColored, "\(option ?? "")")
        #expect(result.standardOutput.contains("\u{1b}") == isColored)
      }
    }
  }

  // MARK: JSON

  @Test("--json → one JSON document on standard output, whatever the command comes to")
  func json() async throws {
    try await withSite(zone: Host.zone, alias: "contoso.com") { site in
      for (arguments, status, result) in [
        (["diff", "--json"], 3, "held"), (["--dry-run", "--json"], 3, "held"),
        (["run", "--once", "--json"], 3, "held"), (["status", "--json"], 3, nil),
        (["check", "--json"], 1, "broken"),
        (["remove", "--all", "--dry-run", "--json"], 2, "pending"),
        (["remove", "--all", "--json"], 0, "applied"),
        (["remove", "--all", "--json"], 0, "in-sync"),
        (["rollback", "--dry-run", "--json"], 2, "pending"),
        (["rollback", "--json"], 0, "applied"), (["adopt", "--json"], 0, "in-sync"),
        (["adopt", "--dry-run", "--json"], 0, "in-sync"),
      ] as [([String], Int32, String?)] {
        let output = try await site.zonebridge(arguments)
        #expect(output.status == status, "\(arguments): \(output.standardError)")
        let document = try #require(output.document, "\(arguments): \(output.standardOutput)")
        #expect(document["result"] as? String == result, "\(arguments)")
        #expect(document["state"] as? String == (result == nil ? "held" : nil), "\(arguments)")
        #expect(!output.standardError.contains("{"), "\(arguments)")
      }
      try site.folder.write("bind/named.conf", "nonsense {\n")
      for arguments in [
        ["diff", "--json"], ["--once", "--json"], ["adopt", "--json"],
        ["remove", "--all", "--json"],
        ["rollback", "--json"], ["rollback", "--dry-run", "--json"],
      ] {
        let output = try await site.zonebridge(arguments)
        #expect(output.status == 1)
        let document = try #require(output.document, "\(arguments): \(output.standardOutput)")
        #expect(document["result"] as? String == "failed")
        let problems = try #require(document["problems"] as? [[String: Any]])
        #expect((problems.first?["reason"] as? String)?.contains("named.conf:") == true)
      }
    }
  }
}

/// Hands a site to the body, whose first zone and alias are given; what is added to named.conf is.
private func withSite(
  zone: String? = nil, alias: String? = nil, named: String = "",
  _ body: (StaticSite) async throws -> Void
) async throws {
  try await withTemporaryFolder { folder in
    var site = try StaticSite(folder)
    if let zone { try folder.write("bind/db.com", zone) }
    if !named.isEmpty { try folder.write("bind/named.conf", site.text("named.conf") + named) }
    if let alias {
      let text = try folder.text("zonebridge.yaml")
      try folder.write("zonebridge.yaml", text.replacing("a.contoso.com", with: alias))
    }
    site = try site.asItIs()
    try await body(site)
  }
}

extension StaticSite {
  fileprivate func text(_ name: String) throws -> String { try folder.text("bind/\(name)") }

  /// All files and folders, with their inodes, times and contents.
  fileprivate var traces: [String: [UInt8]] {
    get throws { try Self.traces(of: folder.path) }
  }

  private static func traces(of path: FilePath) throws -> [String: [UInt8]] {
    var traces: [String: [UInt8]] = [:]
    for name in try listFolder(path) {
      let entry = path.appending(name)
      let status = try entry.stat(followTargetSymlink: false)
      let time = "\(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)"
      if status.type == .directory {
        // A look makes scratch folders in tmp, and takes them away.
        traces["\(entry) \(status.inode) \(name == "tmp" ? "" : time)"] = []
        traces.merge(try Self.traces(of: entry)) { $1 }
      } else {
        traces["\(entry) \(status.inode) \(time)"] = try readFile(entry)
      }
    }
    return traces
  }

  /// Another process has the lock, until the body ends or releases it.
  fileprivate func withLockHeld<Result>(
    _ body: (_ release: () async throws -> Void) async throws -> Result
  ) async throws -> Result {
    let holder = try await LockHolder(in: folder.path.appending("state"))
    return try await body { try await holder.release() }
  }

  fileprivate func withLockHeld(_ body: () async throws -> Void) async throws {
    try await withLockHeld { _ in try await body() }
  }
}

extension ProgramResult {
  /// Standard output as one JSON object; nil if it is not that.
  fileprivate var document: [String: Any]? {
    (try? JSONSerialization.jsonObject(with: Data(standardOutput.utf8))) as? [String: Any]
  }
}
