import DCOS
import DNSNames
import Glibc
package import Named
import Reconcile
package import ReconcileModel
package import SystemPackage
import TestSupport

/// A configuration of named in a folder of its own.
///
/// Its state is that after the first pass on a host: the block index says that no zone has a block. No named is
/// notified.
package struct MeasuredSite: Sendable {
  private let folder: TemporaryFolder

  package init() throws {
    folder = try TemporaryFolder()
    try folder.write("state/zones", BlockIndex(zones: []).text)
  }

  package var namedConf: FilePath { path(of: "named.conf") }

  package func path(of name: String) -> FilePath { folder.path.appending(name) }

  /// Writes a file piece by piece and flushes it.
  ///
  /// Writing in pieces adds nothing to the memory that is measured, and flushing leaves no work for the time that is
  /// measured.
  ///
  /// - Returns: The file's size in bytes.
  @discardableResult
  package func write(
    _ name: String, _ body: (_ write: (String) throws -> Void) throws -> Void
  ) throws -> Int {
    let file = try FileDescriptor.open(
      path(of: name), .writeOnly, options: [.create, .truncate],
      permissions: [.ownerReadWrite, .groupRead, .otherRead])
    return try file.closeAfter {
      var size = 0
      try body { size += try file.writeAll($0.utf8) }
      guard fsync(file.rawValue) == 0 else { throw Errno(rawValue: errno) }
      return size
    }
  }

  /// Writes a program into the folder that stands in for one of named's.
  package func writeProgram(_ name: String, _ text: String) throws -> FilePath {
    try folder.write(name, Array(text.utf8), mode: [.ownerReadWriteExecute])
  }

  /// A pass with a cluster that needs no queries.
  package func pass(aliases: [Alias] = [], tools: NamedTools) throws -> MeasuredPass {
    let view = ClusterView(
      id: try ClusterID(SampleID.published),
      masters: [try IPAddress("10.0.6.68"), try IPAddress("10.0.6.69")])
    let desired = DesiredState(
      bind: BINDSettings(
        namedConf: namedConf, zonesIn: namedConf, query: try Endpoint("127.0.0.1:53"),
        reload: .none),
      clusters: [Cluster(name: "prod", source: .fixed(view))], aliases: aliases)
    return MeasuredPass(
      pass: Pass(desired: desired, tools: tools, stateDirectory: path(of: "state")),
      observers: try ClusterObservers(desired.clusters))
  }
}

/// A pass from the desired state to the renamed files.
package struct MeasuredPass: Sendable {
  let pass: Pass
  let observers: ClusterObservers

  /// Runs the pass and checks that it did the work to be measured.
  package func run(changing count: Int) async throws {
    let proposal = try await pass.propose(observers: observers, now: 0)
    let outcome = try await pass.apply(proposal)
    guard outcome.plan.files.count == count, outcome.problems.isEmpty else {
      throw Unexpected("the pass did something else: \(outcome.problems)")
    }
  }
}
