package import DNSNames
package import SystemPackage

/// A checker's judgement.
package struct CheckReport: Equatable, Sendable {
  package let isAccepted: Bool
  /// What the checker said, a line each, without empty ones; warnings if it accepted.
  package let messages: [String]

  package init(isAccepted: Bool, messages: [String]) {
    self.isAccepted = isAccepted
    self.messages = messages
  }

  init(_ result: ToolResult) {
    isAccepted = result.status == 0
    messages = (result.standardOutput + "\n" + result.standardError)
      .split(separator: "\n", omittingEmptySubsequences: true)
      .map(String.init)
  }
}

/// Whether named would take a configuration, by named-checkconf.
package struct ConfigurationChecker: Sendable {
  private let tool: FilePath
  private let timeout: Duration

  package init(tool: FilePath, timeout: Duration = .seconds(60)) {
    self.tool = tool
    self.timeout = timeout
  }

  /// Checks a configuration with all that it includes; the zones' files are not looked at.
  /// - Parameters:
  ///   - file: the configuration.
  ///   - workingDirectory: where relative includes before the `directory` option start from; nil
  ///     for that of this process.
  /// - Returns: the checker's judgement.
  /// - Throws: ``ToolError`` if there was none.
  package func check(
    _ file: FilePath, workingDirectory: FilePath? = nil
  ) async throws(ToolError) -> CheckReport {
    let runner = ToolRunner(tool: tool, timeout: timeout, workingDirectory: workingDirectory)
    return CheckReport(try await runner.run(raw: [file.argument]))
  }

  /// Checks a configuration and loads its zones, of which none is asked for names elsewhere.
  package func load(_ file: FilePath) async throws(ToolError) -> CheckReport {
    // As long as ZoneChecker may take.
    let runner = ToolRunner(tool: tool, timeout: .seconds(120))
    return CheckReport(try await runner.run(["-z", file.string]))
  }
}

/// Whether named would load a zone file, by named-checkzone.
package struct ZoneChecker: Sendable {
  private let tool: FilePath
  private let timeout: Duration

  package init(tool: FilePath, timeout: Duration = .seconds(120)) {
    self.tool = tool
    self.timeout = timeout
  }

  /// Checks a zone file with all that it includes.
  /// - Parameters:
  ///   - zone: the zone's name.
  ///   - file: the zone file.
  ///   - strictness: how named judges the zone.
  ///   - workingDirectory: what named takes relative paths from, its `directory`: that of `file`
  ///     and those in `$INCLUDE`; nil for that of this process.
  /// - Returns: the checker's judgement.
  /// - Throws: ``ToolError`` if there was none.
  package func check(
    zone: DomainName, file: FilePath, strictness: ZoneStrictness = ZoneStrictness(),
    workingDirectory: FilePath? = nil
  ) async throws(ToolError) -> CheckReport {
    var arguments = strictness.arguments.map { Array($0.utf8) }
    if let workingDirectory { arguments += [Array("-w".utf8), workingDirectory.argument] }
    arguments += [Array("--".utf8), Array(zone.withoutTrailingDot.utf8), file.argument]
    return CheckReport(try await ToolRunner(tool: tool, timeout: timeout).run(raw: arguments))
  }
}

/// What named makes of a zone file, by named-compilezone.
package struct ZoneCompiler: Sendable {
  private let tool: FilePath
  private let timeout: Duration

  package init(tool: FilePath, timeout: Duration = .seconds(120)) {
    self.tool = tool
    self.timeout = timeout
  }

  /// Writes a zone in canonical form: a record a line, names in full, in the order of RFC 4034.
  /// - Parameters:
  ///   - zone: the zone's name.
  ///   - file: the zone file.
  ///   - format: the format of the zone file, `text`, `raw` or `map`.
  ///   - journal: the file with what DNS UPDATE has changed since the zone file was written, where it
  ///     counts.
  ///   - strictness: how named judges the zone, to have it judged as well; nil for what it makes of the file, whether
  ///     it likes it or not.
  ///   - output: where the canonical form goes.
  ///   - workingDirectory: what named takes relative paths from.
  /// - Returns: whether the zone could be compiled, and what was said.
  /// - Throws: ``ToolError`` if there was neither.
  package func compile(
    zone: DomainName, file: FilePath, format: String = "text", journal: FilePath? = nil,
    strictness: ZoneStrictness? = nil, into output: FilePath, workingDirectory: FilePath
  ) async throws(ToolError) -> CheckReport {
    // The program is named-checkzone by another name, and by default stricter than that is, and than named.
    let judging =
      strictness.map { $0.arguments + ["-n", "warn", "-T", "warn", "-W", "warn"] } ?? [
        "-i", "none", "-k", "ignore", "-m", "ignore", "-M", "ignore", "-n", "ignore",
        "-r", "ignore", "-S", "ignore", "-T", "ignore", "-W", "ignore",
      ]
    // The output is given as a whole path, since the program goes into the working directory.
    var arguments = (judging + ["-f", format, "-w"]).map { Array($0.utf8) }
    arguments += [workingDirectory.argument, Array("-o".utf8), output.argument]
    if let journal { arguments += [Array("-j".utf8), Array("-J".utf8), journal.argument] }
    arguments += [Array("--".utf8), Array(zone.withoutTrailingDot.utf8), file.argument]
    return CheckReport(try await ToolRunner(tool: tool, timeout: timeout).run(raw: arguments))
  }
}
