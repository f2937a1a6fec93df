import ArgumentParser
import Glibc

/// /proc, without which the threads of this program cannot live.
enum ProcessFolder {
  /// Why a command cannot be carried out here; nil if it can.
  ///
  /// libdispatch reads /proc/PID/stat of its own threads, and ends the process if it cannot: in the middle of a pass,
  /// as chance has it. What needs no threads, such as `validate` and `--version`, does not get there.
  static func objection(to command: any ParsableCommand) -> String? {
    guard command is any AsyncParsableCommand, !(command is ValidateCommand),
      unsafe access("/proc/self/stat", R_OK) != 0
    else { return nil }
    return "/proc is not mounted, so nothing was changed. Mount it: mount -t proc proc /proc"
  }
}
