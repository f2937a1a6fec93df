import Subprocess
package import SystemPackage

/// How a program ended, and what it said.
package struct ProgramResult: Sendable {
  /// The exit status, or 128 and the signal's number, as a shell has it.
  package let status: Int32
  package let standardOutput: String
  package let standardError: String
}

/// Runs a program to its end.
/// - Parameters:
///   - program: a name that is looked for in PATH and in the sbin directories, or a path.
///   - arguments: what follows the program's name.
///   - environment: added to this process's own.
///   - workingDirectory: where it runs; nil for here.
///   - input: what it reads from its standard input.
/// - Returns: how it ended, whatever its status.
/// - Throws: if it cannot be started.
package func run(
  _ program: String, arguments: [String] = [], environment: [String: String] = [:],
  workingDirectory: FilePath? = nil, input: String = ""
) async throws -> ProgramResult {
  var variables: [Environment.Key: String?] = ["LC_ALL": "C"]
  for (name, value) in environment {
    if let key = Environment.Key(rawValue: name) { variables[key] = value }
  }
  let result = try await Subprocess.run(
    .path(locate(program)), arguments: Arguments(arguments),
    environment: .inherit.updating(variables), workingDirectory: workingDirectory,
    input: .inputWriter, output: .sequence, error: .sequence
  ) { execution in
    async let output = text(of: execution.standardOutput)
    async let error = text(of: execution.standardError)
    // A program may end before it has read everything. With `.string` for its input, that would end this process too.
    if !input.isEmpty { _ = try? await execution.standardInputWriter.write(Array(input.utf8)) }
    try? await execution.standardInputWriter.finish()
    return try await (output, error)
  }
  let status: Int32 =
    switch result.terminationStatus {
    case .exited(let status): status
    case .signaled(let signal): 128 + signal
    }
  let (output, error) = result.closureResult
  return ProgramResult(status: status, standardOutput: output, standardError: error)
}

private func text(of stream: SubprocessOutputSequence) async throws -> String {
  var bytes: [UInt8] = []
  for try await buffer in stream {
    unsafe buffer.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
  }
  return String(decoding: bytes, as: UTF8.self)
}

/// Where a program is: BIND's daemons are in sbin, which a user's PATH does not have.
package func locate(_ program: String) -> FilePath {
  guard !program.contains("/") else { return FilePath(program) }
  let directories: [FilePath] = [
    "/usr/sbin", "/usr/bin", "/sbin", "/bin", "/usr/local/sbin", "/usr/local/bin",
  ]
  return directories.map { $0.appending(program) }.first { (try? $0.stat()) != nil }
    ?? FilePath(program)
}
