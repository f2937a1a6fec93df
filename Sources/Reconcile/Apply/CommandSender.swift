import Named
import ReconcileModel

/// Sends named the commands of a plan.
struct CommandSender {
  let plan: Plan
  /// Nil if named gets no commands.
  let control: RemoteControl?
  let verification: Verification

  enum Result {
    /// What went wrong, if it may matter.
    case told([Problem])
    /// named stopped meanwhile, and got no command.
    case gone(Problem)
    /// named refuses the configuration, and keeps the previous one.
    case refused(RemoteControlError)
  }

  func tell() async -> Result {
    guard let control else { return .told([]) }
    var failures: [Problem] = []
    for (index, command) in plan.commands.enumerated() {
      // A configuration without a forward zone is loaded after the zones that no longer lead into it.
      if command == .reconfig, index > 0, await !verification.isLoaded() { return .told(failures) }
      do throws(RemoteControlError) {
        try await control.send(command)
      } catch .connectionRefused(let words) where index == 0 {
        return .gone(Problem(namedIsDown: .connectionRefused(words), plan))
      } catch {
        if command == .reconfig, case .failed = error { return .refused(error) }
        failures.append(Problem(.failed, .command(command), error))
      }
    }
    return .told(failures)
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
