import BINDText

extension NamedConfOutline {
  /// The quick way through the braces of zones tells the same as the slow one.
  ///
  /// A comment keeps a zone from being passed over, and means nothing else.
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
