import ArgumentParser
import DCOSSimulator
import Glibc

@main
struct SimulatorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dcos-simulator",
    abstract: "A pretend DC/OS cluster: Admin Router's HTTP and dcos-net's DNS on each master.",
    discussion: """
      Prints one line when it is ready, and is then steered by lines on standard input, each \
      answered by a line that begins with ok or error:

        replace OLD NEW     a new master takes an old one's place
        fail MASTER KIND    KIND is one of \(Failure.names.joined(separator: ", "))
        heal MASTER
        wipe MASTER         it starts from nothing, and has no key for a while
        id NEW              the cluster gets another ID
        quit

      The end of its input does not stop it; SIGTERM and SIGINT do.
      """)

  @Option(
    name: .customLong("master"),
    help: "A master's address, such as 127.0.0.11; once for each master.")
  var masters: [String]

  @Option(help: "The port of HTTP on every master; 0 for a free one.")
  var httpPort = 0

  @Option(help: "The port of DNS on every master; 0 for a free one.")
  var dnsPort = 0

  @Option(name: .customLong("id"), help: "The cluster's ID.")
  var clusterID = SimulatedCluster.Configuration.publishedID

  @Option(
    name: .customLong("task"),
    help: "A task and its address, as in web.marathon=10.0.0.80; may be repeated.")
  var tasks: [TaskAddress] = []

  @Option(help: "Speak HTTPS, and write the CA certificate into this directory, as ca.crt.")
  var tlsDirectory: String?

  @Option(help: "For how many seconds a master that is wiped has no key.")
  var keyDelay = 60

  @Option(help: "The resolvers for names that are not the cluster's: absent, or dead.")
  var upstream = SimulatedCluster.Upstream.absent

  func run() async throws {
    let authority = tlsDirectory == nil ? nil : try await CertificateAuthority()
    let cluster = SimulatedCluster(
      .init(
        id: clusterID, masters: masters, httpPort: httpPort, dnsPort: dnsPort,
        authority: authority,
        tasks: Dictionary(grouping: tasks, by: \.task).mapValues { $0.map(\.address) },
        upstream: upstream, keyDelay: .seconds(keyDelay)))
    let events = Event.stream()
    if let tlsDirectory, let authority {
      try PEMFile(authority.pem).write(to: "\(tlsDirectory)/ca.crt")
    }
    try await cluster.start()
    await say(
      "ready http-port=\(cluster.httpPort) dns-port=\(cluster.dnsPort) id=\(cluster.id)")
    for await event in events {
      switch event {
      case .terminate:
        await cluster.stop()
        return
      case .line(let line):
        if await obey(line, cluster) == .quit {
          return
        }
      }
    }
  }

  private func obey(_ line: String, _ cluster: SimulatedCluster) async -> SteeringCommand? {
    do {
      guard let command = try SteeringCommand(line) else {
        return nil
      }
      try await cluster.perform(command)
      say("ok \(line)")
      return command
    } catch {
      say("error \(error)")
      return nil
    }
  }

  /// Writes a line without the buffers of C's streams.
  ///
  /// A line written to a pipe would wait in them, and flushing them waits for the thread that reads standard input.
  private func say(_ line: String) {
    let bytes = Array("\(line)\n".utf8)
    _ = unsafe write(STDOUT_FILENO, bytes, bytes.count)
  }
}

extension SimulatedCluster.Upstream: ExpressibleByArgument {}

/// `TASK=ADDRESS`.
struct TaskAddress: ExpressibleByArgument {
  let task: String
  let address: String

  init?(argument: String) {
    let parts = argument.split(separator: "=", omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
      return nil
    }
    task = String(parts[0])
    address = String(parts[1])
  }
}
