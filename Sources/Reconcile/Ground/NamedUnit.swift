import FileChange
import SystemPackage

/// What systemd's unit of named says of the user that named is to become.
///
/// A process that its own unit confines sees no processes of others (ProtectProc=).
enum NamedUnit {
  private static let folders: [FilePath] = [
    "/etc/systemd/system", "/run/systemd/system", "/usr/local/lib/systemd/system",
    "/lib/systemd/system", "/usr/lib/systemd/system",
  ]
  private static let names = ["named.service", "bind9.service", "named-chroot.service"]

  static var user: UnixUser? {
    for name in names {
      for folder in folders {
        guard let text = readPseudoFile(folder.appending(name)) else { continue }
        return userName(inUnit: text, reading: readPseudoFile).flatMap { UnixUser(named: $0) }
      }
    }
    return nil
  }

  /// `-u` on the command line, or in a variable of an environment file that stands on it; else `User=`.
  static func userName(inUnit text: String, reading read: (FilePath) -> String?) -> String? {
    let lines = text.split(whereSeparator: \.isNewline).map(String.init)
    func values(of key: String) -> [String] {
      lines.filter { $0.hasPrefix(key + "=") }.map { String($0.dropFirst(key.count + 1)) }
    }
    let command = (values(of: "ExecStart").last ?? "").split(separator: " ").map(String.init)
    if let user = command.value(of: "-u") { return user }
    let variables = command.filter { $0.hasPrefix("$") }.map { word in
      word.filter { !"${}".contains($0) }
    }
    for file in values(of: "EnvironmentFile").reversed() {
      let path = FilePath(file.hasPrefix("-") ? String(file.dropFirst()) : file)
      let settings = (read(path) ?? "").split(whereSeparator: \.isNewline).map(String.init)
      for variable in variables {
        guard let line = settings.last(where: { $0.hasPrefix(variable + "=") }) else { continue }
        let words = line.dropFirst(variable.count + 1).filter { !"\"'".contains($0) }
          .split(separator: " ").map(String.init)
        if let user = words.value(of: "-u") { return user }
      }
    }
    return values(of: "User").last
  }
}
