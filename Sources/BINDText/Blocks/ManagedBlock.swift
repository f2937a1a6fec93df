/// A part of a file that is kept by zonebridge, between a BEGIN and an END line.
///
///     // BEGIN zonebridge prod: managed, edits here are overwritten
///     zone "example.dcos.directory" { … };
///     // END zonebridge prod sha256:1f0a9c44d2b7
///
/// All offsets are those of the file that the block was found in.
public struct ManagedBlock: Hashable, Sendable {
  /// What the block is called: `prod`, `zone contoso.com`, `contoso.com`.
  public let name: String
  /// The whole lines from BEGIN to END, with the line ending of the END line if there is one.
  public let range: Range<Int>
  /// The lines between the markers, with the line ending of the last one.
  public let body: Range<Int>
  /// The digest of the body that the END line tells, 12 hexadecimal digits.
  public let recordedDigest: String
  /// How the BEGIN line ends.
  public let lineEnding: LineEnding
  /// The blanks before the body's lines and the END line.
  public let indentation: String
  /// The blanks before the BEGIN marker; none where something else stands before it on its line.
  let lead: String
  /// Where the list of statements begins in which the block stands; 0 for the file itself.
  let listStart: Int

  /// The comment sign that a marker stands behind.
  public enum CommentSign: Hashable, Sendable {
    /// `//`, in named.conf.
    case slashes
    /// `;`, in a zone file.
    case semicolon

    var text: String {
      switch self {
      case .slashes: "//"
      case .semicolon: ";"
      }
    }
  }

  /// Whether the body is no longer what was written: somebody edited it by hand.
  ///
  /// The digest function gives the first 12 hexadecimal digits of a SHA-256.
  public func isEdited(in bytes: [UInt8], digest: ([UInt8]) -> String) -> Bool {
    digest(Array(bytes[body])) != recordedDigest
  }

  /// The bytes of a block, with its markers and with a line ending after the END line.
  ///
  /// - Parameters:
  ///   - name: One or two words, without colon.
  ///   - body: The lines between the markers, without line endings, indented among themselves by
  ///     tabs.
  ///   - comment: The comment sign of the kind of file.
  ///   - indentation: Blanks that go before every line that is not empty, the markers' too. Where
  ///     they are spaces, the body's own tabs become as many spaces as well.
  ///   - lineEnding: The file's own.
  ///   - digest: Gives the first 12 hexadecimal digits of the SHA-256 of the body as written.
  /// - Returns: Whole lines.
  /// - Throws: A name or a line that cannot stand in a block.
  public static func render(
    name: String, body: [String], comment: CommentSign, indentation: String = "",
    lineEnding: LineEnding = .lineFeed, digest: ([UInt8]) -> String
  ) throws(ManagedBlockError) -> [UInt8] {
    guard ManagedBlockMarker.isUsable(name: name) else { throw .unusableName(name) }
    var lines: [UInt8] = []
    for line in body {
      guard !ManagedBlockMarker.isRecognized(inLine: line) else { throw .unusableLine(line) }
      if !line.isEmpty { lines += Array(indentation.utf8) }
      let depth = line.utf8.prefix { $0 == ASCII.tab }.count
      let usesSpaces = !indentation.isEmpty && indentation.utf8.allSatisfy { $0 == ASCII.space }
      let unit = usesSpaces ? indentation : "\t"
      for _ in 0..<depth { lines += Array(unit.utf8) }
      lines += Array(line.utf8.dropFirst(depth)) + lineEnding.bytes
    }
    let begin = ManagedBlockMarker.begin(name: name)
    let end = ManagedBlockMarker.end(name: name, digest: digest(lines))
    var block = Array("\(indentation)\(comment.text) \(begin.text)".utf8) + lineEnding.bytes
    block += lines
    block += Array("\(indentation)\(comment.text) \(end.text)".utf8) + lineEnding.bytes
    return block
  }
}
