import Dispatch
import Glibc
import Synchronization
package import SystemPackage

/// A trace written by strace(1).
///
/// It has the system calls of one or several processes, in the order in which they began, and the ends of these
/// processes.
package struct SystemCallTrace: Sendable {
  /// The calls that open or change files, start programs, or connect.
  package static let callsOnFiles =
    "openat,open,write,pwrite64,writev,ftruncate,fsetxattr,fchown,fchmod,fsync,fdatasync,rename,"
    + "renameat,renameat2,link,linkat,unlink,unlinkat,mkdir,mkdirat,execve,connect"

  package let steps: [TraceStep]

  /// Reads the output of strace, with `-y` and with or without `-f`.
  package init(parsing text: String) {
    var steps: [TraceStep] = []
    /// The step of each process's call that has not ended yet.
    var begun: [Substring: Int] = [:]
    var programs: [Substring: String] = [:]
    for line in text.split(separator: "\n") {
      let process = line.prefix { $0.isNumber }
      let rest = line.dropFirst(process.count).drop { $0 == " " }
      if rest.hasPrefix("<... ") {
        guard let index = begun.removeValue(forKey: process),
          let mark = rest.firstRange(of: " resumed>")
        else { continue }
        steps[index].text += rest[mark.upperBound...]
        if steps[index].name == "execve" { programs[process] = steps[index].program }
      } else if rest.hasPrefix("+++ ") {
        guard let program = programs.removeValue(forKey: process) else { continue }
        steps.append(TraceStep(process: String(process), text: "ended(\(program)) = 0"))
      } else if let mark = rest.firstRange(of: " <unfinished ...>") {
        begun[process] = steps.count
        steps.append(TraceStep(process: String(process), text: String(rest[..<mark.lowerBound])))
      } else if rest.contains("(") {
        let step = TraceStep(process: String(process), text: String(rest))
        if step.name == "execve", step.isDone { programs[process] = step.program }
        steps.append(step)
      }
    }
    self.steps = steps
  }

  private init(_ steps: some Sequence<TraceStep>) { self.steps = Array(steps) }

  /// A short description of each step: file operations beneath a folder, programs started, and connections.
  ///
  /// It omits failed calls and immediate repetitions.
  package func summary(beneath folder: FilePath) -> [String] {
    var words: [String] = []
    for step in steps {
      if let text = step.summary(beneath: folder), text != words.last { words.append(text) }
    }
    return words
  }

  /// The steps between the last call that names one path and the first call that names the other.
  fileprivate func between(_ start: String, _ end: String) -> SystemCallTrace {
    let first = steps.lastIndex { $0.text.contains(start) } ?? steps.startIndex
    let last = steps.firstIndex { $0.text.contains(end) } ?? steps.endIndex
    return SystemCallTrace(steps[min(first + 1, last)..<last])
  }

  /// Whether strace made a call fail or sent a signal.
  package var isInjected: Bool { steps.contains(where: \.isInjected) }
}

