import BINDText

extension Subject {
  /// Replacing a block's body leaves its surroundings unchanged, and the new block is removed like the old one.
  func testReplacement(of block: ManagedBlock, among blocks: [ManagedBlock]) {
    let edit = expectNoError("a block of the file can be replaced") {
      try replacement(of: block, with: Self.body, digest: digest)
    }
    expect(
      block.range.lowerBound <= edit.range.lowerBound
        && edit.range.upperBound <= block.range.upperBound, "a replacement keeps to its block")
    let edited = applying([edit], "a replacement")
    guard let (file, found) = rereadingWithoutBlocks(edited, "a replacement") else { return }
    expect(found.map(\.name) == blocks.map(\.name), "a replacement keeps all blocks")
    guard let new = found.first(where: { $0.range.lowerBound == block.range.lowerBound }) else {
      fatalError("violated: a replaced block stays where it is")
    }
    expect(!new.isEdited(in: edited, digest: digest), "the replaced block's digest is right")
    expect(
      file.applying(file.removal(of: [new]), "the removal of a replaced block")
        == applying(removal(of: [block]), "the removal of a block"),
      "a replaced block goes as the old one does")
  }

  /// Removing all blocks, together or one by one, keeps everything else.
  func testRemoval(of blocks: [ManagedBlock]) {
    let removed = applying(removal(of: blocks), "the removal of all blocks")
    expect(removed == bytesOutside(of: blocks), "a removal keeps what is not of the blocks")
    guard let (_, left) = rereadingWithoutBlocks(removed, "the removal of all blocks") else {
      return
    }
    expect(left.isEmpty, "no block is left")

    guard blocks.count <= 4 else { return }
    var (file, remaining) = (self, blocks)
    while let first = remaining.first {
      let next = file.applying(file.removal(of: [first]), "the removal of a block")
      guard let again = rereadingWithoutBlocks(next, "the removal of a block") else { return }
      expect(again.blocks.count == remaining.count - 1, "one block is gone")
      (file, remaining) = again
    }
    expect(file.bytes == removed, "one by one or in one go, the same remains")
  }

  /// One block is removed, the others get another body, and a new one is added, all by edits of one file.
  func testAllAtOnce(to blocks: [ManagedBlock]) {
    let name = freeName(among: blocks)
    for gone in blocks.prefix(4) {
      let others = blocks.filter { $0 != gone }
      let edits = expectNoError("edits of all kinds can be made") {
        try removal(of: [gone]) + [insertion(of: Self.body, named: name, digest: digest)]
          + others.map { try replacement(of: $0, with: Self.body, digest: digest) }
      }
      let edited = applying(edits, "edits of all kinds")
      guard let again = rereadingWithoutBlocks(edited, "edits of all kinds") else { continue }
      expect(
        again.blocks.map(\.name) == others.map(\.name) + [name],
        "edits of all kinds do what each of them does")
    }
  }

  /// The bytes outside the blocks; without a final line ending in the file, the one before the last blocks is theirs.
  private func bytesOutside(of blocks: [ManagedBlock]) -> [UInt8] {
    var rest: [UInt8] = []
    var end = 0
    for block in blocks {
      rest += bytes[end..<block.range.lowerBound]
      end = block.range.upperBound
    }
    rest += bytes[end...]
    let lineFeed = UInt8(ascii: "\n")
    if end == bytes.count, bytes.last != lineFeed, rest.last == lineFeed {
      rest.removeLast()
      if rest.last == UInt8(ascii: "\r") { rest.removeLast() }
    }
    return rest
  }

  /// The blocks of other bytes; nil if reading them may depend on the contents of a block.
  private func rereadingWithoutBlocks(
    _ bytes: [UInt8], _ what: String
  ) -> (file: Self, blocks: [ManagedBlock])? {
    if !Self.isReadWithoutBlocks, (try? reading(bytes)) == nil { return nil }
    return rereading(bytes, what)
  }
}
