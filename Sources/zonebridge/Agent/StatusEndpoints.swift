import Systemd

/// Where the agent can be asked: on its own socket in the state directory, which `zonebridge status` does, and
/// where the configuration or systemd has a listener for metrics.
struct StatusEndpoints {
  private let agent: AgentState
  private var places: [ListeningPlace] = []
  private var names: HostNames?
  private var server: StatusServer?

  init(_ agent: AgentState) {
    self.agent = agent
  }

  /// Listens where the configuration says; a place that cannot be used is reported, and prevents nothing.
  mutating func open(for configuration: Configuration) async {
    let wanted = Self.places(for: configuration)
    let names = HostNames(configuration.metrics.hostNames)
    // What goes on as it is loses no connection.
    if wanted == places, names == self.names { return }
    await close()
    let server = StatusServer(at: wanted, names: names, past: { [agent] in agent.past }) {
      [agent] in
      agent.status
    }
    let errors = await server.start()
    for error in errors { Diagnostics.error("\(error)") }
    self.server = server
    self.names = names
    // A place that could not be used is tried again with the next configuration, even the same one.
    places = errors.isEmpty ? wanted : []
  }

  mutating func close() async {
    await server?.stop()
    server = nil
    places = []
  }

  private static func places(for configuration: Configuration) -> [ListeningPlace] {
    let own = ListeningPlace.socket(UnixSocket.ofAgent(in: configuration.stateDirectory))
    let inherited = ServiceManager.current.sockets(named: "metrics")
    return [own] + inherited.map { .inherited($0) }
      + [configuration.metrics.listen].compactMap(\.self).map { .address($0) }
  }
}
