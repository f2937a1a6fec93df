import Dispatch
import Glibc

/// The events that the simulator waits for.
enum Event: Sendable {
  case line(String)
  case terminate

  /// Lines of standard input, and SIGTERM or SIGINT; the stream does not end with the input.
  static func stream() -> AsyncStream<Event> {
    AsyncStream { continuation in
      // Reading blocks, so it has its own thread instead of one that tasks share.
      DispatchQueue(label: "standard input").async {
        while let line = readLine() {
          continuation.yield(.line(line))
        }
      }
      for number in [SIGTERM, SIGINT] {
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number)
        // The handler keeps the source alive as long as the process runs.
        source.setEventHandler {
          withExtendedLifetime(source) { _ = continuation.yield(.terminate) }
        }
        source.resume()
      }
    }
  }
}
