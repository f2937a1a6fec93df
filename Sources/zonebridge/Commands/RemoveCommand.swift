import ArgumentParser
import DNSNames
import Named
import Reconcile
import ReconcileModel

/// `zonebridge remove`: removes managed blocks, so that the files are what they were before.
struct RemoveCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove",
    abstract: "Remove the managed blocks of clusters or aliases, or all of them.",
    discussion: """
      Removing a cluster removes its aliases as well, because they would lead nowhere. Except for the serials of \
      zones, the files are then what they were before zonebridge, to the byte. Whatever is still in zonebridge's \
      configuration comes back with the next pass.
      """)

  @OptionGroup var common: CommonOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var waiting: WaitingOptions

  @Flag(help: "Print what would change, and change nothing.")
  var dryRun = false

  @Flag(help: "Remove everything.")
  var all = false

  @Option(
    name: .customLong("cluster"), help: "A cluster to remove.", completion: Completions.clusters)
  var clusters: [String] = []

  @Option(
    name: .customLong("alias"), help: "An alias to remove.", completion: Completions.aliases)
  var aliases: [String] = []

  @Argument(
    help: ArgumentHelp(
      "Clusters or aliases to remove.", valueName: "name"), completion: Completions.blocks)
  var names: [String] = []

  func validate() throws {
    switch (all, (clusters + aliases + names).isEmpty) {
    case (false, true):
      throw ValidationError("Name the clusters or aliases to remove, or use --all")
    case (true, false): throw ValidationError("--all and names exclude each other")
    default: break
    }
  }

  func run() async throws {
    // The masters are not asked.
    let configuration = try common.load(needing: .named)
    var removal =
      all
      ? Removal(allOf: configuration.desired)
      : try Removal(
        clusters: clusters, aliases: aliases, either: names, from: configuration.desired)
    try await resolve(&removal, configuration)
    var pass = OnePass(
      .reconcile(removal.operation, observes: false), of: configuration, output: output,
      showsDiff: true)
    pass.desired = removal.desired
    for subject in removal.configured {
      Diagnostics.warning(
        "\(subject) is still in \(configuration.path): remove it there, or the next pass writes it again"
      )
    }
    throw dryRun ? await pass.preview().code : await pass.run(waiting: waiting.time).code
  }

  /// Finds the managed blocks of names that the configuration does not have.
  ///
  /// A name without one is a mistake, most often in its spelling.
  private func resolve(_ removal: inout Removal, _ configuration: Configuration) async throws {
    guard !removal.unconfigured.isEmpty,
      let tools = try? NamedTools.locate(configuration.desired.bind.tools)
    else { return }
    let pass = Pass(
      desired: configuration.desired, tools: tools, stateDirectory: configuration.stateDirectory)
    // Where the files cannot be read, the removal itself reports why.
    guard let managed = try? await pass.managedNames() else { return }
    try removal.resolve(managed, in: configuration)
  }
}

/// What to remove, and the desired state without it.
struct Removal {
  private(set) var desired: DesiredState
  private(set) var operation = Operation.reconcile
  /// What to remove although the configuration has it.
  private(set) var configured: [Subject] = []
  /// The names that the configuration does not have.
  private(set) var unconfigured: [Name] = []

  /// A name as the command line has it.
  enum Name: Hashable {
    case cluster(String)
    case alias(DomainName)
    case either(String)
  }

  /// Everything that is managed.
  init(allOf desired: DesiredState) {
    self.desired = desired
    configured = desired.clusters.map { .cluster($0.name) }
    operation = .clearance
    self.desired.clusters = []
    self.desired.aliases = []
    // Serials and keys are needed all the same.
    for zone in desired.zones.keys { self.desired.zones[zone]?.create = nil }
  }

