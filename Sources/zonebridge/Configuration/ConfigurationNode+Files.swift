import FileChange
import Glibc
import Reconcile
import ReconcileModel
import SystemPackage

/// Which of the files that a configuration names have to be there.
struct NeededFiles: OptionSet {
  let rawValue: Int

  /// What masters are asked with: certificates, tokens, passwords, keys.
  static let masters = NeededFiles(rawValue: 1)
  /// What named reads, and what it is told and changed with.
  static let named = NeededFiles(rawValue: 2)

  static let all: NeededFiles = [.masters, .named]
}

// Whether what a configuration names is there, and can be read.
//
// Only what a pass reads and nobody else makes for it is a mistake where it is missing. The file of a made zone, the
// state directory and a file that `zones-in` names are made by a pass; what is written for others (`metrics.textfile`)
// and run for them (`hooks`) keeps no pass from its work, and may come with their packages.
extension ConfigurationNode {
  /// Notes each file that is missing or cannot be read, with the key that names it.
  func noteMissingFiles(_ needed: NeededFiles, for bind: BINDSettings) {
    if needed.contains(.masters) {
      for cluster in (try? self["clusters"]?.list("a list")) ?? [] { cluster.noteMissingSecrets() }
    }
    guard needed.contains(.named) else { return }
    noteMissingFilesOfNamed(bind)
    for (_, zone) in (try? self["zones"]?.pairs()) ?? [] {
      zone["update-key"]?.noteUnlessReadable { try $0.path() }
    }
  }

  /// What is not there yet and keeps no pass from its work, for the operator to know.
  func noteAwaitedFiles() {
    for key in ["change", "problem"] {
      guard let node = self["hooks"]?[key],
        let program = try? node.list("a command").first?.path(),
        let reason = Self.objection(to: program, access: X_OK)
      else { continue }
      node.warn("\(reason.cause), so this hook will fail", remedy: reason.remedy ?? "")
    }
  }

  private func noteMissingSecrets() {
    self["ca-certificate"]?.noteUnlessReadable { try $0.path() }
    for key in ["token-file", "password-file", "service-account"] {
      guard let node = self[key] else { continue }
      if node.isSection {
        node["key-file"]?.noteUnlessReadable { try $0.secretFile().path }
      } else {
        node.noteUnlessReadable { try $0.secretFile().path }
      }
    }
  }

  private func noteMissingFilesOfNamed(_ bind: BINDSettings) {
    let section = self["bind"]
    let namedConf = bind.root.realPath(bind.namedConf)
    if bind.root.isChanged, let node = section?["root"], !Self.isDirectory(bind.root.path) {
      node.note(
        "\(bind.root.path) is not a folder", remedy: "Write the folder that named was chrooted to")
      return
    }
    if let reason = Self.objection(to: namedConf) {
      let other = Self.usualNamedConfs.first { $0 != namedConf && Self.objection(to: $0) == nil }
      let isWritten = section?["named-conf"] != nil
      mistakes.note(
        ConfigurationError(
          file: file, line: (section?["named-conf"] ?? section)?.line, key: "bind.named-conf",
          problem: reason.cause + (isWritten ? "" : " (the default)")
            + (other.map { "; \($0) does" } ?? ""),
          remedy: other.map { "Write named-conf: \($0)" + (isWritten ? "" : " below bind") }
            ?? reason.remedy ?? "Set it to the file that named reads (named -c)"))
    }
    if let node = section?["zones-in"], bind.zonesIn != bind.namedConf {
      node.noteUnlessMakeable(bind.root.realPath(bind.zonesIn))
    }
    guard case .rndc = bind.reload, let rndc = section?["rndc"] else { return }
    for key in ["config", "key-file"] { rndc[key]?.noteUnlessReadable { try $0.path() } }
  }

  private static let usualNamedConfs: [FilePath] = ["/etc/bind/named.conf", "/etc/named.conf"]

  /// The value of a key below this one.
  private subscript(name: String) -> ConfigurationNode? {
    guard isSection else { return nil }
    return (try? pairs())?.first { $0.name == name }?.value
  }

  private func note(_ problem: String, remedy: String) {
    mistakes.note(error(problem, remedy: remedy))
  }

  /// A mistake in the name itself was noted when it was read.
  private func noteUnlessReadable(_ path: (ConfigurationNode) throws -> FilePath) {
    guard let path = try? path(self), let reason = Self.objection(to: path) else { return }
    note(reason.cause, remedy: reason.remedy ?? "Write the file there, or correct its path here")
  }

  /// Of a file that a pass makes, its folder has to be there.
  private func noteUnlessMakeable(_ path: FilePath) {
    guard let reason = Self.objection(to: path) else { return }
    if (try? path.stat()) == nil, Self.isDirectory(path.removingLastComponent()) { return }
    note(reason.cause, remedy: reason.remedy ?? "Write a file there that named.conf includes")
  }

  /// Why a file cannot be used, and what helps where that is another thing than to write it.
  private static func objection(
    to path: FilePath, access: CInt = R_OK
  ) -> (cause: String, remedy: String?)? {
    do {
      if try path.stat().type == .directory {
        return ("\(path) is a folder", "Write the path of a file")
      }
    } catch  where error == .noSuchFileOrDirectory {
      guard (try? path.stat(followTargetSymlink: false)) == nil else {
        return ("\(path) is a symbolic link to a file that does not exist", nil)
      }
      return ("\(path) does not exist", nil)
    } catch {
      return unreadable(path, error)
    }
    // By the rights that it will be opened with.
    guard unsafe faccessat(AT_FDCWD, path.string, access, AT_EACCESS) == 0 else {
      let code = Errno(rawValue: errno)
      guard access != X_OK else { return ("\(path) cannot be executed", "chmod +x \(path)") }
      return unreadable(path, code)
    }
    return nil
  }

  private static func unreadable(
    _ path: FilePath, _ error: any Error
  ) -> (cause: String, remedy: String?) {
    (
      "\(userName(geteuid())) cannot read \(path): \(error)",
      "Let the user that zonebridge runs as read it"
    )
  }

  private static func isDirectory(_ path: FilePath) -> Bool {
    (try? path.stat().type) == .directory
  }
}
