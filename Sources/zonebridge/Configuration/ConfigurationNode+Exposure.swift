import FileChange
import Named
import Reconcile
import SystemPackage

// Whether somebody other than root and our own user controls the configuration, or what it names.
extension Configuration {
  /// Makes sure that nobody but root and the user that this process runs as can write the configuration file.
  ///
  /// A process without rights beyond its user's does no more for another user than he could do himself.
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
  /// Notes where the same does not hold for the files that say whom masters are to be believed, and what they know us by,
  /// and for the programs that are run.
  ///
  /// Those of named (`bind.rndc`) are named's user's to write.
  func noteExposedFiles() {
    guard ProcessRights.exceedThoseOfItsUser else { return }
    for (node, file, mayBeForeign) in files {
      guard let reason = Configuration.exposure(of: file, mayBeForeign: mayBeForeign) else {
        continue
      }
      mistakes.note(
        ConfigurationError(
          file: node.file, line: node.line, key: node.key, problem: reason.cause,
          remedy: reason.remedy))
    }
  }

  private typealias NamedFile = (node: ConfigurationNode, file: FilePath, mayBeForeign: Bool)

  /// The files that this value and what is below it name; a mistake in a name was noted when it was read.
  private var files: [NamedFile] {
    guard isSection, let pairs = try? pairs() else {
      return (try? list("a list"))?.flatMap(\.files) ?? []
    }
    return pairs.flatMap { name, node -> [NamedFile] in
      let file: FilePath?
      switch name {
      case "tools":
        let programs = (try? node.path()).flatMap { try? NamedTools.locate($0) }?.programs ?? []
        return programs.map { (node, $0, false) }
      // A key of named's may be its user's as well.
      case "ca-certificate", "update-key": file = try? node.path()
      case "token-file", "password-file", "key-file": file = try? node.secretFile().path
      case "service-account" where !node.isSection: file = try? node.secretFile().path
      case "change", "problem": file = try? node.list("a command").first?.path()
      case "rndc": return []
      default: return node.files
      }
      return file.map { [(node, $0, name == "update-key")] } ?? []
    }
  }
}
