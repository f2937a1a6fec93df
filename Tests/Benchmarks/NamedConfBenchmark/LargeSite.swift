import DCOS
import Glibc
import Named
import Reconcile
import SystemPackage

/// A configuration with many zones, in a folder of its own.
struct LargeSite {
  let folder: FilePath
  /// The length of named.conf in bytes.
  let size: Int

  private var namedConf: FilePath { folder.appending("named.conf") }
  private var state: FilePath { folder.appending("state") }

  init(zones: Int) throws {
    var template = Array("/tmp/zonebridge-benchmark-XXXXXX".utf8CString)
    let made = unsafe template.withUnsafeMutableBufferPointer { buffer in
      unsafe buffer.baseAddress.flatMap { unsafe mkdtemp($0) }.map { unsafe String(cString: $0) }
    }
    guard let made else { throw Errno(rawValue: errno) }
    folder = FilePath(made)
    size = try Self.write(zones: zones, to: folder.appending("named.conf"))
    guard unsafe mkdir(state.string, 0o755) == 0 else { throw Errno(rawValue: errno) }
    // What the first pass on a host leaves: no zone has a block.
    let footprint = try Self.create(folder.appending("state/zones"))
    try footprint.closeAfter { _ = try footprint.writeAll(Footprint(zones: []).text.utf8) }
  }

  private static func create(_ path: FilePath) throws -> FileDescriptor {
    try .open(
      path, .writeOnly, options: [.create, .truncate],
      permissions: [.ownerReadWrite, .groupRead, .otherRead])
  }

  /// Writes the configuration zone by zone, so that it adds nothing to the memory that is measured.
  private static func write(zones: Int, to path: FilePath) throws -> Int {
    let file = try create(path)
    return try file.closeAfter {
      var size = try file.writeAll(
        "options {\n\tdirectory \"/var/cache/bind\";\n\tdnssec-validation auto;\n};\n\n".utf8)
      for zone in 0..<zones {
        let name = "zone\(zone).customer-\(zone % 977).example.com"
        size += try file.writeAll(
          """
          // customer \(zone % 977), contract \(zone * 7919 % 1_000_003)
          zone "\(name)" IN {
          \ttype primary;
          \tfile "/var/lib/bind/zones/\(zone % 256)/db.\(name)";
          \tallow-transfer { 192.0.2.\(zone % 250 + 1); 2001:db8::\(zone % 9999); };
          \talso-notify { 192.0.2.\(zone % 250 + 1); };
          \tnotify yes;
          };


          """.utf8)
      }
      return size
    }
  }

  /// One pass that puts a cluster's zone and its exception in.
  func pass() async throws {
    let view = ClusterView(
      id: try ClusterID("kaualnklf69aisrgpnceqn7pr4mgz5o8j38bn96nwoqq687l5cho"),
      masters: [try IPAddress("10.0.6.68"), try IPAddress("10.0.6.69")])
    let desired = DesiredState(
      bind: BINDSettings(
        namedConf: namedConf, zonesIn: namedConf, query: try Endpoint("127.0.0.1:53"),
        reload: .none),
      clusters: [Cluster(name: "prod", source: .fixed(view))], aliases: [])
    let tools = NamedTools(
      checkconf: "/bin/true", checkzone: "/bin/true", compilezone: "/bin/true",
      rndc: "/bin/true", nsupdate: "/bin/true")
    let pass = Pass(desired: desired, tools: tools, stateDirectory: state)
    let proposal = try await pass.propose(observers: try Observers(desired.clusters), now: 0)
    let outcome = try await pass.apply(proposal)
    guard outcome.plan.files.count == 1, outcome.problems.isEmpty else {
      throw Unexpected(description: "the pass did something else: \(outcome.problems)")
    }
  }

  /// named-checkconf on the file as the pass left it.
  func check() async throws {
    let checker = ConfigurationChecker(tool: try NamedTools.locate().checkconf)
    let report = try await checker.check(namedConf)
    guard report.isAccepted else { throw Unexpected(description: "\(report.messages)") }
  }

  func remove() {
    for name in ["named.conf", "state/zones"] { _ = unsafe unlink(folder.appending(name).string) }
    _ = unsafe rmdir(state.string)
    _ = unsafe rmdir(folder.string)
  }
}

/// A benchmark that would measure something else than it says.
struct Unexpected: Error, CustomStringConvertible {
  var description: String
}