  init(
    clusters: [String], aliases: [String], either names: [String], from desired: DesiredState
  ) throws {
    self.desired = desired
    var blocks: Set<String> = []
    for name in clusters { blocks.formUnion(takeOut(cluster: name)) }
    for name in aliases { blocks.insert(try takeOut(alias: name)) }
    for name in names {
      let owner = try? DomainName(name)
      let isAlias = owner.map { owner in desired.aliases.contains { $0.owner == owner } } ?? false
      let isCluster = desired.clusters.contains { $0.name == name }
      if isAlias, isCluster {
        throw ValidationError(
          "\(name) is a cluster and an alias: use --cluster \(name) or --alias \(name)")
      }
      if isAlias {
        blocks.insert(try takeOut(alias: name))
      } else if isCluster {
        blocks.formUnion(takeOut(cluster: name))
      } else {
        unconfigured.append(.either(name))
        blocks.insert(name)
      }
    }
    operation = .removal(of: blocks)
  }

  /// A cluster with its aliases; one that the configuration does not have may have left a block.
  private mutating func takeOut(cluster name: String) -> [String] {
    if desired.clusters.contains(where: { $0.name == name }) {
      configured.append(.cluster(name))
    } else {
      unconfigured.append(.cluster(name))
    }
    // An alias with several clusters has others to lead to.
    let aliases = desired.aliases.filter { $0.failover == nil && $0.cluster == name }
    desired.clusters.removeAll { $0.name == name }
    desired.aliases.removeAll { $0.failover == nil && $0.cluster == name }
    for index in desired.aliases.indices {
      desired.aliases[index].failover?.clusters.removeAll { $0 == name }
    }
    return [name] + aliases.map(\.blockName)
  }

  private mutating func takeOut(alias name: String) throws -> String {
    guard let owner = try? DomainName(name) else {
      throw ValidationError("--alias \(name): that is not a domain name")
    }
    guard let alias = desired.aliases.first(where: { $0.owner == owner }) else {
      unconfigured.append(.alias(owner))
      return owner.withoutTrailingDot
    }
    configured.append(.alias(alias.owner))
    desired.aliases.removeAll { $0.owner == owner }
    return alias.blockName
  }
}

extension Removal {
  /// Adds the blocks of names that the configuration does not have, spelt as in the blocks.
  mutating func resolve(_ managed: ManagedNames, in configuration: Configuration) throws {
    guard case .removal(var blocks) = operation else { return }
    for name in unconfigured {
      let found = managed.blocks(of: name)
      guard !found.isEmpty else {
        throw ValidationError(complaint(about: name, managed, configuration))
      }
      blocks.formUnion(found)
    }
    operation = .removal(of: blocks)
  }

  private func complaint(
    about unknown: Name, _ managed: ManagedNames, _ configuration: Configuration
  ) -> String {
    let clusters = configuration.desired.clusters.map(\.name)
    let aliases = configuration.desired.aliases.map(\.owner)
    let known =
      clusters + managed.clusters.subtracting(clusters).sorted()
      + (aliases + managed.aliases.subtracting(aliases).sorted()).map(\.withoutTrailingDot)
    let (name, kind) =
      switch unknown {
      case .cluster(let name): (name, "cluster")
      case .alias(let owner): (owner.withoutTrailingDot, "alias")
      case .either(let name): (name, "cluster or alias")
      }
    return """
      remove \(name): neither \(configuration.path) nor a managed block has a \(kind) of this name. \
      Known are: \(known.isEmpty ? "none" : known.joined(separator: ", "))
      """
  }
}

extension ManagedNames {
  /// The names of the blocks that a name on the command line may mean.
  fileprivate func blocks(of name: Removal.Name) -> Set<String> {
    switch name {
    case .cluster(let name): clusters.intersection([name])
    case .alias(let owner): Set(aliases.filter { $0 == owner }.map(\.withoutTrailingDot))
    case .either(let name):
      clusters.intersection([name])
        .union((try? DomainName(name)).map { blocks(of: .alias($0)) } ?? [])
    }
  }
}
