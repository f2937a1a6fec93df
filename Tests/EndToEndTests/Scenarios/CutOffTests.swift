import SystemPackage
import TestSupport
import Testing

/// Power failures, signals and failing disks, by strace, at every system call of a pass that changes a
/// file.
@Suite("A pass that is cut off", .enabled { await canTrace() }, .timeLimit(.minutes(10)))
struct CutOffTests {
  private static let changing =
    "write,pwrite64,writev,fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat,link,linkat,"
    + "fchmod,fchown,ftruncate,fsetxattr,copy_file_range"

  private func reference() async throws -> [String: [UInt8]] {
    try await withTemporaryFolder { folder in
      let site = try StaticSite(folder)
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

  /// What each of these calls has to be made to fail on, one after the other, for the tests to say
  /// anything.
  private static func mustFail(_ call: String) -> Set<String> {
    let copies = Set(
      StaticSite.names.map { "bind/copy of \($0)" } + ["state/history/copy of pending"])
    switch call {
    case "fsync":
      return copies.union(["state/journal", "state", "state/history", "bind"])
        .reduce(into: []) { $0.insert("flush \($1)") }
    case "fchmod":
      return copies.reduce(into: []) {
        $0.insert("mode \($1) \($1.contains("pending") ? "0600" : "0644")")
      }
    default:
      return Set(StaticSite.names.map { "exchange bind/copy of \($0) with bind/\($0)" })
        .union(["rename state/history/copy of pending to state/history/pending"])
    }
  }

  @Test("killed at any system call, each file is whole, and the next pass heals all")
  func killed() async throws {
    let reference = try await reference()
    var count = 0
    for number in 1... {
      let isDone = try await withTemporaryFolder { folder in
        let site = try StaticSite(folder)
        let after = placed(reference, in: folder)
        _ = try await site.pass(
          injecting: "signal=SIGKILL:when=\(number)", into: Self.changing)
        guard try site.hasHappened else { return true }
        let files = try site.files
        for name in StaticSite.names {
          #expect(
            files[name] == site.before[name] || files[name] == after[name], "\(number) \(name)")
        }
        try await site.expectHealed(after, "killed at \(number)")
        return false
      }
      if isDone { break }
      count += 1
    }
    #expect(count > 25)
  }

  @Test("where the state is kept beside BIND's files, no copy is tidied away that is still needed")
  func stateBesideFiles() async throws {
    let reference = try await reference()
    // The first three renames are those of files of the state.
    for number in 4...6 {
      try await withTemporaryFolder { folder in
        let site = try StaticSite(folder, state: "bind")
        _ = try await site.pass(injecting: "signal=SIGKILL:when=\(number)", into: "renameat2")
        #expect(try site.hasHappened)
        let healed = try await site.pass()
        #expect(healed.status == 0, "\(healed.standardError)")
        #expect(healed.standardError.contains("was completed"), "\(healed.standardError)")
        let (files, after) = (try site.files, placed(reference, in: folder))
        for name in StaticSite.names { #expect(files[name] == after[name], "\(number) \(name)") }
        #expect(files.keys.allSatisfy { !$0.hasPrefix(".") && $0 != "journal" }, "\(files.keys)")
      }
    }
  }

  /// A moment behind the first swap, by the call that does not come about any more and its file: strace
  /// counts the calls of each thread for itself, and a pass may go on in another one.
  ///
  /// Files are swapped and removed by their names in an open folder, so that strace finds them by the folder.
  enum Moment: CaseIterable {
    case lastSwap, swapsFlushed, historyCommitted, oldFilesGone, journalGone

    var call: String {
      switch self {
      case .lastSwap, .historyCommitted: "renameat2"
      case .swapsFlushed, .oldFilesGone: "fsync"
      case .journalGone: "unlinkat"
      }
    }

    func file(of host: Host) -> FilePath {
      switch self {
      case .lastSwap, .swapsFlushed, .oldFilesGone: host.named.folder.path
      case .historyCommitted: host.state.appending("history")
      case .journalGone: host.state
      }
    }

    /// Two files are swapped; the folder is flushed when they are, and when the old ones are gone.
    ///
    /// The entry of the history is replaced before it gets its number.
    var number: Int {
      switch self {
      case .lastSwap, .oldFilesGone, .historyCommitted: 2
      case .swapsFlushed: 1
      // After the candidates' folder.
      case .journalGone: 2
      }
    }
  }

  @Test(
    "killed between the swap and what named is told, it is served after the next pass",
    arguments: Moment.allCases)
  func untold(moment: Moment) async throws {
    try await withHost { host in
      // Where it is made, the folder is flushed once more.
      _ = try await run("mkdir", arguments: ["-m", "700", host.state.string])
      let (cut, trace) = try await runTraced(
        try Host.program(), arguments: ["--config", host.configuration.string, "--once"],
        options: [
          "-P", moment.file(of: host).string, "-e", "trace=\(moment.call)", "-e",
          "inject=\(moment.call):signal=SIGKILL:when=\(moment.number)",
        ])
      #expect(cut.status == 128 + 9, "\(trace.steps)")
      #expect(try host.text("db.contoso.com").contains("DNAME"))
      #expect(host.changingCommands().isEmpty)
      #expect(try await host.answer("www.contoso.com") == ["192.0.2.80"])
      let healed = try await host.zonebridge("--once")
      #expect(healed.status == 0, "\(healed.standardError)")
      #expect(try await host.answer("web.marathon.cluster.contoso.com").last == "10.0.0.80")
      // What was asked before, by somebody who had the cluster's ID, may be cached.
      let sent = host.changingCommands()
      #expect(sent.contains { $0.contains("flushtree") }, "\(sent)")
      let next = try await host.zonebridge("--once")
      #expect(next.status == 0 && host.changingCommands() == sent, "\(next.standardError)")
      #expect(try listFolder(host.named.folder.path).allSatisfy { !$0.hasPrefix(".") })
      #expect(try !listFolder(host.state).contains("journal"))
      let back = try await host.zonebridge("rollback")
      #expect(back.status == 0, "\(back.standardError)")
      #expect(try !host.text("db.contoso.com").contains("DNAME"))
    }
  }

  @Test(
    "a disk that is full or fails: the files are as before, and the message tells where",
    arguments: ["ENOSPC", "EIO"], ["fsync", "renameat2", "fchmod"])
  func failed(error: String, call: String) async throws {
    let reference = try await reference()
    let words = error == "EIO" ? "Input/output error" : "No space left on device"
    var seen: Set<String> = []
    for number in 1... {
      let isDone = try await withTemporaryFolder { folder in
        let site = try StaticSite(folder)
        let result = try await site.pass(
          injecting: "error=\(error):when=\(number)", into: call)
        guard try site.hasHappened else { return true }
        let refused = try site.refused
        seen.formUnion(refused)
        let occasion = "\(call) \(number) \(refused): \(result.standardError)"
        if result.standardError.contains("zonebridge status will not show this pass") {
          // The record comes last, when all else is done.
          #expect(result.status == 0, "\(occasion)")
          #expect(try site.files == placed(reference, in: folder), "\(occasion)")
        } else {
          #expect(result.status == 1, "\(occasion)")
          #expect(try site.files == site.before, "\(occasion)")
        }
        // Of the programs that it starts, named-compilezone flushes too, and says it its way.
        #expect(
          result.standardError.contains(words) && result.standardError.contains(folder.path.string)
            || result.standardError.contains("named-compilezone refuses zone"), "\(occasion)")
        try await site.expectHealed(placed(reference, in: folder), occasion)
        return false
      }
      if isDone { break }
    }
    #expect(seen.isSuperset(of: Self.mustFail(call)), "\(seen.sorted())")
  }
}
