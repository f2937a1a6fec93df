import BINDText
import DNSNames
import FileChange
import Glibc
import Synchronization
import SystemPackage

/// Remembers what earlier passes read: an unchanged file is neither read nor parsed again.
///
/// A path is followed again each time, since a symbolic link may lead elsewhere meanwhile. What a pass did not use is
/// forgotten after it, so no more is kept than one pass needs.
package final class FileCache: Sendable {
  /// A zone file may be read for several zones.
  private struct ZoneReading: Hashable {
    let origin: DomainName
    let owner: DomainName?
    let watched: WatchedNames
  }

  private struct Entry {
    let snapshot: FileSnapshot
    /// Who could read it.
    let user: UnixUser?
    var configurations: [NamedConfOutline.Context: NamedConfOutline] = [:]
    var zones: [ZoneReading: ZoneFileOutline] = [:]
  }

  private struct State {
    /// What this pass has used so far, by the files' real paths.
    var used: [FilePath: Entry] = [:]
    /// What earlier passes left.
    var left: [FilePath: Entry] = [:]
  }

  private let state = Mutex(State())
  private let now: @Sendable () -> Int64

  /// Begins with nothing.
  ///
  /// - Parameter now: tells the time in seconds since 1970.
  package init(now: @escaping @Sendable () -> Int64 = { Int64(time(nil)) }) {
    self.now = now
  }

  /// The file as it is now, read only if it has changed.
  func read(
    _ path: FilePath, as reader: Reader? = nil
  ) throws(FileChangeError) -> FileSnapshot {
    if let current = FileState(of: path, as: reader),
      let known = recall(current, for: reader?.user)
    {
      return known.under(path, below: reader?.root)
    }
    let start = now()
    let snapshot = try FileSnapshot.read(path, as: reader)
    // A change within the same tick of the file system's clock would leave all times as they are. So only a file that
    // had been at rest for a while is recognised, as git does it ("racy git").
    if start - snapshot.state.identity.changed.seconds > 2 {
      state.withLock { $0.used[snapshot.realPath] = Entry(snapshot: snapshot, user: reader?.user) }
    }
    return snapshot
  }

  /// What is known of a file in this very state; what is known of another state is dropped before the file is read, so
  /// that not both are in memory.
  private func recall(_ current: FileState, for user: UnixUser?) -> FileSnapshot? {
    state.withLock { state in
      let path = current.realPath
      func isKnown(_ entry: Entry) -> Bool {
        entry.snapshot.state == current && entry.user == user
      }
      if let known = state.used[path], isKnown(known) { return known.snapshot }
      state.used[path] = nil
      guard let known = state.left[path], isKnown(known) else {
        state.left[path] = nil
        return nil
      }
      state.used[path] = Entry(snapshot: known.snapshot, user: user)
      return known.snapshot
    }
  }

  /// The outline of a configuration file.
  func outline(
    of snapshot: FileSnapshot, in context: NamedConfOutline.Context
  ) throws(SyntaxError) -> NamedConfOutline {
    try outline(of: snapshot, \.configurations[context]) { () throws(SyntaxError) in
      try NamedConfOutline(parsing: snapshot.bytes, context: context)
    }
  }

  /// The outline of a zone file.
  func outline(
    of snapshot: FileSnapshot, origin: DomainName, owner: DomainName?,
    watching watched: WatchedNames
  ) throws(SyntaxError) -> ZoneFileOutline {
    let reading = ZoneReading(origin: origin, owner: owner, watched: watched)
    return try outline(of: snapshot, \.zones[reading]) { () throws(SyntaxError) in
      try ZoneFileOutline(
        parsing: snapshot.bytes, origin: origin, owner: owner, watching: watched)
    }
  }

  private func outline<Outline: Sendable>(
    of snapshot: FileSnapshot, _ place: WritableKeyPath<Entry, Outline?>,
    _ make: () throws(SyntaxError) -> Outline
  ) throws(SyntaxError) -> Outline {
    let path = snapshot.realPath
    let known = state.withLock { state in
      [state.used[path], state.left[path]].lazy.compactMap(\.self)
        .filter { $0.snapshot.state == snapshot.state }
        .compactMap { $0[keyPath: place] }.first
    }
    let outline = if let known { known } else { try make() }
    state.withLock { state in
      if state.used[path]?.snapshot.state == snapshot.state {
        state.used[path]?[keyPath: place] = outline
      }
    }
    return outline
  }

  /// Forgets a file that turned out not to matter.
  func forget(_ snapshot: FileSnapshot) {
    state.withLock { state in
      state.used[snapshot.realPath] = nil
      state.left[snapshot.realPath] = nil
    }
  }

  /// Forgets at the end of a pass what it did not use.
  func forgetUnused() {
    state.withLock { state in
      state.left = state.used
      state.used = [:]
    }
  }
}
