import Glibc
import ReconcileModel
import SystemPackage
import TestSupport
import Testing

@testable import zonebridge

/// `bind.tools`: a folder of the operator's with BIND's programs.
@Suite("The folder of BIND's programs", .timeLimit(.minutes(2)))
struct ConfiguredToolsTests {
  private static let names = [
    "rndc", "named-checkconf", "named-checkzone", "named-compilezone", "nsupdate",
  ]
  private let folder: TemporaryFolder
  private let file: FilePath

  init() throws {
    folder = try TemporaryFolder()
    file = try folder.write("zonebridge.yaml", "clusters: []\nbind:\n  tools: sbin\n")
  }

  private func install(_ names: [String]) throws {
    for name in names {
      try folder.write(
        "sbin/\(name)", "#!/bin/sh\n".utf8.map { $0 },
        mode: [.ownerReadWriteExecute, .groupReadExecute, .otherReadExecute])
    }
  }

  private var errors: [ConfigurationError] {
    guard case .wrong(let errors) = Configuration.read(file) else { return [] }
    return errors
  }

  @Test("no such folder, or a program missing in it → the line, the key and what to write")
  func missing() throws {
    #expect(errors.map(\.line) == [3] && errors[0].key == "bind.tools")
    #expect(errors[0].cause.contains("there is no folder \(folder.path)/sbin"))
    try install(Self.names.filter { $0 != "named-checkzone" })
    #expect(errors.map(\.line) == [3] && errors[0].key == "bind.tools")
    #expect(errors[0].cause.contains("named-checkzone was not found in \(folder.path)/sbin"))
    #expect(errors[0].remedy?.contains("bind.tools") == true)
  }

  @Test("all but nsupdate are there → taken: only dynamic zones need it")
  func whole() throws {
    try install(Self.names.filter { $0 != "nsupdate" })
    #expect(errors == [])
    #expect(try Configuration.load(file).desired.bind.tools == folder.path.appending("sbin"))
  }

  @Test(
    "a program that somebody else may write → refused, since root would run it",
    .enabled(if: geteuid() == 0, "only root's rights are more than a user's"))
  func exposed() throws {
    try install(Self.names)
    try #require(unsafe chmod(folder.path.appending("sbin/rndc").string, 0o777) == 0)
    #expect(errors.map(\.line) == [3] && errors[0].key == "bind.tools")
    #expect(errors[0].cause.contains("sbin/rndc"))
  }
}
