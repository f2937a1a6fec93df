import SystemPackage
import TestSupport
import Testing

@Suite("What is printed", .serialized, .timeLimit(.minutes(5)))
struct OutputTests {
  private func zonebridge(_ folder: TemporaryFolder, _ arguments: String...) async throws
    -> ProgramResult
  {
    try await run(
      try Host.program().string,
      arguments: ["--config", "\(folder.path)/zonebridge.yaml"] + arguments)
  }

  private func expectPrintable(
    _ text: String, _ what: String, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let others = text.unicodeScalars.filter { scalar in
      scalar != "\n" && scalar != "\t"
        && (scalar.value < 0x20 || (0x7f..<0xa0).contains(scalar.value))
        || scalar.properties.generalCategory == .format
    }
    #expect(others.isEmpty, "\(what): \(Array(others)) in \(text)", sourceLocation: sourceLocation)
  }

  @Test(
    "files that steer a terminal → messages say what is wrong with them, in letters",
    arguments: [
      ("db.com", "a..\u{1b}]0;pwned\u{7}\u{1b}[31mb A 192.0.2.2\n"),
      ("db.com", "x IN \u{1b}]0;pwned\u{7} y\n"),
      ("db.com", "$INCLUDE \"/tmp/\u{1b}[2Jx\"\n"), ("db.com", "$ORIGIN \u{1b}[2J..\n"),
      ("db.com", "$FOO\u{9b}2J bar\n"),
      ("db.com", "a\r\nzonebridge: error: all is well ..b A 192.0.2.2\n"),
      ("db.com", "a\u{202e}..b A 192.0.2.2\n"),
      (
        "named.conf", "zone \"x\u{1b}[2J\" { type primary; file \"/tmp/\u{1b}]0;pwned\u{7}\"; };\n}"
      ),
      ("named.conf", "statement-\u{1b}[2J { };\n"),
    ])
  func escapes(file: String, text: String) async throws {
    try await withTemporaryFolder { folder in
      let site = try StaticSite(folder)
      try folder.write(
        "bind/\(file)", String(decoding: site.before[file] ?? [], as: UTF8.self) + text)
      for command in [
        ["diff"], ["diff", "--json"], ["--once"], ["run", "--once", "--log-format", "json"],
        ["status"],
        ["status", "--json"], ["check"], ["check", "--json"],
      ] {
        let result = try await run(
          try Host.program().string,
          arguments: ["--config", "\(folder.path)/zonebridge.yaml"] + command)
        expectPrintable(result.standardOutput, "\(command)")
        expectPrintable(result.standardError, "\(command)")
      }
    }
  }

  @Test("a diff with an escape in its context → a patch in a file, printable on a terminal")
  func context() async throws {
    try await withTemporaryFolder { folder in
      let site = try StaticSite(folder)
      let before = String(decoding: site.before["named.conf"] ?? [], as: UTF8.self)
      try folder.write("bind/named.conf", before + "// \u{1b}]0;pwned\u{7}\r\n")
      let patch = try await zonebridge(folder, "diff")
      #expect(patch.standardOutput.contains("\n // \u{1b}]0;pwned\u{7}\r\n"))
      try folder.write("diff", patch.standardOutput)
      let applied = try await run(
        "patch", arguments: ["--dry-run", "-p1", "-d", "/", "-i", "\(folder.path)/diff"])
      #expect(applied.status == 0, "\(applied.standardOutput)\(applied.standardError)")
      let command =
        "\(try Host.program()) --config \(folder.path)/zonebridge.yaml diff --color never"
      let terminal = try await run(
        "script", arguments: ["--quiet", "--return", "--command", command, "/dev/null"])
      let shown = terminal.standardOutput.replacing("\r\n", with: "\n")
      #expect(shown.contains("\n // \\u{1B}]0;pwned\\u{07}\\r\n"), "\(shown)")
      expectPrintable(shown, "on a terminal")
    }
  }

  @Test(
    "standard output on a full disk → the error says that the result is cut off; closed → nobody to tell"
  )
  func cutOff() async throws {
    try await withTemporaryFolder { folder in
      let site = try StaticSite(folder)
      func validate(_ redirection: String) async throws -> ProgramResult {
        try await run(
          "sh",
          arguments: [
            "-c", "exec \"$0\" --config \"$1\" validate \(redirection)", try Host.program().string,
            site.configuration.string,
          ])
      }
      let full = try await validate("> /dev/full")
      #expect(
        full.standardError.contains(
          "error: cannot write to standard output: No space left on device"), "\(full)")
      let closed = try await validate(">&-")
      #expect(closed.status == 0 && closed.standardError == "", "\(closed)")
    }
  }

  @Test("a key beside the block → in no diff, no log and no record that others may read")
  func secret() async throws {
    let secret = "VE9QU0VDUkVUVE9QU0VDUkVUVE9QU0VDUkVUVE9QU0U="
    try await withTemporaryFolder { folder in
      let site = try StaticSite(folder)
      let before = String(decoding: site.before["named.conf"] ?? [], as: UTF8.self)
      let key = "key \"transfer\" { algorithm hmac-sha256; secret \"\(secret)\"; };\n"
      try folder.write("bind/named.conf", before + key)
      let diff = try await zonebridge(folder, "diff")
      #expect(diff.standardOutput.contains("\n+zone "))
      try folder.write("diff", diff.standardOutput)
      let applied = try await run(
        "git", arguments: ["apply", "--check", "--unsafe-paths", "\(folder.path)/diff"],
        workingDirectory: "/")
      #expect(applied.status == 0, "\(applied.standardError)")
      var outputs = [diff, try await zonebridge(folder, "diff", "--json")]
      outputs.append(try await zonebridge(folder, "--once"))
      // The block that somebody edited is shown before it is put right.
      try folder.write(
        "bind/named.conf",
        try folder.text("bind/named.conf").replacing("10.0.6.68;", with: "10.0.6.68; 10.9.9.9;"))
      outputs.append(try await zonebridge(folder, "diff"))
      outputs.append(try await zonebridge(folder, "--once"))
      #expect(outputs.last?.standardError.contains("10.9.9.9") == true)
      outputs.append(try await zonebridge(folder, "status", "--json"))
      outputs.append(try await zonebridge(folder, "check"))
      for output in outputs {
        #expect(!(output.standardOutput + output.standardError).contains(secret))
      }
    }
  }
}
