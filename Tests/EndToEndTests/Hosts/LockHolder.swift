import SystemPackage
import TestSupport

/// Another process that holds the lock of a state directory, which is made if need be.
struct LockHolder {
  private let process: BackgroundProcess
  /// Not beside the state, where a test may see to it that nothing is written.
  private let folder: TemporaryFolder

  init(in state: FilePath) async throws {
    folder = try TemporaryFolder()
    _ = try await run("mkdir", arguments: ["-p", "-m", "0700", state.string])
    let process = try BackgroundProcess(
      "flock", arguments: ["\(state)/lock", "-c", "echo held; exec cat"],
      log: folder.path.appending("log"))
    self.process = process
    try await eventually("flock holds the lock") { process.output.contains("held") }
  }

  func release() async throws {
    process.closeInput()
    try await process.waitForExit()
  }
}
