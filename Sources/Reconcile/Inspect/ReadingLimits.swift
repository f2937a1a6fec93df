import FileChange

/// How much one reading accepts of a tree of files, no matter who wrote them.
///
/// named is limited only by open files and memory, and has more of both. These limits exceed any tree that a name
/// server was seen with, and keep a malicious one from exhausting a pass.
struct ReadingLimits: Sendable {
  /// How many files are read, one that is included again counted again.
  var files: Int
  /// How deep files include each other: as deep as named can hold them open where a process may have 10,240
  /// files (Debian's named is given 524,288, a shell 1,024).
  var depth = 10_240
  /// How many bytes there are in all of them.
  var bytes: Int64 = 2 << 30

  /// named.conf and what it includes, where some have an `include` for each zone; a test may ask for less.
  @TaskLocal static var configuration = ReadingLimits(files: 100_000)
  /// A zone file and what it includes.
  @TaskLocal static var zone = ReadingLimits(files: 5_000)
}

/// What a reading has come to, and where it ends.
struct ReadingCount {
  private(set) var files = 0
  private(set) var bytes: Int64 = 0
  let limits: ReadingLimits

  init(_ limits: ReadingLimits) {
    self.limits = limits
  }

  /// Counts a file in.
  ///
  /// - Returns: what is wrong, without the place; nil while it is within the limits.
  mutating func add(
    _ snapshot: FileSnapshot, atDepth depth: Int
  ) -> (cause: String, remedy: String)? {
    files += 1
    bytes += Int64(snapshot.bytes.count)
    if files > limits.files {
      return (
        "more than \(limits.files) files would be included",
        "Look for a file that includes others again and again, and write fewer, larger files"
      )
    }
    if depth > limits.depth {
      return (
        "the files include each other more than \(limits.depth) deep",
        "Write them in fewer levels"
      )
    }
    if bytes > limits.bytes {
      return (
        "the included files have more than \(limits.bytes >> 30) GiB together",
        "Look for a file that is included again and again"
      )
    }
    return nil
  }
}
