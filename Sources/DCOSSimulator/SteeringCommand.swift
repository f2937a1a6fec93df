/// A line of standard input that controls a running simulator.
package enum SteeringCommand: Hashable, Sendable {
  case replace(old: String, new: String)
  case fail(master: String, failure: Failure)
  case heal(master: String)
  case wipe(master: String)
  case id(String)
  case quit

  /// Reads a line; nil for a blank one.
  package init?(_ line: String) throws(SimulatorError) {
    let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
    switch (words.first, words.count) {
    case (nil, _):
      return nil
    case ("replace", 3):
      self = .replace(old: words[1], new: words[2])
    case ("fail", 3):
      guard let failure = Failure(words[2]) else {
        throw .unreadableCommand(
          "\(words[2]) is no failure; failures are \(Failure.names.joined(separator: ", "))")
      }
      self = .fail(master: words[1], failure: failure)
    case ("heal", 2):
      self = .heal(master: words[1])
    case ("wipe", 2):
      self = .wipe(master: words[1])
    case ("id", 2):
      self = .id(words[1])
    case ("quit", 1):
      self = .quit
    default:
      throw .unreadableCommand(
        "commands are replace OLD NEW, fail MASTER KIND, heal MASTER, wipe MASTER, id NEW, quit")
    }
  }
}

extension SimulatedCluster {
  /// Executes a command; `quit` stops the cluster.
  package func perform(_ command: SteeringCommand) async throws {
    switch command {
    case .replace(let old, let new): try await replaceMaster(old, by: new)
    case .fail(let master, let failure): try await fail(master, failure)
    case .heal(let master): try await heal(master)
    case .wipe(let master): try wipe(master)
    case .id(let id): setID(id)
    case .quit: await stop()
    }
  }
}
