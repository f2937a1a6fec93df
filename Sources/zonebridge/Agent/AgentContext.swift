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
    if let objection = PrivateFolder.objection(to: configuration.stateDirectory, for: .pass) {
      throw objection
    }
    self.configuration = configuration
    self.tools = tools
    keeper = RecordKeeper(in: configuration.stateDirectory)
    observers = try ClusterObservers(
      configuration.desired.clusters, limits: .passes(every: configuration.interval))
  }

  /// A pass of it: the caller must hold the lock.
  func pass(progress: @escaping @Sendable (PassStep) -> Void) -> Pass {
    Pass(
      desired: configuration.desired, tools: tools, stateDirectory: configuration.stateDirectory,
      holdsLock: true, files: files, statuses: statuses, progress: progress)
  }
}
