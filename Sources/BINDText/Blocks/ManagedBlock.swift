/// A part of a file that zonebridge manages, between a BEGIN and an END line.
///
///     // BEGIN zonebridge prod: managed, edits here are overwritten
///     zone "example.dcos.directory" { … };
///     // END zonebridge prod sha256:1f0a9c44d2b7
///
/// All offsets refer to the file that contains the block.
public struct ManagedBlock: Hashable, Sendable {
  /// The block's name: `prod`, `zone contoso.com`, `contoso.com`.
  public let name: String
  /// The whole lines from BEGIN to END, including the line ending of the END line if there is one.
  public let range: Range<Int>
  /// The lines between the markers, with the line ending of the last one.
  public let body: Range<Int>
  /// The digest of the body as recorded in the END line, 12 hexadecimal digits.
  public let recordedDigest: String
  /// How the BEGIN line ends.
  public let lineEnding: LineEnding
  /// The blanks before the lines of the body and before the END line.
  public let indentation: String
  /// The blanks before the BEGIN marker; empty if something else comes before it on its line.
  let lead: String
  /// Where the list of statements that contains the block begins; 0 for the file itself.
  let listStart: Int

  /// The comment sign before a marker.
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

  /// Whether the body differs from what zonebridge wrote: somebody edited it by hand.
  ///
  /// The digest function returns the first 12 hexadecimal digits of a SHA-256.
  public func isEdited(in bytes: [UInt8], digest: ([UInt8]) -> String) -> Bool {
    digest(Array(bytes[body])) != recordedDigest
  }

  /// The bytes of a block, with its markers and a line ending after the END line.
  ///
  /// - Parameters:
  ///   - name: One or two words, without a colon.
  ///   - body: The lines between the markers, without line endings, indented relative to each other by tabs.
  ///   - comment: The comment sign of the kind of file.
  ///   - indentation: The blanks before every line that is not empty, including the markers. If they are spaces, each
  ///     tab of the body becomes as many spaces.
  ///   - lineEnding: The file's line ending.
  ///   - digest: Returns the first 12 hexadecimal digits of the SHA-256 of the body as written.
  /// - Returns: Whole lines.
  /// - Throws: If the name or a line cannot be part of a block.
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
