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

  /// A release by its first two numbers, such as 9.18.
  package struct Release: Hashable, Sendable, Comparable {
    package let major: Int
    package let minor: Int

    package init(_ major: Int, _ minor: Int) {
      self.major = major
      self.minor = minor
    }

    package static func < (left: Release, right: Release) -> Bool {
      (left.major, left.minor) < (right.major, right.minor)
    }
  }

  /// Nil for a version that does not begin with two numbers.
  package var release: Release? {
    let numbers = description.split(separator: ".").prefix(2).compactMap { part in
      Int(part.prefix { $0.isASCII && $0.isNumber })
    }
    return numbers.count == 2 ? Release(numbers[0], numbers[1]) : nil
  }

  /// The releases that zonebridge is tested with.
  package static let tested = Release(9, 16)...Release(9, 21)

  /// What is to be said of a version that zonebridge is not tested with; nil for all others.
  package var untested: String? {
    guard let release, !Self.tested.contains(release) else { return nil }
    let age = release < Self.tested.lowerBound ? "older" : "newer"
    return "BIND \(self) is \(age) than what zonebridge is tested with, 9.16 to 9.21"
  }

  /// What one of BIND's programs says of itself; nil if it says none.
  package static func of(
    _ tool: FilePath, timeout: Duration = .seconds(20)
  ) async throws(ToolError) -> BINDVersion? {
    let runner = ToolRunner(tool: tool, timeout: timeout)
    switch tool.lastComponent?.string {
    case "rndc":
      // It has no option for that alone, and tells it at the end of its usage.
      let usage = try await runner.run(["-h"])
      return (usage.standardError + usage.standardOutput).split(separator: "\n")
        .last { $0.hasPrefix("Version: ") }.flatMap { BINDVersion($0) }
    case "nsupdate":
      let said = try await runner.run(["-V"])
      return BINDVersion(said.standardOutput + said.standardError)
    default: return BINDVersion(try await runner.run(["-v"]).standardOutput)
    }
  }
}
