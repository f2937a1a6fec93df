import ArgumentParser
import Named
import Reconcile
import ReconcileModel

/// The clusters for which `--accept` accepts what is held.
struct AcceptedClusters {
  let names: Set<String>

  /// Refuses a name that nothing has.
  ///
  /// What is held may be the removal of a cluster that the configuration no longer has, and that still has a managed
  /// block.
  init(_ names: [String], in configuration: Configuration) async throws {
    self.names = Set(names)
    let unknown = names.filter { name in
      !configuration.desired.clusters.contains { $0.name == name }
    }
    guard !unknown.isEmpty,
      let tools = try? NamedTools.locate(configuration.desired.bind.tools)
    else { return }
    let pass = Pass(
      desired: configuration.desired, tools: tools, stateDirectory: configuration.stateDirectory)
    // Where the files cannot be read, the pass itself reports why.
    guard let managed = try? await pass.managedNames() else { return }
    if let name = unknown.first(where: { !managed.clusters.contains($0) }) {
      let known = configuration.desired.clusters.map(\.name) + managed.clusters.sorted()
      throw ValidationError(
        "--accept \(name): neither the configuration nor a managed block has such a cluster"
          + (NearestWord(known: known).suggestion(for: name).map { ". Did you mean \($0)?" } ?? ""))
    }
  }
}
