import Glibc
package import SystemPackage

extension Reader {
  private static let chunk = 1 << 20

  /// Goes through a file piece by piece, so that no more than one is in memory.
  ///
  /// - Parameters:
  ///   - path: where it is.
  ///   - limit: how many bytes it may have.
  ///   - overlap: how much of a piece comes once more with the next one; what is longer may be cut.
  ///   - look: is given each piece, and says whether that is enough.
  /// - Throws: why the file cannot be read.
  package func scan(
    _ path: FilePath, limit: Int64 = FileSnapshot.usualLimit, overlap: Int,
    _ look: ([UInt8]) -> Bool
  ) throws(FileChangeError) {
    guard let file = try open(path, limit: limit) else { return }
    var piece: [UInt8] = []
    // It may grow while it is read.
    var left = limit
    while left > 0 {
      let bytes = try file.read(atMost: min(Self.chunk, Int(left)))
      if bytes.isEmpty { return }
      left -= Int64(bytes.count)
      piece = piece.suffix(overlap) + bytes
      if look(piece) { return }
    }
  }

  /// What a file begins with.
  ///
  /// - Parameters:
  ///   - path: where it is.
  ///   - count: how many bytes of it, at most.
  /// - Returns: the bytes.
  /// - Throws: why the file cannot be read.
  package func beginning(
    of path: FilePath, atMost count: Int
  ) throws(FileChangeError) -> [UInt8] {
    guard let file = try open(path, limit: .max) else { return [] }
    return try file.read(atMost: count)
  }

  /// Opens a regular file; nil for /dev/null.
  private func open(_ path: FilePath, limit: Int64) throws(FileChangeError) -> OpenFile? {
    let place = try Walk.place(of: path, as: self)
    let seen = try place.existing(path)
    if seen.isNull { return nil }
    // Looked at before it is opened: opening a device may do something to it.
    guard seen.type == .regular, let name = place.name else {
      throw .notRegular(path, kind: fileKind(of: seen.type))
    }
    let file = try place.folder.open(
      name, flags: O_RDONLY | O_NONBLOCK | O_NOCTTY, for: .open, of: path)
    let status = try file.status(for: .read)
    guard NodeID(status) == NodeID(seen) else { throw .changedWhileReading(path) }
    try judge(file, status)
    guard status.size <= limit else { throw .tooLarge(path, size: status.size, limit: limit) }
    return file
  }
}
