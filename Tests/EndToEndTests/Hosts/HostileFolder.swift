import FileChange
import Glibc
import SystemPackage
import TestSupport
import Testing

/// A zone file in a folder that another user may write to, as named's user may, and something that is none
/// of that user's business.
struct HostileFolder {
  /// Who runs the passes.
  enum Runner: String, CaseIterable {
    case root
    /// As zonebridge.service has it.
    case unit
  }

  /// The user that named would run as, and the one of the unit.
  static let (named, unit) = (uid_t(4711), uid_t(4712))

  let folder: TemporaryFolder
  let runner: Runner
  /// Whether named was chrooted, and comes to its zone file by a link of root's that begins at its root.
  let isChrooted: Bool

  private static let zone = """
    $TTL 3600
    @ IN SOA ns.example.net. hostmaster.contoso.com. 7 3600 900 1209600 60
    @ IN NS ns.example.net.
    @ IN MX 10 mail.example.net.

    """

  init(_ runner: Runner, isChrooted: Bool = false) throws {
    folder = try TemporaryFolder()
    self.runner = runner
    self.isChrooted = isChrooted
    let path = folder.path
    try folder.write("victim/db", Array(Self.zone.utf8), mode: [.ownerReadWrite])
    try folder.write("victim/other", Array("secret\n".utf8), mode: [.ownerReadWrite])
    try folder.write(
      "zonebridge.yaml",
      """
      state-directory: \(path)/state
      bind: { named-conf: \(path)/etc/named.conf, reload: none\(isChrooted ? ", root: \(path)" : "") }
      clusters:
        - name: prod
          static:
            cluster-id: kaualnklf69aisrgpnceqn7pr4mgz5o8j38bn96nwoqq687l5cho
            masters: [10.0.6.68]
      aliases:
        - { name: a.contoso.com, cluster: prod }

      """)
    if isChrooted { try makeLink(path.appending("way"), to: "/cache/D") }
    try reset()
  }

  var cache: FilePath { folder.path.appending("cache") }
  private var victim: FilePath { folder.path.appending("victim") }
  private var reportPath: FilePath { folder.path.appending("report") }

  /// All as it is before the first pass, but for the victim.
  ///
  /// In `cache` the zone file is `D/db`. `E` is a link to the victim's folder, `evil` one to a file in it, and `own` a
  /// file, all of them named's user's.
  func reset() throws {
    for name in ["cache", "state", "tmp", "etc"] { removeTree(folder.path.appending(name)) }
    try folder.write(
      "etc/named.conf",
      """
      options { directory "\(isChrooted ? "" : folder.path.string)/etc"; };
      zone "contoso.com" { type primary; file "\(isChrooted ? "/way" : "\(cache)/D")/db"; };

      """)
    try folder.write("cache/D/db", Self.zone)
    try folder.write("cache/own", Self.zone)
    let way: FilePath = isChrooted ? "/victim" : victim
    try makeLink(cache.appending("E"), to: way)
    try makeLink(cache.appending("evil"), to: way.appending("db"))
    for name in ["cache", "cache/D", "cache/D/db", "cache/own", "cache/E", "cache/evil"] {
      try give(name, to: Self.named)
    }
    for name in ["state", "tmp"] {
      guard unsafe mkdir(folder.path.appending(name).string, 0o700) == 0 else {
        throw SystemCallFailure("mkdir \(name)")
      }
      if runner == .unit { try give(name, to: Self.unit) }
    }
  }

  private func give(_ name: String, to user: uid_t) throws {
    guard unsafe lchown(folder.path.appending(name).string, user, user) == 0 else {
      throw SystemCallFailure("lchown \(name)")
    }
  }

  // MARK: Passes

  /// Two names in `cache` change places before one system call of a pass, and again some calls later.
  struct Attack: CustomTestStringConvertible {
    let one: String
    let other: String
    /// For so many calls; 0: for good.
    var duration = 0

    var testDescription: String { "\(one) and \(other) for \(duration)" }
  }

  struct Result {
    let pass: ProgramResult
    /// How many system calls there were that could see whether the names have changed places.
    let calls: Int
    let swaps: Int
    /// What of the victim's was opened.
    let reads: String
  }

  /// Makes a pass, followed call by call.
  ///
  /// - Parameters:
  ///   - attack: What is done to the pass; nil for nothing.
  ///   - call: Before which call, counted from 1; 0 for none.
  ///   - user: Who does it.
  ///   - place: Where; nil for `cache`.
  /// - Returns: What it came to.
  /// - Throws: If it cannot be followed.
  func pass(
    _ attack: Attack? = nil, before call: Int = 0, by user: uid_t = named, in place: FilePath? = nil
  ) async throws -> Result {
    let place = place ?? cache
    let program = try Host.program()
    let swapper = [
      try Host.built("folder-swapper").string, "\(user)",
      "\(call)", "\(attack?.duration ?? 0)", reportPath.string, place.string, victim.string,
      place.pushing(FilePath(attack?.one ?? "-")).string,
      place.pushing(FilePath(attack?.other ?? "-")).string,
    ]
    let capabilities = "-all,+chown,+dac_override,+fowner"
    let runAsUser =
      runner == .root
      ? []
      : [
        locate("setpriv").string, "--reuid=\(Self.unit)", "--regid=\(Self.unit)", "--clear-groups",
        "--bounding-set=\(capabilities)", "--inh-caps=\(capabilities)",
        "--ambient-caps=\(capabilities)", "--no-new-privs",
      ]
    let pass = try await run(
      "env",
      arguments: ["TMPDIR=\(folder.path)/tmp"] + swapper + runAsUser
        + [program.string, "--config", "\(folder.path)/zonebridge.yaml", "--once"])
    var numbers: [Substring: Substring] = [:]
    for line in try folder.text("report").split(separator: "\n") {
      let parts = line.split(separator: " ", maxSplits: 1)
      numbers[parts[0]] = parts.last
    }
    return Result(
      pass: pass, calls: numbers["calls"].flatMap { Int($0) } ?? 0,
      swaps: numbers["swaps"].flatMap { Int($0) } ?? 0,
      reads: String(numbers["reads"] ?? "not told"))
  }

  // MARK: What it came to

  /// What is not named's user's: which files there are, whose, and when they were last touched.
  func bystanders() throws -> [String] {
    var lines: [String] = []
    for name in ["victim"] + (try folder.names(in: "victim").map { "victim/\($0)" }) {
      let status = try folder.path.pushing(FilePath(name)).stat(followTargetSymlink: false)
      lines.append("\(name) \(FileIdentity(status)) \(FileMetadata(status)) \(status.linkCount)")
    }
    return lines + (try folder.names(in: "etc"))
      + (try folder.names().filter { $0 != "report" && $0 != "state" })
  }

  /// What the zone file holds, whatever it is called by now; nil where it is nowhere.
  func zoneText() throws -> String? {
    for name in ["D/db", "E/db", "own", "evil"] {
      let path = cache.pushing(FilePath(name))
      guard let status = try? path.removingLastComponent().stat(followTargetSymlink: false),
        status.type == .directory,
        (try? path.stat(followTargetSymlink: false).type) == .regular
      else { continue }
      return String(decoding: try readFile(path), as: UTF8.self)
    }
    return nil
  }

  var zoneBefore: String { Self.zone }
}
