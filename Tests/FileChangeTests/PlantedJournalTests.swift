import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import FileChange

/// Journals that no change of ours has left, and folders that are no longer what they were.
@Suite(.timeLimit(.minutes(5))) struct PlantedJournalTests {
  private let folder: TemporaryFolder
  private let journal: Journal
  private let path: FilePath

  init() throws {
    folder = try TemporaryFolder()
    try removeFile(folder.write("state/first", ""))
    journal = Journal(in: folder.path.appending("state"))
    path = folder.path.appending("state").appending("journal")
    try folder.write("conf/one", "old one\n")
    try folder.write("conf/two", "old two\n")
    try folder.write("victim/precious", "precious\n")
  }

  private func file(_ name: String) -> FilePath { folder.path.appending(name) }

  /// A change that was cut off with all copies staged, and some of them swapped.
  private func cutOff(swapped: Int) throws -> [StagedReplacement] {
    let files = try ["conf/one", "conf/two"].map { name in
      try StagedReplacement(
        FileReplacement(
          replacing: try FileSnapshot.read(file(name)), with: Array("new \(name)\n".utf8)))
    }
    try journal.begin(files)
    for file in files { try file.stage() }
    try journal.noteStaged(files)
    for file in files.prefix(swapped) { _ = try file.goForward() }
    return files
  }

  private func expectUnproven(
    _ words: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let text = try readFile(path)
    let before = try state()
    let error = #expect(throws: FileChangeError.self, sourceLocation: sourceLocation) {
      try journal.recover()
    }
    #expect(
      error?.description.contains(words) == true, "\(error as Any)", sourceLocation: sourceLocation)
    #expect(error?.description.contains(path.string) == true, sourceLocation: sourceLocation)
    #expect(try state() == before, sourceLocation: sourceLocation)
    #expect(try readFile(path) == text, sourceLocation: sourceLocation)
  }

  /// All files, with what is in them and which they are.
  private func state() throws -> [String: String] {
    var state: [String: String] = [:]
    for name in try folder.names() where name != "state" {
      state[name] = "\(NodeID(try file(name).stat(followTargetSymlink: false)))"
      for entry in try folder.names(in: name) {
        let path = file(name).appending(entry)
        let status = try path.stat(followTargetSymlink: false)
        state["\(name)/\(entry)"] =
          "\(FileIdentity(status)) \((try? readFile(path)).map { String(decoding: $0, as: UTF8.self) } ?? "")"
      }
    }
    return state
  }

  // MARK: Who wrote it

  private func plantRemoval(of name: String) throws {
    let identity = FileIdentity(try file(name).stat())
    let target = file(name)
    let companion = target.removingLastComponent().appending(".precious.zonebridge-1")
    let numbers =
      "\(identity.device) \(identity.inode) \(identity.size) \(identity.modified.seconds) "
      + "\(identity.modified.nanoseconds)"
    let text = """
      # zonebridge is changing these files; the next pass ends what was cut off.
      remove \(target) \(companion) \(numbers)
      end
      staged -

      """
    try writeFile(path, Array(text.utf8), mode: [.ownerReadWrite])
  }

  enum Planting: CaseIterable { case owner, writable, linked, secondName }

  @Test(
    "given a journal that somebody else may have written → nothing that it says is done",
    .enabled(if: geteuid() == 0, "only root can give files to others"),
    arguments: Planting.allCases)
  func planted(planting: Planting) throws {
    try plantRemoval(of: "victim/precious")
    switch planting {
    case .owner: try #require(unsafe chown(path.string, 4711, 4711) == 0)
    case .writable: try #require(unsafe chmod(path.string, 0o620) == 0)
    case .linked:
      try folder.write("elsewhere/x", "")
      let other = file("elsewhere/journal")
      try #require(unsafe rename(path.string, other.string) == 0)
      try makeLink(path, to: other)
    case .secondName:
      try folder.write("elsewhere/x", "")
      try #require(unsafe link(path.string, file("elsewhere/old").string) == 0)
    }
    try expectUnproven("others may have written it")
    #expect(try folder.text("victim/precious") == "precious\n")
  }

  /// root's own passes go on with what a user's pass has left, and not the other way about.
  @Test(
    "given a journal of root's → any user's pass ends it",
    .enabled(if: geteuid() == 0, "only root can become another user"))
  func ofRoot() async throws {
    _ = try cutOff(swapped: 1)
    for name in ["state", "conf"] {
      try #require(unsafe chmod(file(name).string, 0o777) == 0)
    }
    try #require(unsafe chmod(path.string, 0o644) == 0)
    await #expect(processExitsWith: .success) { [state = file("state").string as String] in
      #expect(seteuid(4711) == 0)
      #expect(throws: Never.self) {
        guard case .forward = try Journal(in: FilePath(state)).recover() else {
          Issue.record("not ended")
          return
        }
      }
    }
    #expect(try folder.text("conf/two") == "new conf/two\n")
  }

  // MARK: Whether it is so

  @Test("given another folder where the files were → nothing is done in it", arguments: 0...2)
  func anotherFolder(swapped: Int) throws {
    let files = try cutOff(swapped: swapped)
    try #require(unsafe rename(file("conf").string, file("moved").string) == 0)
    try folder.write("conf/one", "old one\n")
    // Even the files themselves.
    for name in try folder.names(in: "moved") {
      try #require(
        unsafe rename(file("moved/\(name)").string, file("conf/\(name)").string) == 0)
    }
    try expectUnproven("is not the folder whose files were being changed")
    for name in try folder.names(in: "conf") {
      try #require(
        unsafe rename(file("conf/\(name)").string, file("moved/\(name)").string) == 0)
    }
    try #require(unsafe rmdir(file("conf").string) == 0)
    try #require(unsafe rename(file("moved").string, file("conf").string) == 0)
    #expect(try journal.recover() == .forward(files.map(\.target)))
  }

  @Test(
    "given somebody's link where the folder was → it is not followed",
    .enabled(if: geteuid() == 0, "only root can give files to others"))
  func linkedFolder() throws {
    _ = try cutOff(swapped: 1)
    try #require(unsafe rename(file("conf").string, file("moved").string) == 0)
    try makeLink(file("conf"), to: "moved")
    try #require(unsafe lchown(file("conf").string, 4711, 4711) == 0)
    let before = try state()
    #expect(throws: FileChangeError.strangeLink(file("conf"), link: file("conf"))) {
      try journal.recover()
    }
    #expect(try state() == before)
  }

  @Test(
    "given a folder that is known by its birth → the number of its device may be another",
    arguments: [false, true])
  func anotherDevice(isBirthKnown: Bool) throws {
    let files = try cutOff(swapped: 1)
    let mark = FolderMark(files[0].swap.folder)
    guard let birth = mark.birth else { return }
    var text = String(decoding: try readFile(path), as: UTF8.self)
      .replacing(" \(mark.identity.device) ", with: " 1234567 ")
      .replacing("\(mark.identity.device):", with: "1234567:")
    if !isBirthKnown {
      text = text.replacing(" \(birth.seconds).\(birth.nanoseconds) ", with: " - ")
    }
    try writeFile(path, Array(text.utf8), mode: [.ownerReadWrite])
    if isBirthKnown {
      #expect(try journal.recover() == .forward(files.map(\.target)))
      #expect(try folder.names(in: "conf") == ["one", "two"])
    } else {
      try expectUnproven("is not the folder whose files were being changed")
    }
  }

  @Test("given an inode that another folder has got since → that is not taken for the first")
  func anotherBirth() throws {
    let files = try cutOff(swapped: 1)
    guard let birth = FolderMark(files[0].swap.folder).birth else { return }
    let text = String(decoding: try readFile(path), as: UTF8.self)
      .replacing(" \(birth.seconds).", with: " \(birth.seconds - 1).")
    try writeFile(path, Array(text.utf8), mode: [.ownerReadWrite])
    try expectUnproven("is not the folder whose files were being changed")
  }

  enum Decoy: CaseIterable { case file, link, folder }

  @Test(
    "given something else in the place of a copy or an old file → it is reported, and nothing is touched",
    arguments: Decoy.allCases, [0, 1])
  func anotherCompanion(decoy: Decoy, index: Int) throws {
    let files = try cutOff(swapped: 1)
    let companion = file("conf").appending(files[index].swap.companion)
    try #require(unsafe rename(companion.string, file("conf/taken").string) == 0)
    switch decoy {
    case .file: try writeFile(companion, Array("decoy\n".utf8))
    case .link: try makeLink(companion, to: file("victim/precious"))
    case .folder: try #require(unsafe mkdir(companion.string, 0o755) == 0)
    }
    try expectUnproven("is neither the new copy nor the old file")
  }

  /// With write access to a folder with the sticky bit one may make files there, and replace none of others'.
  @Test(
    "given a copy of another owner or group than the file's → it does not get the file's place",
    .enabled(if: geteuid() == 0, "only root can give files to others"),
    arguments: [(4711, 4711), (4711, 0), (0, 4711)] as [(uid_t, gid_t)])
  func anotherOwner(user: uid_t, group: gid_t) throws {
    let files = try cutOff(swapped: 0)
    let companion = file("conf").appending(files[1].swap.companion)
    try #require(unsafe chown(companion.string, user, group) == 0)
    #expect(throws: FileChangeError.self) { try journal.recover() }
    #expect(try folder.text("conf/two") == "old two\n")
    #expect(try file("conf/two").stat().userID.rawValue == 0)
  }

  @Test("given a journal whose note is lost although files were swapped → the old files stay")
  func lostNote() throws {
    let files = try cutOff(swapped: 1)
    let text = String(decoding: try readFile(path), as: UTF8.self)
    let end = try #require(text.firstRange(of: "staged "))
    try writeFile(path, Array(text[..<end.lowerBound].utf8), mode: [.ownerReadWrite])
    try expectUnproven("\(files[0].swap.companion) is not a new copy")
  }

  @Test("given an edit of an old file after the change was cut off → it comes back with the edit")
  func edited() throws {
    let open = try FileDescriptor.open(file("conf/one"), .writeOnly, options: .append)
    defer { try? open.close() }
    let files = try cutOff(swapped: 2)
    try open.writeAll(Array("edit\n".utf8))
    #expect(try journal.recover() == .back(files.map(\.target)))
    #expect(try folder.text("conf/one") == "old one\nedit\n")
    #expect(try folder.text("conf/two") == "old two\n")
    #expect(try folder.names(in: "conf") == ["one", "two"])
  }

  @Test("given such an edit while the old files go → it is kept beside the file")
  func editedWhileCleaning() throws {
    let open = try FileDescriptor.open(file("conf/two"), .writeOnly, options: .append)
    defer { try? open.close() }
    let files = try cutOff(swapped: 2)
    #expect(try files[0].swap.removeCompanion() == nil)
    try open.writeAll(Array("edit\n".utf8))
    guard case .forward(_, let kept) = try journal.recover(), kept.count == 1 else {
      Issue.record("not forward, or nothing kept")
      return
    }
    #expect(try readFile(kept[0]) == Array("old two\nedit\n".utf8))
    #expect(try folder.text("conf/one") == "new conf/one\n")
    #expect(try folder.text("conf/two") == "new conf/two\n")
    #expect(try folder.names(in: "conf").count == 3)
  }

  // MARK: Earlier versions

  /// What version 0.1.0 wrote for the same change.
  private func asBefore(_ files: [StagedReplacement], isStaged: Bool) throws {
    var lines = ["# zonebridge is changing these files; the next pass ends what was cut off."]
    for file in files {
      let swap = file.swap
      let old = try #require(swap.old)
      lines.append(
        "replace \(swap.target) \(swap.folder.path.appending(swap.companion)) \(old.device) "
          + "\(old.inode) \(old.size) \(old.modified.seconds) \(old.modified.nanoseconds)")
    }
    lines.append("end")
    if isStaged {
      lines.append(
        "staged " + files.compactMap { $0.swap.copy.map { "\($0.inode)" } }.joined(separator: " "))
    }
    try writeFile(
      path, Array(lines.map { "\($0)\n" }.joined().utf8), mode: [.ownerReadWrite])
  }

  @Test("given a journal of an earlier version → it is ended as that would", arguments: 0...2)
  func earlierVersion(swapped: Int) throws {
    let files = try cutOff(swapped: swapped)
    try asBefore(files, isStaged: true)
    #expect(try journal.recover() == .forward(files.map(\.target)))
    #expect(try folder.names(in: "conf") == ["one", "two"])
    #expect(try folder.text("conf/one") == "new conf/one\n")
    #expect(try folder.names(in: "state").isEmpty)
  }

  @Test("given one that was cut off before the copies were staged → back")
  func earlierVersionUnstaged() throws {
    let files = try cutOff(swapped: 0)
    try asBefore(files, isStaged: false)
    #expect(try journal.recover() == .back(files.map(\.target)))
    #expect(try folder.names(in: "conf") == ["one", "two"])
    #expect(try folder.text("conf/one") == "old one\n")
  }

  @Test("given one whose files no longer exist → it is reported, and nothing is touched")
  func earlierVersionUnproven() throws {
    let files = try cutOff(swapped: 0)
    try asBefore(files, isStaged: true)
    // Made before the others go, so that they do not get their inodes.
    try folder.write("one", "another\n")
    try folder.write("two", "another\n")
    for name in try folder.names(in: "conf") { try removeFile(file("conf/\(name)")) }
    for name in ["one", "two"] {
      try #require(unsafe rename(file(name).string, file("conf/\(name)").string) == 0)
    }
    try expectUnproven("is not shown by the journal of an earlier version")
  }
}
