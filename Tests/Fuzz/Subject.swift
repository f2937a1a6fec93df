import BINDText

/// A file that was read, of either kind, with what the tests of its blocks have to know.
protocol Subject: ManagedBlockEditing {
  var bytes: [UInt8] { get }

  /// Reads other bytes the way this file was read.
  func reading(_ bytes: [UInt8]) throws -> Self

  /// What the file holds beside its blocks, in the order in which it stands.
  var contents: [AnyHashable] { get }

  /// The lines of a block to put in.
  static var body: [String] { get }

  /// What such a block at the end adds to the contents.
  static var contentsOfBody: [AnyHashable] { get }

  /// Whether what stands outside of the blocks can be read whatever stands in them.
  static var isReadWithoutBlocks: Bool { get }
}

extension Subject {
  /// The file with edits made, which must be possible.
  func applying(_ edits: [TextEdit], _ what: String) -> [UInt8] {
    expectNoError("\(what) can be applied") { try bytes.applying(edits) }
  }

  /// The blocks of other bytes, which must be readable and whole.
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
