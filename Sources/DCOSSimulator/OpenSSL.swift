import FoundationEssentials
import Subprocess
import SystemPackage

/// The `openssl` program, with its files in a folder of its own.
///
/// Only the user can enter the folder, since it contains keys; it is removed together with this value.
struct OpenSSL: ~Copyable {
  private let folder: String

  init() throws {
    folder = "\(FileManager.default.temporaryDirectory.path)/dcos-simulator-\(UUID().uuidString)"
    try FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
  }

  deinit {
    try? FileManager.default.removeItem(atPath: folder)
  }

  func write(_ name: String, _ text: String) throws {
    try text.write(toFile: "\(folder)/\(name)", atomically: false, encoding: .utf8)
  }

  func text(_ name: String) throws -> String {
    try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
  }

  /// Runs openssl in the folder.
  func run(_ arguments: String...) async throws {
    let problem: String?
    do {
      let result = try await Subprocess.run(
        .name("openssl"), arguments: Arguments(arguments), workingDirectory: FilePath(folder),
        output: .discarded, error: .string(limit: 1 << 16))
      problem = result.terminationStatus.isSuccess ? nil : result.standardError
    } catch {
      problem = "\(error)"
    }
    if let problem { throw SimulatorError.openssl(problem) }
  }
}