/// A line of a trace: a system call with its result, or the end of a program.
package struct TraceStep: Sendable {
  package let process: String
  /// The text of strace, such as `fsync(7</tmp/file>) = 0`.
  package fileprivate(set) var text: String

  package var name: Substring { text.prefix { $0 != "(" } }

  package var isInjected: Bool { text.contains("(INJECTED") }

  /// Whether the call succeeded; a call that a signal interrupted has no result at all.
  package var isDone: Bool {
    guard let mark = text.lastRange(of: " = ") else { return false }
    return !text[mark.upperBound...].hasPrefix("-") && !text[mark.upperBound...].hasPrefix("?")
  }

  /// The paths among its arguments, including those of descriptors.
  ///
  /// A name relative to an open folder forms one path with it.
  package var paths: [String] {
    var paths: [String] = []
    var folder: String?
    for argument in arguments {
      let path = Self.path(argument)
      if let open = folder {
        folder = nil
        if argument.hasPrefix("\""), let path {
          paths.append(path.hasPrefix("/") ? path : path == "." ? open : "\(open)/\(path)")
          continue
        }
        paths.append(open)
      }
      guard let path else { continue }
      if name.hasSuffix("at") || name.hasSuffix("at2"), !argument.hasPrefix("\"") {
        folder = path
      } else {
        paths.append(path)
      }
    }
    return paths + (folder.map { [$0] } ?? [])
  }

  /// The program that an `execve` starts, without its folder, and its arguments.
  package var program: String {
    guard arguments.count > 1 else { return "" }
    var words = Self.pieces(of: arguments[1].dropFirst().dropLast()).map { word in
      String(word.dropFirst().dropLast())
    }
    if let first = words.first { words[0] = String(first.split(separator: "/").last ?? "") }
    return words.joined(separator: " ")
  }

  /// A short description; nil for a failed call, and for one that is not about a file in the folder.
  package func summary(beneath folder: FilePath) -> String? {
    isDone ? attempt(beneath: folder) : nil
  }

  /// The same description, whether or not the call succeeded.
  package func attempt(beneath folder: FilePath) -> String? {
    let root = folder.string + "/"
    let files = paths.compactMap { path -> String? in
      path == folder.string
        ? "." : path.hasPrefix(root) ? Self.short(path.dropFirst(root.count)) : nil
    }
    switch name {
    case "execve": return "run \(program)".replacing(root, with: "")
    case "ended": return "ended \(text.dropFirst(6).dropLast(5))".replacing(root, with: "")
    case "connect": return address.map { "connect to \($0)" }
    default: break
    }
    guard let file = files.first else { return nil }
    let numbers = arguments.dropFirst()
    switch name {
    case "open", "openat":
      guard let flags = numbers.first(where: { $0.hasPrefix("O_") }), flags.contains("O_CREAT")
      else { return nil }
      return "create \(file) \(arguments.last ?? "")"
    case "write", "writev", "pwrite64": return "write \(file)"
    case "ftruncate": return "truncate \(file)"
    case "fsetxattr": return "attribute \(file) \(numbers.first ?? "")"
    case "fchown": return "owner \(file) \(numbers.joined(separator: ":"))"
    case "fchmod": return "mode \(file) \(numbers.first ?? "")"
    case "fsync", "fdatasync": return "flush \(file)"
    case "unlink", "unlinkat": return "remove \(file)"
    case "mkdir", "mkdirat": return "make \(file) \(numbers.last ?? "")"
    case "link", "linkat": return files.count > 1 ? "link \(file) to \(files[1])" : nil
    case "rename", "renameat", "renameat2":
      guard files.count > 1 else { return nil }
      return text.contains("RENAME_EXCHANGE")
        ? "exchange \(file) with \(files[1])" : "rename \(file) to \(files[1])"
    default: return nil
    }
  }

  /// The target of a connection, such as `127.0.0.1:53`; nil if it is not IPv4.
  private var address: String? {
    guard let port = text.firstRange(of: "htons("), let host = text.firstRange(of: "inet_addr(\"")
    else { return nil }
    return text[host.upperBound...].prefix { $0 != "\"" } + ":"
      + text[port.upperBound...].prefix { $0 != ")" }
  }

  private var arguments: [Substring] {
    guard let open = text.firstIndex(of: "("), let end = text.lastRange(of: " = ")?.lowerBound,
      let close = text[..<end].lastIndex(of: ")"), open < close
    else { return [] }
    return Self.pieces(of: text[text.index(after: open)..<close])
  }

  /// The parts between commas, ignoring commas in quotes, brackets and angle brackets.
  private static func pieces(of text: Substring) -> [Substring] {
    var pieces: [Substring] = []
    var (depth, isQuoted, isEscaped) = (0, false, false)
    var start = text.startIndex
    for index in text.indices {
      let character = text[index]
      if isQuoted {
        if isEscaped {
          isEscaped = false
        } else if character == "\\" {
          isEscaped = true
        } else if character == "\"" {
          isQuoted = false
        }
        continue
      }
      switch character {
      case "\"": isQuoted = true
      case "(", "[", "{", "<": depth += 1
      case ")", "]", "}", ">": depth -= 1
      case "," where depth == 0:
        pieces.append(text[start..<index])
        start = text.index(after: index)
      default: break
      }
    }
    pieces.append(text[start...])
    return pieces.map { $0.drop { $0 == " " } }
  }

  private static func path(_ argument: Substring) -> String? {
    if argument.hasPrefix("\"") {
      return String(argument.dropFirst().dropLast(argument.hasSuffix("...") ? 4 : 1))
    }
    guard argument.first?.isNumber == true || argument.hasPrefix("AT_FDCWD<"),
      let open = argument.firstIndex(of: "<"),
      argument.hasSuffix(">")
    else { return nil }
    return String(argument[argument.index(after: open)...].dropLast())
  }

  /// A short path, in which a copy beside a file has a fixed name, since its real name differs each time.
  private static func short(_ path: Substring) -> String {
    var parts = path.split(separator: "/").map(String.init)
    for index in parts.indices {
      if let mark = parts[index].firstRange(of: ".zonebridge-"), parts[index].hasPrefix(".") {
        let isKeeper = parts[index].hasSuffix("~")
        parts[index] =
          (isKeeper ? "keeper" : "copy") + " of " + parts[index][..<mark.lowerBound].dropFirst()
      } else if parts[index].hasPrefix("zonebridge-") {
        parts[index] = "scratch"
      }
    }
    return parts.joined(separator: "/")
  }
}

