import Glibc
package import SystemPackage

/// One of BIND's programs is not installed.
package struct ToolMissing: Error, Equatable, Sendable, CustomStringConvertible {
  package let name: String
  package let directories: [FilePath]

  package var description: String {
    "\(name) was not found in " + directories.map(\.string).joined(separator: ", ")
      + "; install BIND's utilities (Debian: apt install bind9-utils; Red Hat: "
      + "dnf install bind-utils bind)"
  }
}

/// Where BIND's own programs are.
package struct NamedTools: Hashable, Sendable {
  package let checkconf: FilePath
  package let checkzone: FilePath
  package let compilezone: FilePath
  package let rndc: FilePath

  package init(
    checkconf: FilePath, checkzone: FilePath, compilezone: FilePath, rndc: FilePath
  ) {
    self.checkconf = checkconf
    self.checkzone = checkzone
    self.compilezone = compilezone
    self.rndc = rndc
  }

  /// Where distributions and `make install` put them.
  package static let usualDirectories: [FilePath] = [
    "/usr/sbin", "/usr/bin", "/sbin", "/bin", "/usr/local/sbin", "/usr/local/bin",
  ]

  /// Looks for the programs; the first directory that has one wins.
  package static func locate(
    in directories: [FilePath] = usualDirectories
  ) throws(ToolMissing) -> NamedTools {
    NamedTools(
      checkconf: try find("named-checkconf", in: directories),
      checkzone: try find("named-checkzone", in: directories),
      compilezone: try find("named-compilezone", in: directories),
      rndc: try find("rndc", in: directories))
  }

  private static func find(
    _ name: String, in directories: [FilePath]
  ) throws(ToolMissing) -> FilePath {
    for directory in directories {
      let candidate = directory.appending(name)
      if unsafe candidate.withPlatformString({ unsafe access($0, X_OK) }) == 0 {
        return candidate
      }
    }
    throw ToolMissing(name: name, directories: directories)
  }
}
