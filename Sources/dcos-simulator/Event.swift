import Dispatch
import Glibc

/// What the simulator waits for.
enum Event: Sendable {
  case line(String)
  case terminate

  /// Lines of standard input, and SIGTERM or SIGINT; it does not end with the input.
  static func stream() -> AsyncStream<Event> {
    AsyncStream { continuation in
      // Reading blocks, so it has a thread of its own rather than one that tasks share.
      DispatchQueue(label: "standard input").async {
        while let line = readLine() {
          continuation.yield(.line(line))
        }
      }
      for number in [SIGTERM, SIGINT] {
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number)
        // The handler holds the source, which lives as long as the process.
        source.setEventHandler {
          withExtendedLifetime(source) { _ = continuation.yield(.terminate) }
        }
        source.resume()
      }
    }
  }
}
