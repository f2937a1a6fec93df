import Glibc
package import SystemPackage

/// One of BIND's programs is not installed.
package struct MissingToolError: Error, Hashable, Sendable, CustomStringConvertible {
  package let name: String
  /// The package of Debian that has it.
  package let debianPackage: String
  package let directories: [FilePath]

  /// What is wrong.
  package var cause: String {
    "\(name) was not found in " + directories.map(\.string).joined(separator: ", ")
  }

  /// What helps.
  package var remedy: String? {
    """
    install BIND's utilities (Debian: apt install \(debianPackage); Red Hat: dnf install bind-utils \
    bind)
    """
  }

  package var description: String { cause + (remedy.map { "; \($0)" } ?? "") }
}

/// Where BIND's own programs are.
package struct NamedTools: Hashable, Sendable {
  package let checkconf: FilePath
  package let checkzone: FilePath
  package let compilezone: FilePath
  package let rndc: FilePath
  /// Only dynamic zones need it, and Debian has it in a package of its own.
  package let nsupdate: Result<FilePath, MissingToolError>

  package init(
    checkconf: FilePath, checkzone: FilePath, compilezone: FilePath, rndc: FilePath,
    nsupdate: FilePath
  ) {
    self.checkconf = checkconf
    self.checkzone = checkzone
    self.compilezone = compilezone
    self.rndc = rndc
    self.nsupdate = .success(nsupdate)
  }

  private init(searching directories: [FilePath]) throws(MissingToolError) {
    func find(_ name: String, package: String) throws(MissingToolError) -> FilePath {
      for directory in directories {
        let candidate = directory.appending(name)
        if unsafe candidate.withPlatformString({ unsafe access($0, X_OK) }) == 0 {
          return candidate
        }
      }
      throw MissingToolError(name: name, debianPackage: package, directories: directories)
    }
    let utilities = "bind9-utils"
    checkconf = try find("named-checkconf", package: utilities)
    checkzone = try find("named-checkzone", package: utilities)
    compilezone = try find("named-compilezone", package: utilities)
    rndc = try find("rndc", package: utilities)
    nsupdate = Result { () throws(MissingToolError) in
      try find("nsupdate", package: "bind9-dnsutils")
    }
  }

  /// Where distributions and `make install` put them.
  package static let usualDirectories: [FilePath] = [
    "/usr/sbin", "/usr/bin", "/sbin", "/bin", "/usr/local/sbin", "/usr/local/bin",
  ]

  /// Looks for the programs; the first directory that has one wins.
  package static func locate(
    in directories: [FilePath] = usualDirectories
  ) throws(MissingToolError) -> NamedTools {
    try NamedTools(searching: directories)
  }
}
