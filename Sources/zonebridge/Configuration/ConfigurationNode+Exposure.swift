import FileChange
import Reconcile
import SystemPackage

// Whether the configuration, and what it names, says what root wants, or somebody who may write to it.
extension Configuration {
  /// Makes sure that nobody but root and the user that this process runs as can write the configuration file.
  ///
  /// A process that has no rights beyond its user's does no more for another one than he could do himself.
  static func expectUnexposed(_ file: FilePath) throws(ConfigurationError) {
    guard ProcessRights.exceedThoseOfItsUser, let reason = exposure(of: file) else { return }
    // The error begins with the file's path.
    let problem =
      reason.cause.hasPrefix("\(file) ")
      ? String(reason.cause.dropFirst(file.string.count + 1)) : reason.cause
    throw ConfigurationError(file: file, problem: problem, remedy: reason.remedy)
  }

  /// Why a file is not to be believed; nil where nothing is against it, and where it is not there or cannot be
  /// looked at: what is to be read is missed when it is read.
  fileprivate static func exposure(
    of file: FilePath, mayBeForeign: Bool = false
  ) -> (cause: String, remedy: String?)? {
    do throws(FileChangeError) {
      let exposure = try Exposure.ofFile(file, mayBeForeign: mayBeForeign)
      return exposure.map { ($0.cause, $0.remedy) }
    } catch {
      if case .strangeLink = error { return (error.cause, error.remedy) }
      return nil
    }
  }
}

extension ConfigurationNode {
  /// Makes sure of the same for the files that say whom masters are to be believed, and what they know us by.
  ///
  /// Those of named (`bind.rndc`) are named's user's to write.
  func expectUnexposedFiles() throws(ConfigurationError) {
    guard ProcessRights.exceedThoseOfItsUser else { return }
    try eachFile { (node, file, mayBeForeign) throws(ConfigurationError) in
      guard let reason = Configuration.exposure(of: file, mayBeForeign: mayBeForeign) else {
        return
      }
      throw ConfigurationError(
        file: node.file, line: node.line, key: node.key, problem: reason.cause,
        remedy: reason.remedy)
    }
  }

  private func eachFile(
    _ body: (ConfigurationNode, FilePath, _ mayBeForeign: Bool) throws(ConfigurationError) -> Void
  ) throws(ConfigurationError) {
    if isSection {
      for (name, node) in try pairs() {
        switch name {
        case "ca-certificate": try body(node, node.path(), false)
        // A key of named's, which may be its user's as well.
        case "update-key": try body(node, node.path(), true)
        case "token-file", "password-file", "key-file":
          try body(node, node.secretFile().path, false)
        case "service-account" where !node.isSection:
          try body(node, node.secretFile().path, false)
        case "rndc": break
        default: try node.eachFile(body)
        }
      }
    } else if isList {
      for node in try list("a list") { try node.eachFile(body) }
    }
  }
}
