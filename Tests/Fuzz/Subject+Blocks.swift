import BINDText

extension Subject {
  /// Adds, replaces and removes blocks, if the file's own blocks are undamaged.
  func testBlocks() {
    do {
      let blocks = try blocks()
      testInsertion(among: blocks)
      for block in blocks.prefix(4) { testReplacement(of: block, among: blocks) }
      testRemoval(of: blocks)
      testAllAtOnce(to: blocks)
    } catch {
      expect(error.description.contains("line \(error.line ?? 0)"), "damage is told with its line")
      let insertion = try? insertion(of: [], named: "fuzz", digest: digest)
      expect(insertion == nil, "nothing is put into a file with damaged markers: \(error)")
    }
  }

  /// Two blocks at the end of the file, added and removed together and one after the other.
  private func testInsertion(among blocks: [ManagedBlock]) {
    let name = freeName(among: blocks)
    let names = [name, "zone \(name)"]
    let edits = names.map { name in
      expectNoError("a block can be put into the file") {
        try insertion(of: Self.body, named: name, digest: digest)
      }
    }
    testInsertion(edits[0], named: name, among: blocks, adding: Self.contentsOfBody)

    let both = applying(edits, "two insertions")
    let (file, found) = rereading(both, "two insertions")
    expect(found.map(\.name) == blocks.map(\.name) + names, "two insertions make two blocks")
    let added = found.suffix(2)
    expect(
      file.applying(file.removal(of: Array(added)), "a removal of two blocks") == bytes,
      "taking out two blocks gives every byte back")
    for block in added {
      let one = file.applying(file.removal(of: [block]), "the removal of one of two blocks")
      let (rest, left) = rereading(one, "the removal of one of two blocks")
      expect(left.count == blocks.count + 1, "of two blocks one is left")
      expect(
        rest.applying(rest.removal(of: left.suffix(1)), "the removal of the other") == bytes,
        "taking out one block after the other gives every byte back")
    }
  }

  /// The properties of a block wherever it is added.
  func testInsertion(
    _ edit: TextEdit, named name: String, among blocks: [ManagedBlock],
    adding contents: [AnyHashable]
  ) {
    let edited = applying([edit], "an insertion")
    expect(
      edited.count == bytes.count + edit.replacement.count, "an insertion takes nothing away")
    let (file, found) = rereading(edited, "an insertion")
    expect(found.count == blocks.count + 1, "an insertion makes one block more")
    expect(
      file.contents == self.contents + contents, "an insertion changes nothing but what it adds")
    guard let block = found.first(where: { edit.range.lowerBound <= $0.range.lowerBound }) else {
      fatalError("violated: the new block stands where it was put")
    }
    expect(block.name == name, "the new block has its name")
    expect(!block.isEdited(in: edited, digest: digest), "the new block's digest is right")
    let again = expectNoError("a new block can be written again") {
      try file.replacement(of: block, with: Self.body, digest: digest)
    }
    expect(
      file.applying([again], "a replacement by the same") == edited,
      "writing a block again changes nothing")
    expect(
      file.applying(file.removal(of: [block]), "the removal of the new block") == bytes,
      "taking out a block gives every byte back")
  }
}
