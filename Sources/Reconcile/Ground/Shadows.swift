import BINDText
import FileChange
import Named
import ReconcileModel
import SystemPackage

/// Files as they would be, in a scratch folder: what checkers read, and nothing else.
///
/// The checkers run with our rights, by paths that lead elsewhere as soon as somebody wants them to; and
/// their messages quote what they read. So they get copies of all that was read with named's rights, the
/// unchanged files as well, and the includes in them lead to copies. To run them as named's user instead
/// would take root's rights, which the unit does not have.
struct Shadows {
  private struct Shadow {
    let path: FilePath
    let bytes: [UInt8]
    let edits: [TextEdit]

    func line(ofCandidate line: Int) -> Int { LineMap(of: bytes, edits).original(of: line) }

    /// Whether a key stands at a line of the file, or next to it.
    func hasSecret(at line: Int) -> Bool {
      SecretRanges.find(in: bytes).contains { range in
        let first = SourceLocation(of: range.lowerBound, in: bytes).line
        let last = SourceLocation(of: range.upperBound, in: bytes).line
        return (first - 1...last + 1).contains(line)
      }
    }
  }

  let folder: ScratchFolder
  private var files: [FilePath: Shadow] = [:]

  init(in folder: ScratchFolder) {
    self.folder = folder
  }

  /// Writes a file with edits under a name that was reserved.
  mutating func write(
    _ snapshot: FileSnapshot, _ edits: [TextEdit], to shadow: FilePath
  ) throws(PassError) {
    try folder.write(try snapshot.candidate(edits), to: shadow)
    files[shadow] = Shadow(path: snapshot.path, bytes: snapshot.bytes, edits: edits)
  }

  /// Writes a file that is not there yet.
  mutating func write(_ contents: FileContents, as path: FilePath) throws(PassError) -> FilePath {
    let shadow = try folder.write(contents)
    files[shadow] = Shadow(path: path, bytes: [], edits: [])
    return shadow
  }

  private static let mostMessages = 50

  /// A checker's messages, a line each, with the files' real names and lines.
  func lines(_ report: CheckReport) -> String {
    messages(report).map { "\n  \($0)" }.joined()
  }

  /// The same, each for itself.
  func messages(_ report: CheckReport) -> [String] {
    let shown = report.messages.prefix(Self.mostMessages).map(original)
    let rest = report.messages.count - Self.mostMessages
    return rest > 0 ? shown + ["and \(rest) more lines"] : shown
  }

  private func original(_ message: String) -> String {
    var text = ""
    var isSecret = false
    var rest = message[...]
    while let start = rest.firstRange(of: folder.path.string + "/") {
      let name = rest[start.upperBound...].prefix { $0.isNumber || $0.isLetter || $0 == "." }
      let word = rest[start.lowerBound..<name.endIndex]
      text += rest[..<start.lowerBound]
      // A sentence may end behind the name.
      let whole = FilePath(String(word.hasSuffix(".") ? word.dropLast() : word))
      guard let shadow = files[whole] else {
        text += word
        rest = rest[name.endIndex...]
        continue
      }
      text += shadow.path.string
      rest = rest[rest.index(start.lowerBound, offsetBy: whole.string.count)...]
      let digits = rest.hasPrefix(":") ? rest.dropFirst().prefix { $0.isNumber } : ""
      if let line = Int(digits).map(shadow.line) {
        text += ":\(line)"
        isSecret = isSecret || shadow.hasSecret(at: line)
        rest = rest[digits.endIndex...]
      }
    }
    return isSecret ? (text + rest).withoutQuotation : text + rest
  }
}
