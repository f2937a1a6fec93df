import Named
import ReconcileModel

/// Tells named what a plan has for it.
struct CommandSender {
  let plan: Plan
  /// Nil where named is not to be told.
  let control: RemoteControl?
  let verification: Verification

  enum Result {
    /// What went wrong, if it may matter.
    case told([Problem])
    /// named stopped meanwhile, and was told nothing.
    case gone(Problem)
    /// named refuses the configuration, and runs on with the one before.
    case refused(RemoteControlError)
  }

  func tell() async -> Result {
    guard let control else { return .told([]) }
    var failures: [Problem] = []
    for (index, command) in plan.commands.enumerated() {
      // A configuration without a forward zone comes after the zones that no longer lead into it.
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
  /// That named does not run: the files of a plan are changed nevertheless.
  init(namedIsDown error: RemoteControlError, _ plan: Plan) {
    self.init(.failed, .named, error)
    if !plan.files.isEmpty {
      let note = "The files are changed, and named reads them when it starts"
      remedy = [remedy, note].filter { !$0.isEmpty }.joined(separator: ". ")
    }
  }
}
