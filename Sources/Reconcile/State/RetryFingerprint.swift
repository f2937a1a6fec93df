import BINDText
import Crypto
import FileChange
import ReconcileModel
import SystemPackage

/// What an operator may change so that a failed change succeeds: his own text in the configuration, who may read which
/// file, how the files are mounted, and what zonebridge is told of named.
enum RetryFingerprint {
  /// A digest of it all; our own blocks are left out, with the line endings around them.
  ///
  /// What named sees is not in it: not every user may look, and a preview must come to the same as the pass.
  ///
  /// - Parameters:
  ///   - actual: what stands.
  ///   - mounts: what is mounted where; nil for what this process sees.
  /// - Returns: the digest.
  static func digest(of actual: ActualState, mounts: MountTable? = nil) -> String {
    let mounts =
      mounts ?? MountTable(parsing: pseudoFileBytes("/proc/self/mountinfo") ?? [])
    var hash = SHA256()
    hash.update("\(actual.bind.exemptsFromValidation) \(actual.bind.query)")
    var files = Set(
      actual.zones.filter { $0.text != nil && $0.block == nil }.compactMap(\.path))
    var made = Set(actual.zones.filter { $0.text != nil }.compactMap(\.path))
    made.formUnion(actual.made)
    for file in actual.tree.files {
      hash.update(ownTextOf: file)
      files.insert(file.snapshot.path)
    }
    let directories = Set((files.union(made)).map { $0.removingLastComponent() })
    for path in files.union(directories).sorted(by: { $0.string < $1.string }) {
      // Mounts know nothing of symbolic links.
      let place = actual.bind.root.realPath(path)
      let real = ReplacementPreflight(of: place)?.path ?? place
      let metadata = (try? place.stat()).map(FileMetadata.init)
      hash.update("\(path) \(metadata.map { "\($0)" } ?? "-") \(mounts.words(on: real))")
    }
    return hash.finalize().prefix(6).map { String($0, radix: 16) }.joined(separator: ".")
  }
}

extension SHA256 {
  fileprivate mutating func update(_ text: String) { update(data: Array(text.utf8)) }

  fileprivate mutating func update(ownTextOf file: ConfigurationFile) {
    let bytes = file.snapshot.bytes
    var start = 0
    for range in file.blocks.map(\.range).sorted(by: { $0.lowerBound < $1.lowerBound })
    where range.lowerBound >= start {
      update(data: bytes[start..<range.lowerBound].filter(isInk))
      start = range.upperBound
    }
    update(data: bytes[start...].filter(isInk))
  }

  private func isInk(_ byte: UInt8) -> Bool { byte > UInt8(ascii: " ") }
}
