import Glibc
import ReconcileModel
import SystemPackage

/// Reads a file line by line through a buffer, which does not grow with the file but with its longest
/// line.
struct LineReader: ~Copyable {
  private let path: FilePath
  private let file: FileDescriptor
  private var buffer: [UInt8]
  /// How many bytes of the buffer are the file's.
  private var filled = 0
  /// Where the line behind the current one begins.
  private var next = 0
  private var isAtEnd = false
  /// The line that the reader is at, without its line feed; nil before the first and behind the last.
  private(set) var current: ArraySlice<UInt8>?

  /// Begins before the first line.
  init(_ path: FilePath, bufferSize: Int = 1 << 16) throws(PassError) {
    file = try Self.open(path)
    self.path = path
    buffer = Array(repeating: 0, count: bufferSize)
  }

  deinit {
    try? file.close()
  }

  private static func open(_ path: FilePath) throws(PassError) -> FileDescriptor {
    do {
      return try .open(path, .readOnly, options: .closeOnExec)
    } catch {
      throw PassError("cannot read \(path)", error)
    }
  }

  /// Goes on to the next line.
  mutating func advance() throws(PassError) {
    current = nil
    var examined = next
    while true {
      if let end = buffer[examined..<filled].firstIndex(of: UInt8(ascii: "\n")) {
        current = buffer[next..<end]
        next = end + 1
        return
      }
      guard !isAtEnd else {
        if next < filled { current = buffer[next..<filled] }
        next = filled
        return
      }
      // What there is of the line moves to the front.
      buffer.replaceSubrange(0..<(filled - next), with: buffer[next..<filled])
      filled -= next
      next = 0
      examined = filled
      if filled == buffer.count { buffer += Array(repeating: 0, count: filled) }
      try fill()
    }
  }

  /// Advances two readers, at equal lines, to the first lines that differ.
  ///
  /// Nearly all lines of two forms of a zone are the same: they are compared as octets, and not told apart.
  static func skipEqualLines(
    _ one: inout LineReader, _ other: inout LineReader
  ) throws(PassError) {
    repeat {
      let equal = one.buffer[one.next..<one.filled]
        .equalCount(with: other.buffer[other.next..<other.filled])
      if let end = one.buffer[one.next..<one.next + equal].lastIndex(of: UInt8(ascii: "\n")) {
        let skipped = end + 1 - one.next
        one.next += skipped
        other.next += skipped
      }
      try one.advance()
      try other.advance()
    } while one.current != nil && one.current == other.current
  }

  private mutating func fill() throws(PassError) {
    do {
      let count = unsafe try buffer.withUnsafeMutableBytes { bytes in
        unsafe try file.read(into: .init(rebasing: bytes[filled...]))
      }
      isAtEnd = count == 0
      filled += count
    } catch {
      throw PassError("cannot read \(path)", error)
    }
  }
}

extension ArraySlice<UInt8> {
  /// The length of their common prefix, in octets.
  fileprivate func equalCount(with other: ArraySlice<UInt8>) -> Int {
    let length = Swift.min(count, other.count)
    return unsafe withUnsafeBytes { one in
      unsafe other.withUnsafeBytes { other in
        guard let one = one.baseAddress, let other = other.baseAddress else { return 0 }
        var equal = 0
        while equal < length {
          let block = Swift.min(1024, length - equal)
          guard unsafe memcmp(one + equal, other + equal, block) != 0 else {
            equal += block
            continue
          }
          while unsafe one.load(fromByteOffset: equal, as: UInt8.self)
            == other.load(fromByteOffset: equal, as: UInt8.self)
          {
            equal += 1
          }
          return equal
        }
        return length
      }
    }
  }
}
