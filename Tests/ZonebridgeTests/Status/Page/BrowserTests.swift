import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import zonebridge

/// A real browser looks at the page, with its policy, out of a real listener.
@Suite(
  "The page in a browser", .serialized, .timeLimit(.minutes(10)),
  .enabled(if: Browser.program != nil, "there is no Chromium: apt-get install chromium"))
struct BrowserTests {
  @Test(
    "a page, dark and light, wide and narrow → not a word on the console, and a picture that is not empty",
    arguments: [("held", AgentStatus.held), ("in-sync", .inSync), ("troubled", .troubledAgent)],
    [1200, 400])
  func console(_ sample: (name: String, status: AgentStatus), width: Int) async throws {
    try await withStatusServer({ sample.status }, past: { .sample }) { port in
      for isDark in [false, true] {
        let name = "\(sample.name)-\(width)-\(isDark ? "dark" : "light")"
        let (said, size) = try await Browser.look(at: port, width: width, isDark: isDark, as: name)
        #expect(!said.contains("CONSOLE"), "\(said)")
        #expect(size > 5_000, "\(said)")
      }
    }
  }
}

private enum Browser {
  static let program: String? = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  /// - Returns: what the browser said on standard error, with what its console has, and the size of the picture.
  static func look(at port: Int, width: Int, isDark: Bool, as name: String) async throws -> (
    said: String, size: Int
  ) {
    let folder = try TemporaryFolder()
    // Whoever wants to see the pictures names a folder for them.
    let kept = ProcessInfo.processInfo.environment["ZONEBRIDGE_SCREENSHOTS"]
    let picture = "\(kept ?? folder.path.string)/\(name).png"
    let result = try await run(
      program ?? "",
      arguments: [
        "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
        "--hide-scrollbars", "--no-first-run", "--disable-background-networking",
        "--user-data-dir=\(folder.path)/profile", "--enable-logging=stderr", "--v=0",
        "--blink-settings=preferredColorScheme=\(isDark ? 0 : 1)",
        "--window-size=\(width),\(width > 800 ? 1_900 : 3_000)", "--screenshot=\(picture)",
        "http://127.0.0.1:\(port)/",
      ])
    let size = (try? Data(contentsOf: URL(fileURLWithPath: picture)).count) ?? 0
    return (result.standardError, size)
  }
}

extension AgentStatus {
  fileprivate static var troubledAgent: AgentStatus {
    var status = troubled
    status.agent = .running
    return status
  }
}
