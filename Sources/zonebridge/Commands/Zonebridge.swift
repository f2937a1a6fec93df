import ArgumentParser
import Glibc
import SystemPackage

/// The command line of `zonebridge`.
@main
struct Zonebridge: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "zonebridge",
    abstract: "Keeps ISC BIND in step with DC/OS clusters.",
    discussion: """
      Exit status: 0 in sync, or brought in sync and seen served; 1 failed, nothing was changed or the change was \
      reverted; 2 changes are pending (diff, --dry-run); 3 a safeguard holds something; 64 wrong usage; 75 another \
      pass holds the lock; 78 the configuration is wrong.
      """,
    version: Version.current,
    subcommands: [
      RunCommand.self, DiffCommand.self, StatusCommand.self, CheckCommand.self,
      ValidateCommand.self, InitCommand.self,
      AdoptCommand.self, RemoveCommand.self, RollbackCommand.self, SwitchCommand.self,
    ],
    defaultSubcommand: RunCommand.self)

  // Here as well, so that it may come before the subcommand.
  @OptionGroup var common: CommonOptions

  static func main() async {
    DescriptorLimit.raise()
    switch CommandWord(in: CommandLine.arguments.dropFirst()) {
    case .missing:
      // `run` changes files, so it is the default only if one of its options is given.
      refuse("Name a command.\n\n\(helpMessage())")
    case .word(let word) where !commandNames.contains(word): refuse(unknown: word)
    case .help(of: let words): showHelp(of: words)
    case .emptyFile: refuse("--config takes a file, and got nothing")
    case .verbose:
      refuse(
        "-v alone starts nothing. Did you mean --version, or run -v, which starts the agent?")
    case .word, .option: break
    }
    do {
      var command = try parseAsRoot()
      Diagnostics.begin(
        (command as? RunCommand)?.logFormat ?? .suitable(isForPeople: true))
      if let objection = ProcessFolder.objection(to: command) {
        Diagnostics.error(objection)
        throw ExitStatus.failed.code
      }
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch let status as ExitCode {
      // All is done, written and closed. The exit handlers of libraries would only wait for their threads, on a failing
      // machine for ever.
      _exit(status.rawValue)
    } catch {
      exit(withError: error)
    }
  }

  private static var commandNames: [String] {
    configuration.subcommands.compactMap { $0.configuration.commandName } + ["help"]
  }

  /// Ends the program with the help of one command, or of all.
  private static func showHelp(of words: [String]) -> Never {
    if let word = words.first(where: { !commandNames.contains($0) }) { refuse(unknown: word) }
    if words.count > 1 {
      refuse("help explains one command at a time, as in: zonebridge help \(words[0])")
    }
    let command = configuration.subcommands.first { $0.configuration.commandName == words.first }
    exit(withError: CleanExit.helpRequest(command))
  }

  private static func refuse(unknown word: String) -> Never {
    let meant =
      CommandWord.isForService(word)
      ? "systemctl \(word.lowercased()) zonebridge"
      : NearestWord(known: commandNames).suggestion(for: word) ?? CommandWord.meant(by: word)
    refuse(
      """
      Unknown command '\(word.printableLine)'.\(meant.map { " Did you mean \($0)?" } ?? "") \
      The commands are: \(commandNames.joined(separator: ", ")).
      """)
  }

  /// Ends the program with a usage error.
  private static func refuse(_ text: String) -> Never {
    _ = try? FileDescriptor.standardError.writeAll(Array("Error: \(text)\n".utf8))
    _exit(ExitStatus.usage.rawValue)
  }
}
