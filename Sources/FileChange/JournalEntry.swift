import Glibc
import SystemPackage

/// One file of a change in the journal.
struct JournalEntry {
  enum Kind: String {
    case replace, create, remove
  }

  /// How far a file has come.
  enum State {
    /// The target is the old file, the companion the new copy.
    case waiting
    /// The target is the new copy.
    case swapped
    /// Swapped, and the old file is gone.
    case done
    /// One of the two is something else: somebody has changed the file since.
    case lost
  }

  let kind: Kind
  let target: FilePath
  let companion: FilePath
  /// The old file; nil for one that is created.
  let before: FileIdentity?

  init(_ file: StagedReplacement) {
    kind =
      file.replacement.before == nil
      ? .create : file.replacement.contents == nil ? .remove : .replace
    target = file.target
    companion = file.companion
    before = file.replacement.before?.identity
  }

  /// A line of the journal.
  var line: String {
    let numbers =
      before.map {
        "\($0.device) \($0.inode) \($0.size) \($0.modified.seconds) \($0.modified.nanoseconds)"
      } ?? "- - - - -"
    return "\(kind.rawValue) \(Self.escaped(target)) \(Self.escaped(companion)) \(numbers)"
  }

  /// Nil for a line that is none.
  init?(_ line: Substring) {
    let fields = line.split(separator: " ")
    guard fields.count == 8, let kind = Kind(rawValue: String(fields[0])),
      let target = Self.path(fields[1]), let companion = Self.path(fields[2]),
      // Whatever a damaged journal says, nothing else is ever removed.
      companion.lastComponent?.string.contains(".zonebridge-") == true,
      companion.removingLastComponent() == target.removingLastComponent()
    else { return nil }
    self.kind = kind
    self.target = target
    self.companion = companion
    if kind == .create {
      before = nil
      return
    }
    guard let device = UInt64(fields[3]), let inode = UInt64(fields[4]),
      let size = Int64(fields[5]), let seconds = Int64(fields[6]),
      let nanoseconds = Int64(fields[7])
    else { return nil }
    let modified = FileIdentity.Timestamp(seconds: seconds, nanoseconds: nanoseconds)
    before = FileIdentity(
      device: device, inode: inode, size: size, modified: modified, changed: modified)
  }

  /// Ends an exchange that was made in several steps (see ``exchange(_:_:for:of:)``).
  func finishExchange() throws(FileChangeError) {
    let keeper = keeperPath(of: companion)
    guard let kept = identity(of: keeper) else { return }
    if identity(of: companion) == nil {
      try attempt(.replace, target) {
        unsafe keeper.withPlatformString { from in
          unsafe companion.withPlatformString { to in unsafe rename(from, to) }
        }
      }
    } else if identity(of: target)?.isSameFile(as: kept) == true {
      try attempt(.remove, target) { unsafe keeper.withPlatformString { unsafe unlink($0) } }
    }
  }

  func state(ofCopy inode: UInt64?) -> State {
    let (target, companion) = (identity(of: target), identity(of: companion))
    // A note without the copy that there has to be says nothing: two that are not there are not alike.
    guard inode != nil || kind == .remove else { return .lost }
    switch kind {
    case .replace:
      if isOld(target), companion?.inode == inode { return .waiting }
      if target?.inode == inode { return stateOnceSwapped(companion) }
    case .create:
      if target == nil, companion?.inode == inode { return .waiting }
      if target?.inode == inode { return .swapped }
    case .remove:
      if isOld(target), companion == nil { return .waiting }
      if target == nil { return stateOnceSwapped(companion) }
    }
    return .lost
  }

  private func stateOnceSwapped(_ companion: FileIdentity?) -> State {
    companion == nil ? .done : isOld(companion) ? .swapped : .lost
  }

  /// Has the file and its companion change places, forward or back.
  func swap(isBack: Bool) throws(FileChangeError) {
    switch kind {
    case .replace: try exchange(companion, target, for: .replace, of: target)
    case .create:
      try isBack
        ? move(target, to: companion, for: .remove, of: target)
        : move(companion, to: target, for: .create, of: target)
    case .remove:
      try isBack
        ? move(companion, to: target, for: .create, of: target)
        : move(target, to: companion, for: .remove, of: target)
    }
  }

  func removeCompanion() throws(FileChangeError) {
    try FileChange.removeCompanion(companion, of: target)
  }

  private func isOld(_ identity: FileIdentity?) -> Bool {
    guard let identity, let before else { return false }
    return identity.isSameFile(as: before) && identity.size == before.size
      && identity.modified == before.modified
  }

  private func identity(of path: FilePath) -> FileIdentity? {
    (try? statusOfLink(path)).flatMap(\.self).map(FileIdentity.init)
  }

  // MARK: Paths

  /// A path may hold any byte but zero: what is no printable ASCII, and the percent sign, goes as its
  /// number.
  private static func escaped(_ path: FilePath) -> String {
    path.string.utf8.map { byte in
      (0x21...0x7e).contains(byte) && byte != UInt8(ascii: "%")
        ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }.joined()
  }

  private static func path(_ text: Substring) -> FilePath? {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard rest.count >= 2, let value = UInt8(String(Substring(rest.prefix(2))), radix: 16) else {
        return nil
      }
      rest = rest.dropFirst(2)
      bytes.append(value)
    }
    return bytes.isEmpty ? nil : FilePath(String(decoding: bytes, as: UTF8.self))
  }
}
