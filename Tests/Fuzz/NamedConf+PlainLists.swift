import BINDText

extension NamedConfOutline {
  /// The fast path through the braces of zones gives the same result as the slow one.
  ///
  /// A comment takes a zone off the fast path, and has no other effect.
  func testPlainLists() {
    let comments = zones.map { zone in
      let start = zone.body.lowerBound
      return TextEdit(range: start..<start, replacement: Array("/**/".utf8))
    }
    let edited = applying(comments, "comments in zones")
    let file = expectNoError("the file is read again with comments in its zones") {
      try reading(edited)
    }
    expect(file.contents == contents, "comments in zones change nothing")
    expect(
      (try? file.blocks().map(\.name)) == (try? blocks().map(\.name)),
      "comments in zones do nothing to blocks")
  }
}
