package import DCOS
import FileChange
import Glibc
import ReconcileModel
import Synchronization
package import SystemPackage

/// A file with a token, a password or a private key in it, which nobody but its owner may read.
package struct SecretFile: Sendable {
  package let path: FilePath
  /// Where systemd puts a unit's credentials, and sees to it who may read them.
  private let credentialsDirectory: FilePath?
  /// Tells the seconds since 1970.
  private let now: @Sendable () -> Int64

  /// A file with this path.
  package init(
    _ path: FilePath, credentialsDirectory: FilePath?,
    now: @escaping @Sendable () -> Int64 = { Int64(time(nil)) }
  ) {
    self.path = path
    self.credentialsDirectory = credentialsDirectory
    self.now = now
  }

  /// The file, read again whenever it was replaced or changed.
  package var source: SecretSource {
    let memory = Memory()
    return SecretSource(name: path.string) { () throws(SecretError.Problem) in
      try memory.secret(of: self)
    }
  }

  fileprivate func read() throws(SecretError.Problem) -> (secret: Secret, state: FileState) {
    let snapshot: FileSnapshot
    do {
      snapshot = try FileSnapshot.read(path)
    } catch .system(_, _, let code) {
      throw .unreadable("\(code)")
    } catch {
      throw .unreadable("\(error)")
    }
    let mode = UInt32(snapshot.metadata.mode.rawValue) & 0o777
    // A credential of systemd is 0400, and says 0440 where an ACL lets the unit's user read it.
    let allowed: UInt32 = isSystemds(snapshot.realPath) ? 0o740 : 0o700
    guard mode & ~allowed == 0 else {
      throw .tooOpen(mode: mode)
    }
    let owner = snapshot.metadata.owner
    guard owner == 0 || owner == geteuid() else { throw .foreign(owner: userName(owner)) }
    guard snapshot.bytes.count <= 1 << 20,
      let text = String(validating: snapshot.bytes, as: UTF8.self)
    else {
      throw .unreadable("not text")
    }
    return (Secret(text), snapshot.state)
  }

  /// Whether it lies below the credentials' directory, all symbolic links followed.
  private func isSystemds(_ realPath: FilePath) -> Bool {
    guard let directory = credentialsDirectory, let real = FileState(of: directory)?.realPath else {
      return false
    }
    return realPath.starts(with: real)
  }

  /// What the file held when it was read last.
  private final class Memory: Sendable {
    private let last = Mutex<(secret: Secret, state: FileState)?>(nil)

    func secret(of file: SecretFile) throws(SecretError.Problem) -> Secret {
      if let current = FileState(of: file.path),
        let known = last.withLock({ $0 }), known.state == current
      {
        return known.secret
      }
      let start = file.now()
      let read = try file.read()
      // A change within the same tick of the file system's clock leaves all times as they are.
      let isAtRest = start - read.state.identity.changed.seconds > 2
      last.withLock { $0 = isAtRest ? read : nil }
      return read.secret
    }
  }
}
