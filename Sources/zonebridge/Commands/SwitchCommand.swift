import ArgumentParser
import DNSNames
import Glibc
import ReconcileModel

/// `zonebridge switch`: an operator's choice for an alias with several clusters.
struct SwitchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "switch",
    abstract: "Lead an alias with several clusters to one of them, or have it follow their health.",
    discussion: """
      The alias leads to the cluster, whatever its health, until --for is over or --auto ends your choice. After that \
      it leads to the first healthy cluster of its list. Like any pass, this one first asks whether the cluster \
      answers, and reverts what named does not serve. No agent has to run; a running one follows your choice from its \
      next pass on.
      """)

  @OptionGroup var common: CommonOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var waiting: WaitingOptions

  @Flag(help: "Print what would change, and change nothing.")
  var dryRun = false

  @Flag(help: "End the choice: the alias follows the health of its clusters again.")
  var auto = false

  @Option(
    name: .customLong("for"),
    help: ArgumentHelp(
      "How long the choice lasts, as in 2h; without it, until --auto.", valueName: "time"))
  var period: WrittenTime?

  @Argument(help: "The alias.", completion: Completions.aliases)
  var alias: String

  @Argument(help: "The cluster that it will lead to.", completion: Completions.clusters)
  var cluster: String?

  func validate() throws {
    switch (auto, cluster) {
    case (false, nil): throw ValidationError("Name the cluster, or use --auto")
    case (true, _?): throw ValidationError("--auto and a cluster exclude each other")
    case (true, nil) where period != nil: throw ValidationError("--for goes with a cluster only")
    default: break
    }
    if let period, period.seconds < 1 { throw ValidationError("--for takes 1s or more") }
  }

  func run() async throws {
    let configuration = try common.load()
    let target = try SwitchTarget(alias, cluster, in: configuration)
    let choice = target.cluster.map { cluster in
      FailoverMemory.Choice(
        cluster, until: period.map { Int64(time(nil)) + $0.seconds })
    }
    let pass = OnePass(
      .choice(choice, of: target.alias.owner), of: configuration, output: output, showsDiff: true)
    throw dryRun ? await pass.preview().code : await pass.run(waiting: waiting.time).code
  }
}

/// What the words of the command line mean.
struct SwitchTarget {
  let alias: Alias
  let cluster: String?

  /// - Throws: Why an alias cannot be switched, or not to this cluster.
  init(_ name: String, _ cluster: String?, in configuration: Configuration) throws {
    let aliases = configuration.desired.aliases
    guard let owner = try? DomainName(name), let alias = aliases.first(where: { $0.owner == owner })
    else {
      throw Self.unknown(name, "alias", among: aliases.map(\.blockName))
    }
    guard let failover = alias.failover else {
      throw ValidationError(
        """
        switch \(name): the alias has one cluster, \(alias.cluster). Give it several in \(configuration.path), as in \
        clusters: [\(alias.cluster), …], or change its cluster there
        """)
    }
    if let cluster, !failover.clusters.contains(cluster) {
      throw Self.unknown(cluster, "cluster of \(alias.blockName)", among: failover.clusters)
    }
    self.alias = alias
    self.cluster = cluster
  }

  private static func unknown(
    _ name: String, _ kind: String, among known: [String]
  ) -> ValidationError {
    let meant = NearestWord(known: known).suggestion(for: name).map { " Did you mean \($0)?" } ?? ""
    return ValidationError(
      """
      switch: there is no \(kind) '\(name)'.\(meant) Known are: \
      \(known.isEmpty ? "none" : known.joined(separator: ", "))
      """)
  }
}

extension WrittenTime: ExpressibleByArgument {
  init?(argument: String) { self.init(argument) }

  fileprivate var seconds: Int64 { duration.components.seconds }
}
