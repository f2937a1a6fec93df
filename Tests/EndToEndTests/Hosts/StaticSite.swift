import SystemPackage
import TestSupport
import Testing

/// A configuration and two zones, each of which gets an alias.
struct StaticSite {
  let folder: TemporaryFolder
  let before: [String: [UInt8]]

  static let names = ["named.conf", "db.com", "db.net"]

  init(_ folder: TemporaryFolder, state: String = "state") throws {
    self.folder = folder
    let path = folder.path
    try folder.write(
      "bind/named.conf",
      """
      options { directory "\(path)/bind"; };
      zone "contoso.com" { type primary; file "db.com"; };
      zone "contoso.net" { type primary; file "db.net"; };

      """)
    for name in ["db.com", "db.net"] { try folder.write("bind/\(name)", Host.bareZone) }
    try folder.write("tmp/keep", "")
    try folder.write(
      "zonebridge.yaml",
      """
      state-directory: \(path)/\(state)
      bind: { named-conf: \(path)/bind/named.conf, reload: none }
      clusters:
        - name: prod
          static:
            cluster-id: \(SampleID.published)
            masters: [10.0.6.68]
      aliases:
        - { name: a.contoso.com, cluster: prod }
        - { name: a.contoso.net, cluster: prod }

      """)
    before = try Self.files(folder)
  }

  private init(_ site: StaticSite, before: [String: [UInt8]]) {
    folder = site.folder
    self.before = before
  }

  /// The site with its files as they are now for what stood there before.
  func asItIs() throws -> StaticSite { StaticSite(self, before: try files) }

  static func files(_ folder: TemporaryFolder) throws -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for name in try folder.names(in: "bind") where name != "history" {
      files[name] = try folder.read("bind/\(name)")
    }
    return files
  }

  var files: [String: [UInt8]] { get throws { try Self.files(folder) } }

  var configuration: FilePath { folder.path.appending("zonebridge.yaml") }

  func zonebridge(_ arguments: [String]) async throws -> ProgramResult {
    try await run(
      try Host.program().string, arguments: ["--config", configuration.string] + arguments,
      environment: ["TMPDIR": "\(folder.path)/tmp"])
  }

  /// Makes a pass, under strace if something is to happen to it.
  ///
  /// Then it is on one processor, since strace counts the system calls of each thread for itself. It stops at these calls
  /// alone (seccomp(2)), if strace can do then what is to happen: it cannot send a signal.
  func pass(injecting fault: String? = nil, into calls: String = "") async throws -> ProgramResult {
    let zonebridge =
      [try Host.program().string, "--config", configuration.string, "--once"]
    let tracer =
      fault.map {
        [
          "taskset", "-c", "0", "strace", "-f", "-y", "-qq", "-o", "\(folder.path)/trace", "-e",
          "trace=\(calls)", "-e", "inject=\(calls):\($0)",
        ] + ($0.hasPrefix("signal=") ? [] : ["--seccomp-bpf"])
      } ?? []
    return try await run(
      "env", arguments: ["TMPDIR=\(folder.path)/tmp"] + tracer + zonebridge)
  }

  var hasHappened: Bool {
    get throws {
      let trace = try folder.text("trace")
      return trace.contains("INJECTED") || trace.contains("SIGKILL")
    }
  }

  /// What was made to fail, in few words, without the numbers.
  var refused: [String] {
    get throws {
      SystemCallTrace(parsing: try folder.text("trace")).steps.filter(\.isInjected)
        .compactMap { $0.attempt(beneath: folder.path) }
    }
  }

  /// The next pass brings everything in order, and nothing is left over.
  func expectHealed(_ after: [String: [UInt8]], _ occasion: String) async throws {
    let healed = try await pass()
    #expect(healed.status == 0, "\(occasion): \(healed.standardError)")
    #expect(try files == after, "\(occasion)")
    #expect(
      try folder.names(in: "state").sorted() == [
        "history", "lock", "names", "status.json", "zones",
      ],
      "\(occasion)")
    #expect(try folder.names(in: "tmp") == ["keep"], "\(occasion)")
    #expect(try folder.names(in: "state/history") == ["1.json"], "\(occasion)")
  }
}
