import FileChange
import ReconcileModel
import SystemPackage

/// Looks for something in a zone's file and in all that it includes, a piece at a time.
///
/// A zone that no alias concerns may be of any size, and its text of any kind: it is not read as a zone
/// before there is a reason to.
struct IncludedTexts {
  enum Place {
    case ownFile
    case includedFile
  }

  let tree: ConfigurationTree
  let reader: Reader
  /// What every path may be longer than, and no line with a path that leads somewhere.
  private static let longestLine = 8192

  init(tree: ConfigurationTree, reader: Reader) {
    self.tree = tree
    self.reader = reader
  }

  /// Where something is found; nil where it is not to be found in what can be read.
  ///
  /// - Parameters:
  ///   - path: the zone's own file.
  ///   - isThere: whether it is in a piece of text.
  /// - Throws: why the zone's own file cannot be read.
  func place(
    from path: FilePath, of isThere: ([UInt8]) -> Bool
  ) throws(FileChangeError) -> Place? {
    var limit = ReadingLimits.zone.bytes
    var waiting = [path]
    var seen: Set<FilePath> = [path]
    while let next = waiting.popLast() {
      var isFound = false
      do throws(FileChangeError) {
        try reader.scan(next, overlap: Self.longestLine) { piece in
          isFound = isThere(piece)
          if isFound { return true }
          for include in includes(in: piece) where seen.count < ReadingLimits.zone.files {
            if seen.insert(include).inserted { waiting.append(include) }
          }
          limit -= Int64(piece.count)
          return limit < 0
        }
      } catch {
        guard next == path else { continue }
        throw error
      }
      if isFound { return next == path ? .ownFile : .includedFile }
      if limit < 0 { return nil }
    }
    return nil
  }

  /// The files that `$INCLUDE` names anywhere: in a comment, too.
  private func includes(in piece: [UInt8]) -> [FilePath] {
    piece.offsets(ofLowercase: "$include").compactMap { offset in
      let line = piece[(offset + 8)...].prefix(Self.longestLine).prefix { $0 != 0x0A }
      let words = line.drop { Self.isBlank($0) }
      guard let first = words.first else { return nil }
      let word =
        first == UInt8(ascii: "\"")
        ? words.dropFirst().prefix { $0 != UInt8(ascii: "\"") }
        : words.prefix { !Self.isBlank($0) && $0 != UInt8(ascii: ";") && $0 != 0x0D }
      guard !word.isEmpty, !word.contains(0) else { return nil }
      return tree.onHost(FilePath(String(decoding: word, as: UTF8.self)))
    }
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
}
