import FoundationEssentials
import Named
import SystemPackage

/// An operator's command, which gets an event as JSON on its standard input.
struct Hook: Hashable, Sendable {
  /// How long it may take before it is stopped.
  static let timeout = Duration.seconds(30)

  let command: HookCommand

  /// Runs it to its end.
  ///
  /// - Parameters:
  ///   - event: what happened.
  ///   - time: when.
  ///   - timeout: after which it is stopped.
  /// - Returns: what went wrong with it; nil if nothing did.
  func run(_ event: Event, at time: Date, timeout: Duration = Self.timeout) async -> String? {
    let input = EventLogHandler.json(event.message, event.level, event.metadata, at: time)
    let runner = ToolRunner(tool: FilePath(command.words[0]), timeout: timeout)
    do throws(ToolError) {
      let result = try await runner.run(Array(command.words.dropFirst()), input: Array(input.utf8))
      guard result.status != 0 else { return nil }
      let words = result.standardError.split(whereSeparator: \.isNewline).first.map { ": \($0)" }
      return "\(command.key): \(command.words[0]) ended with status \(result.status)\(words ?? "")"
    } catch {
      return "\(command.key): \(error)"
    }
  }
}

extension HooksConfiguration {
  /// What is run for an event; nil if nothing is.
  func hook(for kind: EventKind) -> Hook? {
    let command: HookCommand? =
      switch kind {
      case .changed, .putBack, .switched, .recovered: change
      case .held, .failed, .resolved, .configurationRefused, .hidden: problem
      case .started, .stopped, .configurationLoaded, .handEdit, .masterDown, .masterUp,
        .renewalRefused:
        nil
      }
    return command.map(Hook.init)
  }
}
