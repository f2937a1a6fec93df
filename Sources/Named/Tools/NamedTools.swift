import Glibc
package import SystemPackage

/// One of BIND's programs is not installed.
package struct MissingToolError: Error, Hashable, Sendable, CustomStringConvertible {
  package let name: String
  /// The package of Debian that has it.
  package let debianPackage: String
  package let directories: [FilePath]
  /// Where the configuration says they are, if it does.
  package var folder: FilePath?

  /// What is wrong.
  package var cause: String {
    "\(name) was not found in " + directories.map(\.string).joined(separator: ", ")
  }

  /// What helps.
  package var remedy: String? {
    if folder != nil {
      "set bind.tools to the folder that has BIND's programs, such as named-checkconf and rndc"
    } else {
      """
      install BIND's utilities (Debian: apt install \(debianPackage); Red Hat: dnf install bind-utils bind), or set \
      bind.tools to their folder
      """
    }
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

  private init(
    searching directories: [FilePath], beneath folder: FilePath? = nil
  ) throws(MissingToolError) {
    func find(_ name: String, package: String) throws(MissingToolError) -> FilePath {
      for directory in directories {
        let candidate = directory.appending(name)
        if unsafe candidate.withPlatformString({ unsafe access($0, X_OK) }) == 0 {
          return candidate
        }
      }
      throw MissingToolError(
        name: name, debianPackage: package, directories: directories, folder: folder)
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
  package static func locate(in directories: [FilePath]) throws(MissingToolError) -> NamedTools {
    try NamedTools(searching: directories)
  }

  /// Looks for the programs where the configuration says they are, else in the usual directories and those of
  /// PATH.
  package static func locate(_ folder: FilePath? = nil) throws(MissingToolError) -> NamedTools {
    if let folder { return try NamedTools(searching: places(of: folder), beneath: folder) }
    let path = unsafe getenv("PATH").map { unsafe String(cString: $0) } ?? ""
    return try locate(in: usualDirectories + directories(inPath: path))
  }

  /// Those that PATH names beside the usual ones.
  ///
  /// One that is empty or relative means the working directory,
  /// which is no place for programs that root runs.
  static func directories(inPath path: String) -> [FilePath] {
    path.split(separator: ":").map { FilePath(String($0)) }
      .filter { $0.isAbsolute && !usualDirectories.contains($0) }
  }

  /// A folder, and the other half of its installation: `make install` puts rndc into sbin, and since 9.18 the
  /// checkers into bin.
  static func places(of folder: FilePath) -> [FilePath] {
    let halves: [FilePath.Component] = ["sbin", "bin"]
    guard let name = folder.lastComponent else { return [folder] }
    let prefix = halves.contains(name) ? folder.removingLastComponent() : folder
    return [folder] + halves.map { prefix.appending($0) }.filter { $0 != folder }
  }

  /// Those that are there.
  package var programs: [FilePath] {
    [checkconf, checkzone, compilezone, rndc] + ((try? nsupdate.get()).map { [$0] } ?? [])
  }
}
