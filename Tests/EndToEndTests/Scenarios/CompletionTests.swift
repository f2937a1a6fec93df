import SystemPackage
import TestSupport
import Testing

/// What bash offers, by the script that the package installs.
@Suite("Completion", .timeLimit(.minutes(5))) struct CompletionTests {
  @Test(
    "a command line up to a tab → names of the configuration and the history, nothing written and no word on errors"
  )
  func names() async throws {
    try await withTemporaryFolder { folder in
      let site = try StaticSite(folder)
      #expect(try await site.pass().status == 0)
      let program = try Host.program().string
      let script = try await run(program, arguments: ["--generate-completion-script", "bash"])
      #expect(script.status == 0)
      try folder.write("completion.bash", script.standardOutput)
      let before = try (site.files, folder.names(in: "state"))
      let config = ["--config", site.configuration.string]

      func offers(_ words: [String]) async throws -> [String] {
        try await offered([program] + words, in: folder)
      }
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
      // Files, whatever they are called.
      #expect(
        try await offers(["--config", "\(folder.path)/zoneb"]) == [site.configuration.string])

      // Nothing to go by is nothing to offer.
      for path in ["/nonexistent.yaml", "\(folder.path)/bind/named.conf", "\(folder.path)"] {
        #expect(try await offers(["--config", path, "diff", "--accept", ""]) == [])
        #expect(try await !offers(["--config", path, "rollback", ""]).contains("1"))
      }
      #expect(try site.files == before.0)
      #expect(try folder.names(in: "state") == before.1)
    }
  }

  /// What the script offers for the last of some words, in their order; it has to say nothing else.
  private func offered(_ words: [String], in folder: TemporaryFolder) async throws -> [String] {
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
        """, "\(folder.path)/completion.bash",
      ] + words)
    #expect(result.standardError == "", "\(words)")
    return result.standardOutput.split(separator: "\n").map {
      String($0.split(separator: " ").first ?? $0)
    }.sorted()
  }
}
