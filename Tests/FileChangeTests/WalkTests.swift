import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import FileChange

/// The way along a path, at once by the kernel and folder by folder.
@Suite(.timeLimit(.minutes(5))) struct WalkTests {
  private let folder: TemporaryFolder
  /// The folder as the kernel would find it: what is above it may be a link.
  private let root: FilePath

  init() throws {
    folder = try TemporaryFolder()
    root = try Walk.place(of: folder.path).realPath
  }

  private static let methods = [Walk.Method.openat2, .stepByStep]
  /// Somebody whose files these are, and somebody else; neither is root nor we.
  private static let (owner, other) = (uid_t(4711), uid_t(4712))
  private static let isRoot = geteuid() == 0
  private static let needsRoot: Comment = "only root can give files to others"

  private func link(_ name: String, to target: String, owner: uid_t? = nil) throws {
    let path = root.appending(name)
    try makeLink(path, to: FilePath(target))
    if let owner { try #require(unsafe lchown(path.string, owner, owner) == 0) }
  }

  private func give(_ name: String, to owner: uid_t) throws {
    try #require(unsafe lchown(root.appending(name).string, owner, owner) == 0)
  }

  private func place(
    _ name: String, _ method: Walk.Method
  ) throws(FileChangeError) -> Place {
    let path = name.hasPrefix("/") ? FilePath(name) : root.pushing(FilePath(name))
    return try Self.walking(method) { () throws(FileChangeError) in try Walk.place(of: path) }
  }

  private static func walking<Value>(
    _ method: Walk.Method, _ body: () throws(FileChangeError) -> Value
  ) throws(FileChangeError) -> Value {
    let result = Walk.$method.withValue(method) { () -> Result<Value, FileChangeError> in
      do throws(FileChangeError) { return .success(try body()) } catch { return .failure(error) }
    }
    return try result.get()
  }

  @Test("given a path, however it is written → the file's own folder and name", arguments: methods)
  func plain(method: Walk.Method) throws {
    try folder.write("a/b/file", "x\n")
    for name in ["a/b/file", "a/./b/file", "./a//b/file", "a/b/../b/file", "a/../a/b/file"] {
      let place = try place(name, method)
      #expect(place.realPath == root.appending("a/b/file"), "\(name)")
      #expect(place.name == "file")
      #expect(place.folder.identity == NodeID(try root.appending("a/b").stat()))
      #expect(place.status.map(NodeID.init) == NodeID(try root.appending("a/b/file").stat()))
    }
    #expect(try place("a/b/none", method).status == nil)
    #expect(try place("a/b", method).status?.type == .directory)
    #expect(try place("a/b/..", method).realPath == root.appending("a"))
    #expect(try place("a/b/.", method).name == "b")
    #expect(try place("/", method).realPath == "/")
    #expect(try place("/../..", method).realPath == "/")
  }

  @Test("given a relative path → from where this process is", arguments: methods)
  func relative(method: Walk.Method) throws {
    let here = try unsafe #require(getcwd(nil, 0))
    defer { unsafe free(here) }
    let path = unsafe FilePath(String(cString: here))
    let place = try Self.walking(method) { () throws(FileChangeError) in
      try Walk.place(of: "zonebridge-nothing")
    }
    #expect(NodeID(try path.stat()) == place.folder.identity)
    #expect(place.status == nil)
  }

  @Test("given what is in the way → the error that the kernel has for it", arguments: methods)
  func errors(method: Walk.Method) throws {
    try folder.write("file", "x\n")
    try link("circle", to: "circle")
    try link("dangling", to: "nowhere/file")
    for (name, code) in [
      ("none/file", .noSuchFileOrDirectory), ("file/file", .notDirectory),
      ("circle/file", .tooManySymbolicLinkLevels), ("circle", .tooManySymbolicLinkLevels),
      ("dangling/x", .noSuchFileOrDirectory), ("file/../file", .notDirectory),
    ] as [(String, Errno)] {
      #expect(
        throws: FileChangeError.system(.resolve, root.pushing(FilePath(name)), code), "\(name)"
      ) {
        try place(name, method)
      }
    }
    try link("to-nothing", to: "nothing")
    let dangling = root.appending("to-nothing")
    #expect(throws: FileChangeError.danglingLink(dangling)) { try place("to-nothing", method) }
  }

  /// Who may make links could have each of them lead to so many folders.
  @Test("given a path of hundreds of folders → no more than a part of them is held open")
  func deep() throws {
    var path = root
    for _ in 1...250 {
      path.append("d")
      try #require(unsafe mkdir(path.string, 0o755) == 0)
    }
    let names = String(repeating: "d/", count: 250)
    try link("deep", to: "\(names)x")
    #expect(throws: FileChangeError.system(.resolve, root.appending("deep"), .fileNameTooLong)) {
      try place("deep", .openat2)
    }
  }

  @Test("given links that root or we have made → they are followed", arguments: methods)
  func ownLinks(method: Walk.Method) throws {
    try folder.write("real/file", "x\n")
    try folder.write("links/x", "")
    try link("links/folder", to: "../real")
    try link("first", to: "links/folder/file")
    try link("second", to: root.appending("first").string)
    try link("up", to: "links/../real/../real")
    for name in ["first", "second", "links/folder/file", "up/file", "up/../first"] {
      #expect(try place(name, method).realPath == root.appending("real/file"), "\(name)")
    }
    #expect(try place("links/folder/..", method).realPath == root)
  }

  @Test(
    "given a link that somebody has made → it is followed to what is his, and to nothing else",
    .enabled(if: isRoot, needsRoot), arguments: methods)
  func foreignLinks(method: Walk.Method) throws {
    try folder.write("his/file", "x\n")
    try folder.write("ours/file", "x\n")
    try folder.write("ours/his-file", "x\n")
    for name in ["his", "his/file", "ours/his-file"] { try give(name, to: Self.owner) }
    try link("his/to-own-folder", to: "../his", owner: Self.owner)
    try link("his/to-own-file", to: "file", owner: Self.owner)
    // The file is his, wherever it is.
    try link("his/to-file-elsewhere", to: "../ours/his-file", owner: Self.owner)
    for (name, end) in [
      ("his/to-own-folder/file", "his/file"), ("his/to-own-file", "his/file"),
      ("his/to-file-elsewhere", "ours/his-file"),
      ("his/to-own-folder/to-own-folder/to-own-file", "his/file"),
    ] {
      #expect(try place(name, method).realPath == root.appending(end), "\(name)")
    }

    try link("his/to-our-folder", to: "../ours", owner: Self.owner)
    try link("his/to-our-file", to: "../ours/file", owner: Self.owner)
    try link("his/chain", to: "to-our-file", owner: Self.owner)
    try link("his/ours", to: "../ours")
    try link("his/through-our-link", to: "ours/file", owner: Self.owner)
    try link("his/up", to: "..", owner: Self.owner)
    try link("his/to-others", to: "../others", owner: Self.owner)
    try folder.write("others/file", "x\n")
    try give("others", to: Self.other)
    for (name, culprit) in [
      ("his/to-our-folder/file", "his/to-our-folder"), ("his/to-our-file", "his/to-our-file"),
      ("his/to-our-folder/none", "his/to-our-folder"), ("his/to-our-folder", "his/to-our-folder"),
      ("his/through-our-link", "his/through-our-link"), ("his/up/ours/file", "his/up"),
      ("his/to-others/file", "his/to-others"),
    ] {
      #expect(
        throws: FileChangeError.strangeLink(root.appending(name), link: root.appending(culprit)),
        "\(name)"
      ) { try place(name, method) }
    }
    #expect(throws: FileChangeError.self) { try place("his/chain", method) }
    // What he made himself does not come to be ours by another link.
    try link("ours/way", to: "../his/to-our-file")
    #expect(throws: FileChangeError.self) { try place("ours/way", method) }
  }

  @Test(
    "given somebody's link to his own folder → no .. behind it leads to what is not his",
    .enabled(if: isRoot, needsRoot), arguments: methods)
  func parents(method: Walk.Method) throws {
    try folder.write("ours/file", "x\n")
    try folder.write("ours/his/inner/file", "x\n")
    for name in ["ours/his", "ours/his/inner"] { try give(name, to: Self.owner) }
    try folder.write("cache/x", "")
    try give("cache", to: Self.owner)
    try link("cache/way", to: root.appending("ours/his/inner").string, owner: Self.owner)
    #expect(try place("cache/way/file", method).realPath == root.appending("ours/his/inner/file"))
    #expect(
      try place("cache/way/../inner/file", method).realPath
        == root.appending("ours/his/inner/file"))
    for name in ["cache/way/../../file", "cache/way/../inner/../../file"] {
      #expect(
        throws: FileChangeError.strangeLink(
          root.pushing(FilePath(name)), link: root.appending("cache/way")), "\(name)"
      ) { try place(name, method) }
    }
    // Where the same folder is come to without his link, it is what it always was.
    #expect(
      try place("ours/his/inner/../../file", method).realPath == root.appending("ours/file"))
  }

  @Test(
    "given somebody's link to where he has nothing → the message does not even say whether there is something",
    .enabled(if: isRoot, needsRoot), arguments: methods)
  func nothingIsTold(method: Walk.Method) throws {
    try folder.write("secret/file", "x\n")
    try folder.write("his/x", "")
    try give("his", to: Self.owner)
    for target in ["../secret/file", "../secret/none", "../secret/none/x", "../secret/file/x"] {
      try link("his/link", to: target, owner: Self.owner)
      let (path, link) = (root.appending("his/link"), root.appending("his/link"))
      #expect(throws: FileChangeError.strangeLink(path, link: link), "\(target)") {
        try place("his/link", method)
      }
      try removeFile(path)
    }
    try link("his/link", to: "none", owner: Self.owner)
    let path = root.appending("his/link")
    #expect(throws: FileChangeError.danglingLink(path)) { try place("his/link", method) }
  }

  /// Where fs.protected_hardlinks is off, anybody may give root's links further names.
  @Test(
    "given a further name of a link of ours, where others may make names → it is not followed",
    .enabled(if: isRoot, needsRoot), arguments: methods)
  func hardLinkedLinks(method: Walk.Method) throws {
    try folder.write("ours/file", "x\n")
    try link("ours/link", to: root.appending("ours/file").string)
    try folder.write("open/x", "")
    let (ours, open) = (root.appending("ours/link").string, root.appending("open/link").string)
    try #require(unsafe linkat(AT_FDCWD, ours, AT_FDCWD, open, 0) == 0)
    #expect(try place("open/link", method).realPath == root.appending("ours/file"))
    for mode in [0o775, 0o777, 0o1777] as [mode_t] {
      try #require(unsafe chmod(root.appending("open").string, mode) == 0)
      let path = root.appending("open/link")
      #expect(throws: FileChangeError.strangeLink(path, link: path)) {
        try place("open/link", method)
      }
      #expect(try place("ours/link", method).realPath == root.appending("ours/file"))
    }
  }

  @Test(
    "given a folder in which everybody may make links → those are followed to what is their maker's",
    .enabled(if: isRoot, needsRoot), arguments: methods)
  func stickyFolder(method: Walk.Method) throws {
    try folder.write("tmp/his/file", "x\n")
    try give("tmp/his", to: Self.owner)
    try #require(unsafe chmod(root.appending("tmp").string, 0o1777) == 0)
    try link("tmp/own", to: "his", owner: Self.owner)
    try link("tmp/others", to: "his", owner: Self.other)
    #expect(try place("tmp/own/file", method).realPath == root.appending("tmp/his/file"))
    #expect(throws: FileChangeError.self) { try place("tmp/others/file", method) }
  }

  /// We are not root, but a user to whom capabilities were left.
  @Test(
    "given another user that we are → his links are followed, and root's",
    .enabled(if: isRoot, needsRoot), arguments: methods)
  func otherUser(method: Walk.Method) async throws {
    try folder.write("ours/file", "x\n")
    try folder.write("links/x", "")
    try link("links/his", to: "../ours", owner: Self.owner)
    try link("links/roots", to: "../ours")
    try link("links/others", to: "../ours", owner: Self.other)
    await #expect(processExitsWith: .success) {
      [path = root.string as String, isStepByStep = (method == .stepByStep) as Bool] in
      #expect(seteuid(4711) == 0)
      Walk.$method.withValue(isStepByStep ? .stepByStep : .openat2) {
        for (name, isFollowed) in [("his", true), ("roots", true), ("others", false)] {
          let place = try? Walk.place(of: FilePath("\(path)/links/\(name)/file"))
          #expect((place != nil) == isFollowed, "\(name)")
        }
      }
    }
  }

  @Test(
    "given a folder that is moved, and another in its place → what is done is done in the first")
  func heldFolder() throws {
    try folder.write("a/file", "x\n")
    let held = try Walk.place(of: root.appending("a/file"))
    try #require(unsafe rename(root.appending("a").string, root.appending("b").string) == 0)
    try folder.write("a/file", "another\n")
    try held.folder.move("file", to: "moved", for: .replace, of: "x")
    #expect(try folder.names(in: "b") == ["moved"])
    #expect(try folder.names(in: "a") == ["file"])
  }

  @Test(
    "given a kernel that does not know openat2, or a filter that forbids it → the same",
    .enabled { await canTrace() }, arguments: ["ENOSYS", "EPERM"])
  func olderKernel(code: String) async throws {
    let path = try folder.write("a/file", "x\n")
    let (outcome, trace) = try await tracingSystemCalls(
      "openat,openat2", injecting: ["openat2:error=\(code)"]
    ) { try FileSnapshot.read(path).bytes }
    #expect(try outcome.get() == Array("x\n".utf8))
    #expect(trace.isInjected)
    #expect(trace.steps.contains { $0.name == "openat" && $0.text.contains("O_PATH") })
  }
}
