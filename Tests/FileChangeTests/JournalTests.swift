import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import FileChange

/// A change that was cut off, at each of its steps.
@Suite(.timeLimit(.minutes(5))) struct JournalTests {
  private let folder: TemporaryFolder
  private let journal: Journal

  init() throws {
    folder = try TemporaryFolder()
    // A folder is made with the first file in it.
    try removeFile(folder.write("state/first", ""))
    journal = Journal(in: folder.path.appending("state"))
    try folder.write("one", "old one\n")
    try folder.write("two %\n", "old two\n")
    try folder.write("gone", "to be removed\n")
  }

  /// One file of each kind: two are replaced, one is made, one removed.
  private func begin() throws -> [StagedReplacement] {
    func read(_ name: String) throws -> FileSnapshot {
      try FileSnapshot.read(folder.path.appending(name))
    }
    let replacements = [
      FileReplacement(replacing: try read("one"), with: Array("new one\n".utf8)),
      FileReplacement(replacing: try read("two %\n"), with: Array("new two\n".utf8)),
      FileReplacement(
        creating: folder.path.appending("made"), metadata: try read("one").metadata,
        contents: Array("made\n".utf8)),
      FileReplacement(removing: try read("gone")),
    ]
    let files = try replacements.map { try StagedReplacement($0) }
    try journal.begin(files)
    return files
  }

  private func expect(isNew: Bool, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let names = try listFolder(folder.path).sorted().filter { $0 != "state" }
    #expect(
      names == (isNew ? ["made", "one", "two %\n"] : ["gone", "one", "two %\n"]),
      sourceLocation: sourceLocation)
    #expect(
      try folder.text("one") == (isNew ? "new one\n" : "old one\n"), sourceLocation: sourceLocation)
    #expect(
      try folder.text("two %\n") == (isNew ? "new two\n" : "old two\n"),
      sourceLocation: sourceLocation)
    #expect(
      try listFolder(folder.path.appending("state")).isEmpty, sourceLocation: sourceLocation)
    #expect(try journal.recover() == .nothing, sourceLocation: sourceLocation)
  }

  @Test("cut off before all copies are staged → back", arguments: 0...4)
  func staging(count: Int) throws {
    let files = try begin()
    for file in files.prefix(count) { try file.stage() }
    #expect(try journal.recover() == .back(files.map(\.target)))
    try expect(isNew: false)
  }

  @Test("cut off from then on, whatever has been swapped → forward", arguments: 0...4)
  func swapping(count: Int) throws {
    let files = try begin()
    for file in files { try file.stage() }
    try journal.noteStaged(files)
    for file in files.prefix(count) { _ = try file.goForward() }
    #expect(try journal.recover() == .forward(files.map(\.target)))
    try expect(isNew: true)
  }

  @Test("cut off while the old files are removed → forward", arguments: 0...4)
  func cleaning(count: Int) throws {
    let files = try begin()
    for file in files { try file.stage() }
    try journal.noteStaged(files)
    for file in files { _ = try file.goForward() }
    for file in files.prefix(count) { _ = try file.swap.removeCompanion() }
    #expect(try journal.recover() == .forward(files.map(\.target)))
    try expect(isNew: true)
  }

  @Test("a file that somebody has changed since → stays theirs, and the others go back")
  func foreignChange() throws {
    let files = try begin()
    for file in files { try file.stage() }
    try journal.noteStaged(files)
    _ = try files[0].goForward()
    _ = try files[2].goForward()
    _ = try files[3].goForward()
    try folder.write("two %\n", "theirs, longer\n")
    #expect(try journal.recover() == .back(files.map(\.target)))
    #expect(try folder.text("two %\n") == "theirs, longer\n")
    try folder.write("two %\n", "old two\n")
    try expect(isNew: false)
  }

  @Test("a file saved between the last look and the swap → back at once")
  func savedAtTheLastMoment() throws {
    let files = try begin()
    for file in files { try file.stage() }
    for file in files { try file.checkTargetIsUnchanged() }
    try folder.write("theirs", "theirs\n")
    #expect(unsafe rename(folder.path.appending("theirs").string, files[0].target.string) == 0)
    try folder.write("gone", "theirs too\n")
    for file in [files[0], files[3]] {
      #expect(throws: FileChangeError.changedMeanwhile(file.replacement.path)) {
        _ = try file.goForward()
      }
    }
    #expect(try folder.text("one") == "theirs\n")
    #expect(try folder.text("gone") == "theirs too\n")
    try folder.write("made", "theirs as well\n")
    #expect(throws: FileChangeError.alreadyExists(files[2].replacement.path)) {
      _ = try files[2].goForward()
    }
    #expect(try folder.text("made") == "theirs as well\n")
  }

  @Test("an exchange in several steps, cut off in each → forward", arguments: 1...2)
  func severalSteps(step: Int) throws {
    let files = try begin()
    for file in files { try file.stage() }
    try journal.noteStaged(files)
    let file = files[0]
    let companion = folder.path.appending(file.swap.companion)
    let keeper = folder.path.appending(CompanionName.keeper(of: file.swap.companion))
    #expect(unsafe link(file.target.string, keeper.string) == 0)
    if step == 2 { #expect(unsafe rename(companion.string, file.target.string) == 0) }
    #expect(try journal.recover() == .forward(files.map(\.target)))
    try expect(isNew: true)
  }

  @Test("a journal that was cut off itself → nothing has to be done")
  func tornJournal() throws {
    let files = try begin()
    let path = folder.path.appending("state").appending("journal")
    let text = try readFile(path)
    for count in [0, 1, text.count / 2, text.count - 5] {
      try writeFile(path, Array(text.prefix(count)))
      #expect(try journal.recover() == .nothing)
      try expect(isNew: false)
    }
    #expect(files.count == 4)
  }

  @Test("a journal that somebody has damaged → reported, and no file touched")
  func damagedJournal() throws {
    _ = try begin()
    let path = folder.path.appending("state").appending("journal")
    let text = String(decoding: try readFile(path), as: UTF8.self)
    for damaged in [
      text.replacing(".zonebridge-", with: ".other-"), text.replacing("replace ", with: "rename "),
      text.replacing(" .one.", with: " ../.one."), text.replacing(" .one.", with: " .two."),
      text.replacing(" one ", with: " ../one "), text.replacing(" one ", with: " .. "),
      text.replacing(" one ", with: " sub/one "), text.replacing(" one ", with: " %2fone "),
      text.replacing(" one ", with: " one%00x "), text.replacing(" one ", with: " /one "),
      text.replacing(" \(folder.path)", with: " ."),
    ] {
      #expect(damaged != text)
      try writeFile(path, Array(damaged.utf8))
      #expect(throws: FileChangeError.damagedJournal(path), "\(damaged)") { try journal.recover() }
    }
    try writeFile(path, Array(text.utf8))
    _ = try journal.recover()
    try expect(isNew: false)
  }

  @Test("given a journal that is cut off while the copies are noted → back, wherever it is cut")
  func tornNote() throws {
    var files = try begin()
    for file in files { try file.stage() }
    try journal.noteStaged(files)
    let path = folder.path.appending("state").appending("journal")
    let length = try readFile(path).count
    let start = try #require(
      String(decoding: try readFile(path), as: UTF8.self).firstRange(of: "\nend\n"))
    let shortest = String(decoding: try readFile(path), as: UTF8.self)[..<start.upperBound].utf8
      .count
    _ = try journal.recover()
    try reset()
    for cut in 1...(length - shortest) {
      files = try begin()
      for file in files { try file.stage() }
      try journal.noteStaged(files)
      try writeFile(path, Array(try readFile(path).dropLast(cut)))
      #expect(try journal.recover() == .back(files.map(\.target)), "\(cut)")
      try expect(isNew: false)
    }
  }

  /// As a recovery leaves them that went forward.
  private func reset() throws {
    try removeFile(folder.path.appending("made"))
    try folder.write("one", "old one\n")
    try folder.write("two %\n", "old two\n")
    try folder.write("gone", "to be removed\n")
  }

  @Test(
    "given a note that is none → back, and what is there stays",
    arguments: ["staged 1\n", "staged\n", "stagnant\n"])
  func noNote(line: String) throws {
    let files = try begin()
    for file in files { try file.stage() }
    let path = folder.path.appending("state").appending("journal")
    try writeFile(path, try readFile(path) + Array(line.utf8))
    #expect(try journal.recover() == .back(files.map(\.target)))
    try expect(isNew: false)
  }

  @Test(
    "given a note of other copies than there are → it is reported, and no file is touched",
    arguments: ["staged 1 2 3 -\n", "staged - - - -\n", "staged 9:1 9:2 9:3 -\n"])
  func foreignNote(line: String) throws {
    let files = try begin()
    for file in files { try file.stage() }
    let path = folder.path.appending("state").appending("journal")
    let text = try readFile(path)
    try writeFile(path, text + Array(line.utf8))
    let names = try listFolder(folder.path)
    let error = #expect(throws: FileChangeError.self) { try journal.recover() }
    #expect(
      error?.description.contains("\(files[0].swap.companion) is neither the new copy") == true,
      "\(error as Any)")
    #expect(try listFolder(folder.path) == names)
    try writeFile(path, text)
    #expect(try journal.recover() == .back(files.map(\.target)))
    try expect(isNew: false)
  }

  /// A power failure may leave a file as long as it was to be, with nothing in it.
  @Test(
    "given a file in the journal's place that is none → it goes, and no file is touched",
    arguments: [
      [UInt8](repeating: 0, count: 500), Array("something else\n".utf8),
      Array("# zonebridge is\n/etc/passwd\nend\n".utf8), [0xff, 0xfe, 0x0a],
    ])
  func noJournal(bytes: [UInt8]) throws {
    let path = folder.path.appending("state").appending("journal")
    try writeFile(path, bytes)
    let before = try listFolder(folder.path)
    #expect(try journal.recover() == .nothing)
    #expect(try listFolder(folder.path) == before)
    try expect(isNew: false)
  }

  @Test(
    "given a journal with an entry that is none → it is reported, stays, and no file is touched")
  func brokenEntries() throws {
    let files = try begin()
    for file in files { try file.stage() }
    try journal.noteStaged(files)
    let path = folder.path.appending("state").appending("journal")
    let text = String(decoding: try readFile(path), as: UTF8.self)
    let names = try listFolder(folder.path)
    let first = String(try #require(text.split(separator: "\n").first { $0.hasPrefix("replace ") }))
    var broken: [String] = [
      String(first.dropLast(first.split(separator: " ").last?.count ?? 0)), "\(first) 1",
      first.replacing(" one ", with: " %zz "), first.replacing(" one ", with: " one% "),
    ]
    for field in [2, 3, 4, 7, 8, 9, 10, 11] {
      var fields = first.split(separator: " ").map(String.init)
      fields[field] = "x"
      broken.append(fields.joined(separator: " "))
    }
    for line in broken {
      let damaged = Array(text.replacing(first, with: line).utf8)
      try writeFile(path, damaged)
      #expect(throws: FileChangeError.damagedJournal(path), "\(line)") { try journal.recover() }
      #expect(try readFile(path) == damaged, "\(line)")
      #expect(try listFolder(folder.path) == names, "\(line)")
      #expect(try folder.text("one") == "old one\n", "\(line)")
    }
    try writeFile(path, Array(text.utf8))
    #expect(try journal.recover() == .forward(files.map(\.target)))
    try expect(isNew: true)
  }

  @Test("given a journal whose files are gone with their directory → it ends")
  func vanished() throws {
    try folder.write("zones/db", "old\n")
    let target = folder.path.appending("zones").appending("db")
    let file = try StagedReplacement(
      FileReplacement(replacing: try FileSnapshot.read(target), with: Array("new\n".utf8)))
    try journal.begin([file])
    try file.stage()
    try journal.noteStaged([file])
    let moved = folder.path.appending("elsewhere").string
    #expect(unsafe rename(folder.path.appending("zones").string, moved) == 0)
    #expect(try journal.recover() == .back([target]))
    #expect(try folder.names(in: "state").isEmpty)
    #expect(try folder.text("elsewhere/db") == "old\n")
  }

  @Test("given a journal that has still to be ended → it stays, and no other change is begun")
  func anotherJournal() throws {
    let files = try begin()
    for file in files { try file.stage() }
    let path = folder.path.appending("state").appending("journal")
    let text = try readFile(path)
    let other = ChangeSet([
      FileReplacement(
        replacing: try FileSnapshot.read(folder.path.appending("one")), with: Array("x\n".utf8))
    ])
    #expect(throws: FileChangeError.system(.stage, path, .fileExists)) {
      try other.apply(journal: journal)
    }
    #expect(try readFile(path) == text)
    #expect(try folder.text("one") == "old one\n")
    #expect(try journal.recover() == .back(files.map(\.target)))
    try expect(isNew: false)
  }
}
