import Glibc
import Reconcile
import SystemPackage

/// Where systemd puts the credentials of a unit (`LoadCredential=`, systemd.exec(5)).
struct CredentialsDirectory {
  /// Nil where there is none.
  let path: FilePath?

  static var current: CredentialsDirectory {
    CredentialsDirectory(
      path: unsafe getenv("CREDENTIALS_DIRECTORY").map { FilePath(unsafe String(cString: $0)) })
  }

  /// The file with a secret that a name in the configuration stands for.
  ///
  /// A relative name is looked for among the credentials first.
  /// - Parameters:
  ///   - name: As it is written.
  ///   - path: What the name is otherwise, beside the configuration file.
  /// - Returns: The file, which need not be there.
  func file(_ name: String, besides path: FilePath) -> SecretFile {
    if let directory = self.path, FilePath(name).isRelative {
      let credential = directory.pushing(FilePath(name))
      if (try? credential.stat()) != nil {
        return SecretFile(credential, credentialsDirectory: directory)
      }
    }
    return SecretFile(path, credentialsDirectory: self.path)
  }
}
