import BINDText

/// A file of either kind, with the properties that the tests of its blocks need.
protocol Subject: ManagedBlockEditing {
  var bytes: [UInt8] { get }

  /// Reads other bytes the way this file was read.
  func reading(_ bytes: [UInt8]) throws -> Self

  /// The contents of the file outside its blocks, in file order.
  var contents: [AnyHashable] { get }

  /// The lines of a block to add.
  static var body: [String] { get }

  /// The contents that such a block adds at the end.
  static var contentsOfBody: [AnyHashable] { get }

  /// Whether the text outside the blocks is readable regardless of their contents.
  static var isReadWithoutBlocks: Bool { get }
}

extension Subject {
  /// The file with edits applied, which must succeed.
  func applying(_ edits: [TextEdit], _ what: String) -> [UInt8] {
    expectNoError("\(what) can be applied") { try bytes.applying(edits) }
  }

  /// The blocks of other bytes, which must be readable and undamaged.
  func rereading(_ bytes: [UInt8], _ what: String) -> (file: Self, blocks: [ManagedBlock]) {
    expectNoError("the file is read again after \(what)") {
      let file = try reading(bytes)
      return (file, try file.blocks())
    }
  }

  /// A name that no block of the file has yet.
  func freeName(among blocks: [ManagedBlock]) -> String {
    var name = "fuzz"
    while blocks.contains(where: { $0.name == name }) { name += "z" }
    return name
  }
}
