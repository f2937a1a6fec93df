import BINDText
import DCOS
import DNSNames
import Named
import SystemPackage
import TestSupport
import Testing

@testable import Reconcile
@testable import ReconcileModel

/// A configuration of named in a folder, for a named that is not told anything, and what is wanted
/// of it.
struct Site {
  static let ids = [
    SampleID.published,
    SampleID.other,
    SampleID.third,
  ]

  let folder: TemporaryFolder
  var desired: DesiredState
  /// Where passes remember which zones have blocks; nil to have them look everywhere.
  var state: FilePath?

  /// A cluster whose ID and masters are given.
  static func cluster(
    _ name: String = "prod", id: String = ids[0], masters: [String] = ["10.0.0.1"]
  ) throws -> Cluster {
    Cluster(
      name: name,
      source: .fixed(
        ClusterView(id: try ClusterID(id), masters: try masters.map { try IPAddress($0) })))
  }

  /// Makes a plan, judged by named's checkers.
  func propose(
    _ operation: Operation = .reconcile, observes: Bool = true, accepted: Set<String> = []
  ) async throws -> Proposal {
    let pass = Pass(
      desired: desired, tools: try NamedTools.locate(), stateDirectory: state)
    return try await pass.propose(
      observers: observes ? try ClusterObservers(desired.clusters) : nil, operation: operation,
      accepted: accepted, now: 0)
  }

  /// Makes a plan and carries it out.
  @discardableResult
  func pass(
    _ operation: Operation = .reconcile, observes: Bool = true, accepted: Set<String> = []
  ) async throws -> Plan {
    let pass = Pass(
      desired: desired, tools: try NamedTools.locate(), stateDirectory: state)
    let proposal = try await propose(operation, observes: observes, accepted: accepted)
    return try await pass.apply(proposal).plan
  }

  /// Takes everything out that is managed.
  @discardableResult
  func removeAll() async throws -> Plan {
    var empty = self
    empty.desired.clusters = []
    empty.desired.aliases = []
    empty.desired.zones = [:]
    return try await empty.pass(.clearance, observes: false)
  }

  /// Expects that a pass would have nothing to do and nothing to say.
  func expectSettled(sourceLocation: Testing.SourceLocation = #_sourceLocation) async throws {
    let plan = try await propose().plan
    #expect(plan.isEmpty, "\(plan.files.map(\.path))", sourceLocation: sourceLocation)
    #expect(plan.problems.isEmpty, "\(plan.problems)", sourceLocation: sourceLocation)
  }

  func text(_ name: String) throws -> String { try folder.text(name) }

  /// All files of the folder.
  func files() throws -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for name in try listFolder(folder.path) where try folder.path.appending(name).isRegular() {
      files[name] = try folder.read(name)
    }
    return files
  }

  /// What named-checkconf takes the configuration for, in its canonical form, a line each.
  func canonical() async throws -> [String] {
    let conf = desired.bind.namedConf
    let result = try await run(
      "sh",
      arguments: [
        "-c", "cd \"$0\" && exec named-checkconf -p \"$1\"", conf.removingLastComponent().string,
        conf.string,
      ])
    try #require(result.status == 0, "\(result.standardOutput)\(result.standardError)")
    return result.standardOutput.split(separator: "\n").map(String.init)
  }
}

extension FilePath {
  fileprivate func isRegular() throws -> Bool { try stat().type == .regular }
}

/// Writes the files of a site, of which `named.conf` is the first, and hands it to the body.
///
/// `FOLDER` in a file stands for the folder's path.
func withSite(
  _ files: [String: String], zonesIn: String = "named.conf", views: [String]? = nil,
  aliases: [String] = [], root: String? = nil, _ body: (Site) async throws -> Void
) async throws {
  try await withTemporaryFolder { folder in
    for (name, text) in files {
      try folder.write(name, text.replacing("FOLDER", with: folder.path.string))
    }
    let desired = DesiredState(
      bind: BINDSettings(
        namedConf: root == nil ? folder.path.appending("named.conf") : "/named.conf",
        zonesIn: root == nil ? folder.path.appending(zonesIn) : FilePath("/\(zonesIn)"),
        views: views, query: try Endpoint("127.0.0.1:53"), reload: .none,
        root: root.map { ServerRoot(folder.path.appending($0)) } ?? ServerRoot()),
      clusters: [try Site.cluster()],
      aliases: try aliases.map { Alias(owner: try DomainName($0), cluster: "prod") })
    try await body(Site(folder: folder, desired: desired))
  }
}
