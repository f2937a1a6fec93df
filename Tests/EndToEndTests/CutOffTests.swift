import SystemPackage
import TestSupport
import Testing

/// Power failures, signals and failing disks, by strace, at every system call of a pass that changes a
/// file.
@Suite("A pass that is cut off", .enabled { await canTrace() })
struct CutOffTests {
  private static let changing =
    "write,pwrite64,writev,fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat,link,linkat,"
    + "fchmod,fchown,ftruncate,fsetxattr,copy_file_range"

  /// A configuration and two zones, each of which gets an alias.
  private struct Site {
    let folder: TemporaryFolder
    let before: [String: [UInt8]]

    static let names = ["named.conf", "db.com", "db.net"]

    init(_ folder: TemporaryFolder) throws {
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
        state-directory: \(path)/state
        bind: { named-conf: \(path)/bind/named.conf, reload: none }
        clusters:
          - name: prod
            static:
              cluster-id: kaualnklf69aisrgpnceqn7pr4mgz5o8j38bn96nwoqq687l5cho
              masters: [10.0.6.68]
        aliases:
          - { name: a.contoso.com, cluster: prod }
          - { name: a.contoso.net, cluster: prod }

        """)
      before = try Self.files(folder)
    }

    static func files(_ folder: TemporaryFolder) throws -> [String: [UInt8]] {
      var files: [String: [UInt8]] = [:]
      for name in try folder.names(in: "bind") { files[name] = try folder.read("bind/\(name)") }
      return files
    }

    var files: [String: [UInt8]] { get throws { try Self.files(folder) } }

    /// A pass; under strace, if something is to happen to it. On one processor, since strace counts
    /// the system calls of each thread for itself.
    func pass(injecting fault: String? = nil, into calls: String = "") async throws -> ProgramResult {
      let zonebridge =
        [try Host.program().string, "--config", "\(folder.path)/zonebridge.yaml", "--once"]
      let tracer =
        fault.map {
          [
            "taskset", "-c", "0", "strace", "-f", "-qq", "-o", "\(folder.path)/trace", "-e",
            "trace=\(calls)", "-e", "inject=\(calls):\($0)",
          ]
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

    /// The next pass brings everything in order, and nothing is left over.
    func expectHealed(_ after: [String: [UInt8]], _ occasion: String) async throws {
      let healed = try await pass()
      #expect(healed.status == 0, "\(occasion): \(healed.standardError)")
      #expect(try files == after, "\(occasion)")
      #expect(try folder.names(in: "state").sorted() == ["lock", "zones"], "\(occasion)")
      #expect(try folder.names(in: "tmp") == ["keep"], "\(occasion)")
    }
  }

  private func reference() async throws -> [String: [UInt8]] {
    try await withTemporaryFolder { folder in
      let site = try Site(folder)
      let result = try await site.pass()
      try #require(result.status == 0, "\(result.standardError)")
      return try site.files.mapValues { bytes in
        Array(
          String(decoding: bytes, as: UTF8.self).replacing(folder.path.string, with: "FOLDER").utf8)
      }
    }
  }

  private func placed(_ files: [String: [UInt8]], in folder: TemporaryFolder) -> [String: [UInt8]] {
    files.mapValues { bytes in
      Array(
        String(decoding: bytes, as: UTF8.self).replacing("FOLDER", with: folder.path.string).utf8)
    }
  }

  @Test("killed at any system call, each file is whole, and the next pass heals all")
  func killed() async throws {
    let reference = try await reference()
    var count = 0
    for number in 1... {
      let isDone = try await withTemporaryFolder { folder in
        let site = try Site(folder)
        let after = placed(reference, in: folder)
        _ = try await site.pass(
          injecting: "signal=SIGKILL:when=\(number)", into: Self.changing)
        guard try site.hasHappened else { return true }
        let files = try site.files
        for name in Site.names {
          #expect(files[name] == site.before[name] || files[name] == after[name], "\(number) \(name)")
        }
        try await site.expectHealed(after, "killed at \(number)")
        return false
      }
      if isDone { break }
      count += 1
    }
    #expect(count > 25)
  }

  @Test(
    "a disk that is full or fails: the files are as before, and the message tells where",
    arguments: ["ENOSPC", "EIO"], ["fsync", "renameat2", "fchmod"])
  func failed(error: String, call: String) async throws {
    let reference = try await reference()
    let words = error == "EIO" ? "Input/output error" : "No space left on device"
    var count = 0
    for number in 1... {
      let isDone = try await withTemporaryFolder { folder in
        let site = try Site(folder)
        let result = try await site.pass(
          injecting: "error=\(error):when=\(number)", into: call)
        guard try site.hasHappened else { return true }
        let occasion = "\(call) \(number): \(result.standardError)"
        #expect(result.status == 1, "\(occasion)")
        #expect(try site.files == site.before, "\(occasion)")
        // Of the programs that it starts, named-compilezone flushes too, and says it its way.
        #expect(
          result.standardError.contains(words) && result.standardError.contains(folder.path.string)
            || result.standardError.contains("named-compilezone refuses zone"), "\(occasion)")
        try await site.expectHealed(placed(reference, in: folder), occasion)
        return false
      }
      if isDone { break }
      count += 1
    }
    #expect(count >= 3)
  }
}

/// Whether strace may follow programs here; containers often forbid it.
private func canTrace() async -> Bool {
  let result = try? await run(
    "strace", arguments: ["-f", "-o", "/dev/null", "-e", "inject=getcwd:error=EIO", "true"])
  return result?.status == 0
}
