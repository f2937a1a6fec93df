import Glibc
import Subprocess
package import SystemPackage

/// Why a program gave no result.
package enum ToolError: Error, Equatable, Sendable, CustomStringConvertible {
  /// It could not be started.
  case notStarted(FilePath, reason: String)
  /// It had not ended in time, and was stopped.
  case timedOut(FilePath, after: Duration)
  /// It was ended by a signal.
  case killed(FilePath, signal: Int32)
  /// The task was cancelled while it ran.
  case cancelled(FilePath)

  /// What is wrong.
  package var cause: String {
    switch self {
    case .notStarted(let tool, let reason): "cannot start \(tool): \(reason)"
    case .timedOut(let tool, let limit): "\(tool) did not end within \(limit), and was stopped"
    case .killed(let tool, let signal): "\(tool) was ended by signal \(signal)"
    case .cancelled(let tool): "\(tool) was stopped, because zonebridge is stopping"
    }
  }

  /// Nothing is known to help.
  package var remedy: String? { nil }

  package var description: String { cause }
}

/// What a program said, and how it ended.
package struct ToolResult: Sendable {
  package let status: Int32
  package let standardOutput: String
  package let standardError: String
}

extension FilePath {
  /// The path as a program gets it, byte for byte.
  var argument: [UInt8] {
    unsafe withPlatformString { start in
      unsafe UnsafeBufferPointer(start: start, count: strlen(start)).map { UInt8(bitPattern: $0) }
    }
  }
}

/// Starts a program, with an environment of its own, and waits for its end, for a bounded time and amount of output.
package struct ToolRunner: Sendable {
  /// How much is kept of each of the two outputs; what comes after it is read and thrown away.
  static let outputLimit = 64 * 1024

  /// A program may end before it has read its input; writing to it must not end this process as well.
  private static let ignoresBrokenPipes: Void = { _ = signal(SIGPIPE, SIG_IGN) }()

  let tool: FilePath
  let timeout: Duration
  /// Nil for that of this process.
  var workingDirectory: FilePath?
  /// Whether it ends sooner on one processor: ``OneProcessor``.
  var isOnOneProcessor = false

  package init(tool: FilePath, timeout: Duration, workingDirectory: FilePath? = nil) {
    self.tool = tool
    self.timeout = timeout
    self.workingDirectory = workingDirectory
  }

  /// - Parameters:
  ///   - arguments: without the program's name.
  ///   - input: what the program reads from its standard input.
  /// - Returns: how it ended, and what it said.
  /// - Throws: ``ToolError`` if it did not end by itself.
  package func run(
    _ arguments: [String], input: [UInt8] = []
  ) async throws(ToolError) -> ToolResult {
    try await run(raw: arguments.map { Array($0.utf8) }, input: input)
  }

  /// The same with arguments that need not be UTF-8: ``SystemPackage/FilePath/argument``.
  package func run(
    raw arguments: [[UInt8]], input: [UInt8] = []
  ) async throws(ToolError) -> ToolResult {
    if !input.isEmpty { Self.ignoresBrokenPipes }
    let tool = self.tool
    let timeout = self.timeout
    let workingDirectory = self.workingDirectory
    let isOnOneProcessor = self.isOnOneProcessor
    let result: Result<ToolResult, ToolError>
    do {
      result = try await withThrowingTaskGroup(
        of: Result<ToolResult, ToolError>.self
      ) { group in
        group.addTask {
          await Self.run(
            tool, arguments, input: input, in: workingDirectory, onOneProcessor: isOnOneProcessor)
        }
        group.addTask {
          try await ContinuousClock().sleep(for: timeout)
          return .failure(.timedOut(tool, after: timeout))
        }
        // The loser is cancelled, which ends the program.
        defer { group.cancelAll() }
        return try await group.next() ?? .failure(.cancelled(tool))
      }
    } catch {
      result = .failure(.cancelled(tool))
    }
    return try result.get()
  }

  private static func run(
    _ tool: FilePath, _ arguments: [[UInt8]], input: [UInt8], in workingDirectory: FilePath?,
    onOneProcessor isOnOneProcessor: Bool
  ) async -> Result<ToolResult, ToolError> {
    var options = PlatformOptions()
    options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .milliseconds(500))]
    do {
      let outcome = try await Subprocess.run(
        .path(tool),
        // As the system takes them, each with a zero behind it.
        arguments: Arguments(arguments.map { $0 + [0] }),
        // Messages are looked into, so they have to be in English whatever the operator speaks.
        environment: .custom(["LC_ALL": "C", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"]),
        workingDirectory: workingDirectory,
        platformOptions: options,
        input: .inputWriter,
        output: .sequence,
        error: .sequence
      ) { execution in
        let processor =
          isOnOneProcessor ? OneProcessor.take(execution.processIdentifier.value) : nil
        defer { if let processor { OneProcessor.release(processor) } }
        async let output = head(of: execution.standardOutput)
        async let error = head(of: execution.standardError)
        // One that ends before it has read all that is no failure: its status tells what it is.
        if !input.isEmpty { _ = try? await execution.standardInputWriter.write(input) }
        try? await execution.standardInputWriter.finish()
        return try await (output, error)
      }
      if Task.isCancelled { return .failure(.cancelled(tool)) }
      switch outcome.terminationStatus {
      case .exited(let status):
        let (output, error) = outcome.closureResult
        return .success(ToolResult(status: status, standardOutput: output, standardError: error))
      case .signaled(let signal):
        return .failure(.killed(tool, signal: signal))
      }
    } catch {
      return .failure(Task.isCancelled ? .cancelled(tool) : .notStarted(tool, reason: "\(error)"))
    }
  }

  private static func head(of stream: SubprocessOutputSequence) async throws -> String {
    var bytes: [UInt8] = []
    for try await buffer in stream where bytes.count < outputLimit {
      let room = outputLimit - bytes.count
      unsafe buffer.withUnsafeBytes { unsafe bytes.append(contentsOf: $0.prefix(room)) }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
