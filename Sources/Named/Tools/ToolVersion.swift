package import SystemPackage

/// The version of BIND, as its programs print it: `9.18.49-1~deb12u3-Debian`.
package struct BINDVersion: Hashable, Sendable, CustomStringConvertible {
  package let description: String

  /// Reads the first word that begins with a digit, of `BIND 9.18.49-1~deb12u3-Debian (…)` as well.
  package init?(_ text: some StringProtocol) {
    let word = text.split(whereSeparator: \.isWhitespace).first { $0.first?.isNumber == true }
    guard let word else { return nil }
    description = String(word)
  }

  /// What one of BIND's checkers says of itself; nil if it says none.
  package static func of(
    _ tool: FilePath, timeout: Duration = .seconds(20)
  ) async throws(ToolError) -> BINDVersion? {
    let result = try await ToolRunner(tool: tool, timeout: timeout).run(["-v"])
    return BINDVersion(result.standardOutput)
  }
}
