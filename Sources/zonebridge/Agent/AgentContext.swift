import FileChange
import Named
import Reconcile
import ReconcileModel

/// What the agent works on until it is given another configuration.
struct AgentContext {
  let configuration: Configuration
  let observers: ClusterObservers
  let tools: NamedTools
  let keeper: RecordKeeper
  /// What the passes have read: an unchanged file is not read again.
  let files = FileCache()
  /// What named has said of zones: it is not asked again for what has not changed.
  let statuses = ZoneStatusCache()

  init(_ configuration: Configuration) throws {
    try self.init(configuration, tools: try NamedTools.locate(configuration.desired.bind.tools))
  }

  init(_ configuration: Configuration, tools: NamedTools) throws {
    // The agent's socket is there as well, and is made before the first pass.
    let folder = try PrivateFolder.state(at: configuration.stateDirectory, for: .pass)
    self.configuration = configuration
    self.tools = tools
    keeper = RecordKeeper(
      in: folder.map { StateDirectory($0) } ?? StateDirectory(configuration.stateDirectory))
    observers = try ClusterObservers(
      configuration.desired.clusters, limits: .passes(every: configuration.interval))
  }

  /// A pass of it: the caller must hold the lock.
  func pass(
    in state: StateDirectory, progress: @escaping @Sendable (PassStep) -> Void
  ) -> Pass {
    Pass(
      desired: configuration.desired, tools: tools, holding: state, files: files,
      statuses: statuses,
      progress: progress)
  }
}