extension StringProtocol {
  fileprivate func lastRange(of other: String) -> Range<Index>? { ranges(of: other).last }
}

// MARK: Tracing

/// Whether strace can trace programs here; containers often forbid it.
package func canTrace() async -> Bool {
  let result = try? await run(
    "strace", arguments: ["-f", "-o", "/dev/null", "-e", "inject=getcwd:error=EIO", "true"])
  return result?.status == 0
}

/// Runs a program to its end and records its system calls, including those of the programs that it starts.
///
/// All of them run on one processor, so that the trace shows the order of the calls.
package func runTraced(
  _ program: FilePath, arguments: [String], environment: [String: String] = [:],
  options: [String] = ["-e", "trace=\(SystemCallTrace.callsOnFiles)"]
) async throws -> (result: ProgramResult, trace: SystemCallTrace) {
  try await withTemporaryFolder { folder in
    let output = folder.path.appending("trace")
    let result = try await run(
      "taskset",
      arguments: ["-c", "0", "strace", "-f", "-q", "-y", "-s", "512", "-o", output.string]
        + options + [program.string] + arguments, environment: environment)
    let text = String(decoding: try readFile(output), as: UTF8.self)
    return (result, SystemCallTrace(parsing: text))
  }
}

/// Runs code on a thread of its own and records only the system calls of that thread.
///
/// - Parameters:
///   - calls: The calls to trace, in the syntax of strace's `trace=`.
///   - faults: The faults to inject, in the syntax of strace's `inject=`.
///   - body: The code; it must stay on its thread.
/// - Returns: The result or error of the body, and the trace.
/// - Throws: If strace does not attach.
package func tracingSystemCalls<Value: Sendable>(
  _ calls: String = SystemCallTrace.callsOnFiles, injecting faults: [String] = [],
  _ body: @escaping @Sendable () throws -> Value
) async throws -> (outcome: Result<Value, any Error>, trace: SystemCallTrace) {
  try await withTemporaryFolder { folder in
    let output = folder.path.appending("trace")
    let (start, end) = (folder.path.appending("start").string, folder.path.appending("end").string)
    try writeFile(output, [])
    let options = (["trace=access,\(calls)"] + faults.map { "inject=\($0)" }).flatMap {
      ["-e", $0]
    }
    let meeting = Meeting()
    async let outcome = onThreadOfItsOwn {
      try meeting.come()
      // strace has attached as soon as it records calls; only these calls come before.
      while meeting.isAwaited {
        _ = unsafe access(start, F_OK)
        usleep(1_000)
      }
      _ = unsafe access(start, F_OK)
      let outcome = Result { try body() }
      _ = unsafe access(end, F_OK)
      return outcome
    }
    defer { meeting.end() }
    try await eventually("a thread is there") { meeting.thread != nil }
    let tracer = try BackgroundProcess(
      "strace",
      arguments: ["-qq", "-y", "-o", output.string, "-p", meeting.thread ?? ""] + options,
      log: folder.path.appending("log"))
    try await eventually("strace follows a thread: \(tracer.output)") {
      guard tracer.isRunning else { throw NotInTime(description: tracer.output) }
      return String(decoding: try readFile(output), as: UTF8.self).contains(start)
    }
    meeting.end()
    let result = try await outcome
    // strace detaches from the thread, which is idle or gone.
    try await tracer.stop()
    let text = String(decoding: try readFile(output), as: UTF8.self)
    return (result, SystemCallTrace(parsing: text).between(start, end))
  }
}

/// The place where a thread waits for strace.
private final class Meeting: Sendable {
  private let state = Mutex<(thread: String?, isOver: Bool)>((nil, false))

  var thread: String? { state.withLock(\.thread) }
  var isAwaited: Bool { state.withLock { !$0.isOver } }

  func come() throws {
    let number = try threadNumber()
    state.withLock { $0.thread = number }
  }

  func end() { state.withLock { $0.isOver = true } }
}

private func onThreadOfItsOwn<Value: Sendable>(
  _ body: @escaping @Sendable () throws -> Value
) async throws -> Value {
  try await withCheckedThrowingContinuation { continuation in
    DispatchQueue(label: "traced").async { continuation.resume(with: Result { try body() }) }
  }
}

/// The kernel's number for this thread.
private func threadNumber() throws -> String {
  var buffer = [CChar](repeating: 0, count: 64)
  let count = unsafe readlink("/proc/thread-self", &buffer, buffer.count - 1)
  guard count > 0 else { throw SystemCallFailure("readlink /proc/thread-self") }
  let path = String(decoding: buffer.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
  return String(path.split(separator: "/").last ?? "")
}
