import BINDText

extension NamedConfOutline {
  /// Adds a block before the closing brace of each list that accepts one.
  func testLists() {
    guard let blocks = try? blocks() else { return }
    let name = freeName(among: blocks)
    for list in lists.prefix(8)
    where !blocks.contains(where: { $0.range.contains(list.body.upperBound) }) {
      expect(
        bytes[list.body.upperBound] == UInt8(ascii: "}"), "a list ends before its closing brace")
      let edit = expectNoError("a block can be put into a list") {
        try insertion(of: Self.body, named: name, in: list, digest: digest)
      }
      testInsertion(edit, named: name, among: blocks, adding: [])
      let (file, found) = rereading(applying([edit], "an insertion"), "an insertion into a list")
      expect(
        found.contains { $0.name == name && file.stands($0, in: list) },
        "a block stands in the list it was put into")
    }
  }

  private var lists: [StatementList] {
    views.map(\.list) + exceptions.map(\.list) + (options.map { [$0.list] } ?? [])
  }

  /// Every `validate-except` of the file.
  var exceptions: [ValidateExcept] {
    (views.map(\.validation) + [validation]).flatMap(\.exceptions)
  }
}
