import BINDText
import ReconcileModel
import SystemPackage

/// The lines of the files on disk that a candidate's lines are: a checker tells those of the candidate, which nobody
/// can look up.
struct CandidateLines {
  fileprivate struct Shadow {
    var real: FilePath
    var bytes: [UInt8]
    var edits: [TextEdit]
  }

  private var shadows: [FilePath: Shadow] = [:]

  /// Takes note of a candidate.
  mutating func add(_ shadow: FilePath, of real: FilePath, _ bytes: [UInt8], _ edits: [TextEdit]) {
    shadows[shadow] = Shadow(real: real, bytes: bytes, edits: edits.inOrder)
  }

  /// A checker's messages with the files' real names and lines, each set in.
  func words(_ messages: [String]) -> String {
    messages.map { message in
      let message = shadows.reduce(message) { $1.value.replacing($1.key, in: $0) }
      return "\n  \(message)"
    }.joined()
  }
}

extension CandidateLines.Shadow {
  fileprivate func replacing(_ shadow: FilePath, in message: String) -> String {
    let parts = message.split(separator: shadow.string, omittingEmptySubsequences: false)
    guard parts.count > 1 else { return message }
    return String(parts[0])
      + parts.dropFirst().map { part in
        let digits = part.hasPrefix(":") ? part.dropFirst().prefix { $0.isNumber } : ""
        guard let line = Int(digits) else { return "\(real)\(part)" }
        let rest = part.dropFirst(digits.count + 1)
        return self.line(forCandidate: line).map { "\(real):\($0)\(rest)" }
          ?? "\(real), line \(line) of the candidate\(rest)"
      }.joined()
  }

  /// The line on disk; nil for one that the candidate alone has.
  private func line(forCandidate line: Int) -> Int? {
    var (own, candidate) = (1, 1)
    var place = 0
    for edit in edits {
      let before = bytes[place..<edit.range.lowerBound]
      let kept = before.lineFeeds
      // The line of the edit is on disk if something of it stands before the edit.
      let isBegun = before.last.map { $0 != UInt8(ascii: "\n") } ?? false
      if line < candidate + kept || isBegun && line == candidate + kept {
        return own + line - candidate
      }
      own += kept + bytes[edit.range].lineFeeds
      candidate += kept
      let added = edit.replacement[...].lineFeeds
      if line < candidate + added { return nil }
      candidate += added
      place = edit.range.upperBound
    }
    return own + line - candidate
  }
}

extension ArraySlice<UInt8> {
  fileprivate var lineFeeds: Int { count { $0 == UInt8(ascii: "\n") } }
}
