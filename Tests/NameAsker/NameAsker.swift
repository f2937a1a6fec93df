import DNSNames
import Glibc
import Named

// usage: name-asker SERVER:PORT OWNER…

/// Asks a name server for names below some aliases all the while, as clients do, and prints a line for each answer:
/// the alias, when it was asked for and when that was answered (milliseconds since 1970), the ID of the cluster that
/// answered, or `-` and what came instead.
///
/// It is a process of its own, so that nothing which delays a test delays the questions.
@main
struct NameAsker {
  static func main() async throws {
    let server = try Endpoint(CommandLine.arguments.dropFirst().first ?? "")
    await withTaskGroup(of: Void.self) { group in
      for owner in CommandLine.arguments.dropFirst(2) {
        group.addTask { await askForEver(owner, at: server) }
      }
    }
  }

  private static func askForEver(_ owner: String, at server: Endpoint) async {
    // named itself gives a question up after 10 s (resolver-query-timeout).
    let client = DNSClient(server: server, timeout: .seconds(12))
    var number = 0
    while true {
      number += 1
      // Every other time a name that no cache has; else one that has an address.
      let label =
        number.isMultiple(of: 2) ? "web.marathon" : "n\(number)-\(UInt32.random(in: 0 ... .max))"
      let sent = now()
      guard let name = try? DomainName("\(label).\(owner)") else { return }
      var words = "- "
      do throws(DNSError) {
        let answer = try await client.ask(name, .a, recursionDesired: true)
        words = answer.clusterID ?? "- \(answer.rcode) \(answer.answers.map(\.description))"
      } catch {
        words += error.cause
      }
      say("\(owner) \(sent) \(now()) \(words)")
      try? await Task.sleep(for: .milliseconds(Int.random(in: 50...100)))
    }
  }

  private static func now() -> Int64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
  }

  /// Writes a line past the buffers of C's streams.
  private static func say(_ line: String) {
    let bytes = Array("\(line)\n".utf8)
    _ = unsafe write(STDOUT_FILENO, bytes, bytes.count)
  }
}

extension DNSAnswer {
  /// The ID of the cluster that gave an address, or denied a name: by its SOA, so that nobody else's denial counts.
  fileprivate var clusterID: String? {
    let records: [ResourceRecord]
    switch rcode {
    case .noError: records = answers.filter { $0.type == .a }
    case .nameError: records = authority.filter { $0.type == .soa }
    default: return nil
    }
    let labels = records.first?.owner.description.split(separator: ".") ?? []
    return labels.suffix(2) == ["dcos", "directory"]
      ? labels.dropLast(2).last.map(String.init) : nil
  }
}
