import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import FileChange

/// A state directory that others have had their hands in, or could have.
@Suite(.timeLimit(.minutes(5))) struct PrivateFolderTests {
  private let folder: TemporaryFolder
  private let root: FilePath
  private var state: FilePath { root.appending("state") }

  init() throws {
    folder = try TemporaryFolder()
    root = try Walk.place(of: folder.path).realPath
    try folder.write("state/lock", "")
    try folder.write("state/history/1.json", "{}\n")
    try folder.write("victim/precious", "precious\n")
    try mode("state", 0o700)
  }

  private static let isRoot = geteuid() == 0
  private static let needsRoot: Comment = "only root can give files to others"
  private static let stranger = uid_t(4711)

  private func path(_ name: String) -> FilePath { root.pushing(FilePath(name)) }

  private func mode(_ name: String, _ mode: mode_t) throws {
    try #require(unsafe chmod(path(name).string, mode) == 0)
  }

  private func give(_ name: String, to user: uid_t) throws {
    try #require(unsafe lchown(path(name).string, user, user) == 0)
  }

  /// Nobody gets the lock, and nothing is touched; a preview says the same.
  private func expectRefused(
    _ cause: String, _ remedy: String, isFineForPreview: Bool = false,
    sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let before = try traces()
    let error = await #expect(throws: LockError.self, sourceLocation: sourceLocation) {
      release(try await PassLock.acquire(in: state, waiting: .seconds(30)))
    }
    #expect(
      error?.cause.contains(cause) == true, "\(error as Any)", sourceLocation: sourceLocation)
    #expect(
      error?.remedy?.contains(remedy) == true, "\(error as Any)", sourceLocation: sourceLocation)
    #expect(
      (PrivateFolder.objection(to: state, for: .preview) == nil) == isFineForPreview,
      sourceLocation: sourceLocation)
    #expect(PrivateFolder.objection(to: state, for: .pass) != nil, sourceLocation: sourceLocation)
    #expect(try traces() == before, sourceLocation: sourceLocation)
  }

  private func traces() throws -> [String] {
    try ["", "state", "state/history", "victim"].flatMap { name in
      // One of them may be a link to nothing.
      try ((try? folder.names(in: name)) ?? []).map { entry in
        let status = try path(name).appending(entry).stat(followTargetSymlink: false)
        return "\(name)/\(entry) \(FileMetadata(status)) \(FileIdentity(status))"
      }
    }
  }

  @Test("given our own directory, readable by others or not → the lock is taken")
  func ours() async throws {
    for mode in [0o700, 0o750, 0o755] as [mode_t] {
      try self.mode("state", mode)
      release(try await PassLock.acquire(in: state, waiting: .zero))
      #expect(PrivateFolder.objection(to: state, for: .preview) == nil)
    }
    // In /tmp, say, nobody can take away what is another's.
    try mode("", 0o1777)
    release(try await PassLock.acquire(in: state, waiting: .zero))
  }

  @Test("given none yet → it is made for its owner alone, and is no objection to a preview")
  func missing() async throws {
    removeTree(state)
    #expect(PrivateFolder.objection(to: state, for: .preview) == nil)
    #expect(PrivateFolder.objection(to: state, for: .pass) == nil)
    release(try await PassLock.acquire(in: state, waiting: .zero))
    #expect(try state.stat().permissions == [.ownerReadWriteExecute])
  }

  @Test(
    "given what others may write to → refused with the command that helps, and nothing is touched",
    arguments: [
      "state", "state/lock", "state/history", "state/history/1.json", "state/journal",
    ], [0o770, 0o777, 0o702] as [mode_t])
  func writable(name: String, mode: mode_t) async throws {
    try folder.write("state/journal", "")
    try self.mode(name, mode)
    try await expectRefused(
      "\(path(name)) ", "chmod go-w \(path(name))")
  }

  @Test("given a folder above it where others may put another → refused")
  func above() async throws {
    try mode("", 0o777)
    try await expectRefused("the folder \(root) lets others", "chmod go-w \(root)")
  }

  @Test(
    "given a folder above it that is another user's, who could put another in its place at any time → refused",
    .enabled(if: isRoot, needsRoot))
  func foreignAbove() async throws {
    try give("", to: Self.stranger)
    try await expectRefused(
      "the folder \(root) belongs to \(userName(Self.stranger))", "chown root \(root)")
    #expect(PrivateFolder.objection(to: state, for: .onlooker) != nil)
  }

  @Test("given another user's directory in which nobody else may write → anybody may show it")
  func onlooker() throws {
    if Self.isRoot {
      for name in ["state", "state/lock", "state/history", "state/history/1.json"] {
        try give(name, to: Self.stranger)
      }
    }
    #expect(PrivateFolder.objection(to: state, for: .onlooker) == nil)
    try mode("state/history", 0o770)
    #expect(PrivateFolder.objection(to: state, for: .onlooker) != nil)
  }

  @Test(
    "given a link in the place of anything → refused, and followed by nobody",
    arguments: ["lock", "journal", "history", "status.json", "zonebridge-x", "history/2.json"])
  func link(name: String) async throws {
    removeTree(path("state/\(name)"))
    try makeLink(path("state/\(name)"), to: path("victim/made"))
    try await expectRefused(
      "\(path("state/\(name)")) is a symbolic link", "rm \(path("state/\(name)"))")
    #expect(try folder.names(in: "victim") == ["precious"])
  }

  @Test("given a lock that is a file elsewhere as well → refused, and nothing is written into it")
  func hardLink() async throws {
    try removeFile(path("state/lock"))
    try #require(unsafe Glibc.link(path("victim/precious").string, path("state/lock").string) == 0)
    let error = await #expect(throws: LockError.self) {
      release(try await PassLock.acquire(in: state, waiting: .zero))
    }
    #expect(error?.cause.contains("has 2 hard links") == true)
    #expect(try folder.text("victim/precious") == "precious\n")
  }

  @Test(
    "given another user's directory → root refuses it, and says how to run as that user",
    .enabled(if: isRoot, needsRoot))
  func foreign() async throws {
    for name in ["state", "state/lock", "state/history", "state/history/1.json"] {
      try give(name, to: 65534)
    }
    try await expectRefused(
      "belongs to \(userName(65534)), and this is root", "runuser -u \(userArgument(65534)) -- ",
      isFineForPreview: true)
    try folder.write("state/journal", "")
    try give("state/journal", to: Self.stranger)
    #expect(PrivateFolder.objection(to: state, for: .preview) != nil, "nor his alone")
  }

  @Test(
    "given a file of another user's in it → refused with the command that helps",
    .enabled(if: isRoot, needsRoot),
    arguments: ["state/lock", "state/history", "state/history/1.json"])
  func foreignEntry(name: String) async throws {
    try give(name, to: Self.stranger)
    try await expectRefused("belongs to user 4711", "chown root \(path(name))")
  }

  @Test("given the agent's socket, to which everybody may connect → no objection")
  func socket() async throws {
    let listener = try BackgroundProcess(
      "python3",
      arguments: [
        "-c",
        """
        import os, socket, sys
        s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); os.chmod(sys.argv[1], 0o666)
        print("up", flush=True); sys.stdin.read()
        """, path("state/agent.socket").string,
      ], log: path("log"))
    try await eventually("it is there") { listener.output.contains("up") }
    release(try await PassLock.acquire(in: state, waiting: .zero))
    try await listener.kill()
  }

  // MARK: Tidying up

  @Test("given copies that were not put in their place → those of our files go, and nothing else")
  func unfinished() throws {
    let names = [
      ".clusters.zonebridge-abc123", ".clusters.zonebridge-abc123~", ".other.zonebridge-abc123",
      ".clusters.zonebridge-", ".clusters.zonebridge-ABC", ".clusters.zonebridge-a.b",
      "clusters.zonebridge-abc", ".clusters.zonebridge-abcdefghijklmn", ".zonebridge-abc",
      ".clusters.zonebridge-abc.save", ".clusterszonebridge-abc",
    ]
    for name in names { try folder.write("state/\(name)", "x\n") }
    try folder.write("state/.clusters.zonebridge-folder/file", "x\n")
    try makeLink(path("state/.clusters.zonebridge-link"), to: path("victim/precious"))
    try PrivateFolder(at: state).removeUnfinishedCopies { $0 == "clusters" }
    #expect(
      try folder.names(in: "state")
        == (names.dropFirst(2) + [
          ".clusters.zonebridge-folder", ".clusters.zonebridge-link", "history", "lock",
        ]).sorted())
    #expect(try folder.text("victim/precious") == "precious\n")
  }

  @Test("our folder with our own files → removed; with anything else → left whole")
  func folders() throws {
    let state = try PrivateFolder(at: state)
    func remove(_ name: FilePath.Component) throws {
      try state.removeFolder(name) { $0 == "0.candidate" }
    }
    let made = try state.makeFolder("made")
    try made.create("0.candidate", FileContents(Array("x\n".utf8)))
    try remove("made")
    #expect(try folder.names(in: "state") == ["history", "lock"])

    try folder.write("state/other/0.candidate", "x\n")
    try remove("other")
    #expect(try folder.names(in: "state/other") == ["0.candidate"], "others may look into it")
    try mode("state/other", 0o700)
    try folder.write("state/other/prod.yaml", "x\n")
    try remove("other")
    #expect(try folder.names(in: "state/other") == ["0.candidate", "prod.yaml"])
    try removeFile(path("state/other/prod.yaml"))
    try removeFile(path("state/other/0.candidate"))
    try makeLink(path("state/other/0.candidate"), to: path("victim/precious"))
    try remove("other")
    #expect(try folder.names(in: "state/other") == ["0.candidate"])

    try makeLink(path("state/link"), to: path("victim"))
    #expect(throws: FileChangeError.self) {
      try state.removeFolder("link") { _ in true }
    }
    #expect(try folder.text("victim/precious") == "precious\n")
  }
}

/// The end of a lock's life.
private func release(_ lock: consuming PassLock) {}
