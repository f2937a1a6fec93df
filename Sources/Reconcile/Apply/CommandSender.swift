import Named
import ReconcileModel

/// Sends named the commands of a plan.
struct CommandSender {
  let plan: Plan
  /// Nil if named gets no commands.
  let control: RemoteControl?
  let verification: Verification

  struct Result {
    /// What was sent, whatever named made of it.
    var sent: [NamedCommand] = []
    /// How many of the commands to forget clusters named has not carried out.
    var flushesLeft = 0
    var end = End.told
    /// What went wrong, if it may matter.
    var problems: [Problem] = []
  }

  enum End {
    /// named was told all that it may be told.
    case told
    /// named stopped meanwhile, and got no command.
    case gone(Problem)
    /// named refuses the configuration, and keeps the previous one.
    case refused(RemoteControlError)
  }

  func tell() async -> Result {
    var result = Result()
    guard let control else { return result }
    result.flushesLeft = plan.commands.count(where: \.isFlush)
    for (index, command) in plan.commands.enumerated() {
      // A configuration without a forward zone is loaded after the zones that no longer lead into it.
      if command == .reconfig, index > 0, await !verification.isLoaded() { return result }
      do throws(RemoteControlError) {
        try await control.send(command)
        result.sent.append(command)
        if command.isFlush { result.flushesLeft -= 1 }
      } catch .connectionRefused(let words) {
        guard index == 0 else {
          result.problems.append(
            Problem(.failed, .command(command), RemoteControlError.connectionRefused(words)))
          continue
        }
        result.end = .gone(Problem(namedIsDown: .connectionRefused(words), plan))
        return result
      } catch {
        result.sent.append(command)
        if command == .reconfig, case .failed = error {
          result.end = .refused(error)
          return result
        }
        result.problems.append(Problem(.failed, .command(command), error))
      }
    }
    return result
  }
}

extension Problem {
  /// named is not running: the plan's files are changed nevertheless.
  init(namedIsDown error: RemoteControlError, _ plan: Plan) {
    self.init(.failed, .named, error)
    if !plan.files.isEmpty {
      let note = "The files are changed, and named reads them when it starts"
      remedy = [remedy, note].filter { !$0.isEmpty }.joined(separator: ". ")
    }
  }
}
