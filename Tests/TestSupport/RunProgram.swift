import Subprocess
package import SystemPackage

/// How a program ended, and what it printed.
package struct ProgramResult: Sendable {
  /// The exit status, or 128 plus the signal's number as in a shell.
  package let status: Int32
  package let standardOutput: String
  package let standardError: String
}

/// Runs a program until it ends.
///
/// - Parameters:
///   - program: A name to look up in PATH and in the sbin directories, or a path.
///   - arguments: The arguments after the program's name.
///   - environment: Variables to add to those of this process.
///   - workingDirectory: The directory in which it runs; nil for the current one.
///   - input: Its standard input.
/// - Returns: The result, whatever the exit status.
/// - Throws: If it cannot be started.
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
    // A program may end before it has read all its input. With `.string` as input, that would end this process too.
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

/// The path of a program: BIND's daemons are in sbin, which is not in a user's PATH.
package func locate(_ program: String) -> FilePath {
  guard !program.contains("/") else { return FilePath(program) }
  let directories: [FilePath] = [
    "/usr/sbin", "/usr/bin", "/sbin", "/bin", "/usr/local/sbin", "/usr/local/bin",
  ]
  return directories.map { $0.appending(program) }.first { (try? $0.stat()) != nil }
    ?? FilePath(program)
}
