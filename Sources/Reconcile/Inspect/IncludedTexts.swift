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
  /// Longer than any line with a path that leads somewhere.
  private static let longestLine = 8192

  init(tree: ConfigurationTree, reader: Reader) {
    self.tree = tree
    self.reader = reader
  }

  /// Looks for something.
  ///
  /// - Parameters:
  ///   - path: the zone's own file.
  ///   - isThere: whether it is in a piece of text.
  /// - Returns: where it is found; nil where it is not to be found in what can be read.
  /// - Throws: why the zone's own file cannot be read.
  func place(
    from path: FilePath, of isThere: ([UInt8]) -> Bool
  ) throws(FileChangeError) -> Place? {
    try search(from: path, for: isThere, orAt: nil)
  }

  /// Whether a file may be among those that are included.
  ///
  /// - Parameters:
  ///   - file: the file's real path.
  ///   - path: the zone's own file.
  /// - Returns: false if it surely is not; true if a file cannot be read.
  func mayInclude(_ file: FilePath, from path: FilePath) -> Bool {
    (try? search(from: path, for: { _ in false }, orAt: file)) != nil
  }

  private func search(
    from path: FilePath, for isThere: ([UInt8]) -> Bool, orAt file: FilePath?
  ) throws(FileChangeError) -> Place? {
    var limit = ReadingLimits.zone.bytes
    var waiting = [path]
    var seen: Set<FilePath> = [path]
    while let next = waiting.popLast() {
      if let file, FileState(of: next, as: reader)?.realPath == file {
        return next == path ? .ownFile : .includedFile
      }
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

  /// The files that `$INCLUDE` names at the start of a line: within a quoted string, too.
  private func includes(in piece: [UInt8]) -> [FilePath] {
    piece.offsets(ofLowercase: "$include").compactMap { offset in
      guard offset == 0 || piece[offset - 1] == 0x0A else { return nil }
      let line = piece[(offset + 8)...].prefix(Self.longestLine).prefix { $0 != 0x0A }
      let words = line.drop { Self.isBlank($0) }
      guard let first = words.first else { return nil }
      let word =
        first == UInt8(ascii: "\"")
        ? words.dropFirst().prefix { $0 != UInt8(ascii: "\"") }
        : words.prefix { !Self.isBlank($0) && $0 != UInt8(ascii: ";") && $0 != 0x0D }
      guard !word.isEmpty, !word.contains(0) else { return nil }
      return tree.onHost(FilePath(bytes: word))
    }
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
}
