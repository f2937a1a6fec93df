import Foundation
import SystemPackage
import TestSupport
import Testing

/// What shells offer, by the scripts that the package installs.
@Suite("Completion", .serialized, .timeLimit(.minutes(5))) struct CompletionTests {
  @Test("bash: a line up to a tab → names of the configuration and the history, nothing written")
  func bash() async throws { try await names(offered: Self.byBash) }

  @Test(
    "zsh: a line typed up to a tab → names of the configuration and the history, nothing written",
    .enabled(if: isInstalled("zsh"), "zsh is not installed"))
  func zsh() async throws { try await names(offered: Self.byZsh) }

  @Test(
    "fish: a line typed up to a tab → names of the configuration and the history, nothing written",
    .enabled(if: isInstalled("fish") && isInstalled("zsh"), "fish, or zsh's zpty, is not installed")
  )
  func fish() async throws { try await names(offered: Self.byFish) }

  private typealias Offered =
    @Sendable (_ words: [String], TemporaryFolder) async throws -> [String]

  private func names(offered: Offered) async throws {
    try await withTemporaryFolder { folder in
      let site = try StaticSite(folder)
      #expect(try await site.pass().status == 0)
      let program = try Host.program().string
      try FileManager.default.createDirectory(
        atPath: "\(folder.path)/bin", withIntermediateDirectories: true)
      try FileManager.default.createSymbolicLink(
        atPath: "\(folder.path)/bin/zonebridge", withDestinationPath: program)
      for (shell, name) in [("bash", "bash"), ("zsh", "_zonebridge"), ("fish", "fish")] {
        let script = try await run(program, arguments: ["--generate-completion-script", shell])
        #expect(script.status == 0)
        try folder.write(name, script.standardOutput)
      }
      let before = try (site.files, folder.names(in: "state"))
      let config = ["--config", site.configuration.string]

      func offers(_ words: [String]) async throws -> [String] { try await offered(words, folder) }
      #expect(try await Set(["run", "diff", "status", "switch"]).isSubset(of: offers([""])))
      #expect(try await offers(config + ["run", "--once", "--accept", ""]) == ["prod"])
      #expect(try await offers(config + ["diff", "--accept", "p"]) == ["prod"])
      #expect(try await offers(["diff"] + config + ["--accept", ""]) == ["prod"])
      #expect(try await offers(config + ["adopt", ""]).contains("prod"))
      #expect(try await offers(config + ["remove", "--cluster", ""]) == ["prod"])
      #expect(
        try await offers(config + ["remove", "--alias", ""]) == ["a.contoso.com", "a.contoso.net"])
      let removable = try await offers(config + ["remove", ""])
      #expect(Set(["prod", "a.contoso.com", "a.contoso.net"]).isSubset(of: removable))
      #expect(try await offers(config + ["rollback", ""]).contains("1"))
      // The last configuration counts, as it does for the command.
      #expect(
        try await offers(["--config", "/nonexistent.yaml", "diff"] + config + ["--accept", ""])
          == ["prod"])
      // Files, whatever they are called.
      let files = try await offers(["--config", "\(folder.path)/zoneb"])
      #expect(files.count == 1 && site.configuration.string.hasSuffix(files[0]), "\(files)")

      // Nothing to go by is nothing to offer.
      for path in ["/nonexistent.yaml", "\(folder.path)/bind/named.conf", "\(folder.path)"] {
        #expect(try await offers(["--config", path, "diff", "--accept", ""]) == [])
        #expect(try await !offers(["--config", path, "rollback", ""]).contains("1"))
      }
      #expect(try site.files == before.0)
      #expect(try folder.names(in: "state") == before.1)
    }
  }

  /// What bash's script offers for the last of some words; it has to say nothing else.
  private static let byBash: Offered = { words, folder in
    let result = try await run(
      "bash",
      arguments: [
        "-c",
        """
        . "$0"
        COMP_WORDS=("$@")
        COMP_CWORD=$(($# - 1))
        COMP_LINE="$*"
        COMP_POINT=${#COMP_LINE}
        _zonebridge "$1" "${!#}" "${COMP_WORDS[$(($# - 2))]}"
        printf '%s\\n' "${COMPREPLY[@]}"
        """, "\(folder.path)/bash", "\(folder.path)/bin/zonebridge",
      ] + words)
    #expect(result.standardError == "", "\(words)")
    return result.standardOutput.split(separator: "\n").map {
      String($0.split(separator: " ").first ?? $0)
    }.sorted()
  }

  /// What zsh offers for a line that is typed into it, at a terminal of its own.
  private static let byZsh: Offered = { words, folder in
    try await typed(
      words, in: folder,
      """
      zpty shell zsh -f -i
      zpty -w shell "
      PROMPT= PATH=$folder/bin:\\$PATH fpath=($folder \\$fpath)
      autoload -U compinit; compinit -u -D
      compadd() {
        if [[ \\" \\${@[1,(i)(-|--)]} \\" == *' '-[A-Za-z]#[OAD]' '* ]]; then builtin compadd \\"\\$@\\"; return; fi
        local -a found; builtin compadd -A found \\"\\$@\\"; print -rl -- \\$found >> $folder/offered
        builtin compadd \\"\\$@\\"
      }
      finished() { print -r -- 'offer''ed all' }
      comppostfuncs=(finished)
      bindkey '^I' complete-word
      print re''ady"
      zpty -r -m shell unused '*ready*'
      zpty -n -w shell "$line"$'\\t'
      """)
  }

  /// What fish offers for a line that is typed into it, at a terminal of its own: there alone does it know its line.
  private static let byFish: Offered = { words, folder in
    try await typed(
      words, in: folder,
      """
      export TERM=xterm PATH=$folder/bin:$PATH
      zpty shell fish --no-config -i
      zpty -w shell "source $folder/fish
      function look; complete -C (commandline -c) > $folder/offered; echo offer''ed all; end
      function fish_prompt; echo re''ady; end
      bind \\\\cx look"
      repeat 2; do zpty -r -m shell unused '*ready*'; done
      zpty -n -w shell "$line"$'\\x18'
      """)
  }

  /// Types a line by a script of zsh, which has terminals to give (zsh/zpty), and reads what was offered.
  private static func typed(
    _ words: [String], in folder: TemporaryFolder, _ script: String
  ) async throws -> [String] {
    let offered = "\(folder.path)/offered"
    try Data().write(to: URL(fileURLWithPath: offered))
    let result = try await run(
      "zsh",
      arguments: [
        "-f", "-c",
        """
        zmodload zsh/zpty
        folder=$1 line=$2
        \(script)
        zpty -r -m shell unused '*offered all*'
        zpty -d shell
        """, "zsh", "\(folder.path)", (["zonebridge"] + words).joined(separator: " "),
      ])
    #expect(result.status == 0 && result.standardError == "", "\(words): \(result)")
    let text = try String(contentsOfFile: offered, encoding: .utf8)
    try FileManager.default.removeItem(atPath: offered)
    return text.split(separator: "\n").map { String($0.split(separator: "\t")[0]) }.sorted()
  }
}

private func isInstalled(_ program: String) -> Bool {
  ["/usr/bin", "/bin", "/usr/local/bin"].contains {
    FileManager.default.isExecutableFile(atPath: "\($0)/\(program)")
  }
}
