import DCOSSimulator
import SystemPackage
import TestSupport
import Testing

/// An answer of a master over HTTP; the body of a chunked one put together.
struct HTTPAnswer {
  let statusLine: String
  let headers: [(name: String, value: String)]
  let body: [UInt8]

  func header(_ name: String) -> String? {
    headers.first { $0.name.lowercased() == name.lowercased() }?.value
  }

  var text: String { String(decoding: body, as: UTF8.self) }

  /// Reads the head of an answer as it came: its lines end in CR LF, and an empty one ends it.
  init(head: some Sequence<UInt8>, body: [UInt8]) throws {
    let lines = String(decoding: Array(head), as: UTF8.self).split(separator: "\r\n")
    statusLine = String(try #require(lines.first))
    headers = try lines.dropFirst().map { line in
      let colon = try #require(line.firstIndex(of: ":"))
      return (name: String(line[..<colon]), value: String(line[colon...].dropFirst(2)))
    }
    self.body = body
  }
}

/// The simulator is judged by curl, which shares no code with it.
extension SimulatedCluster {
  func get(
    _ path: String, from master: String, authorization: String? = nil
  ) async throws -> HTTPAnswer {
    try await answer(
      to: path, of: master, authorization.map { ["--header", "Authorization: \($0)"] } ?? [])
  }

  func post(
    _ path: String, to master: String, contentType: String = "application/json", _ body: String
  ) async throws -> HTTPAnswer {
    try await answer(
      to: path, of: master, ["--header", "Content-Type: \(contentType)", "--data-binary", "@-"],
      input: body)
  }

  func answer(
    to path: String, of master: String, _ options: [String], input: String = ""
  ) async throws -> HTTPAnswer {
    try await withTemporaryFolder { folder in
      let body = folder.path.appending("body")
      let result = try await curl(
        ["--dump-header", "-", "--output", body.string] + options
          + ["http://\(master):\(httpPort)\(path)"], limit: .seconds(30), input: input)
      try #require(result.status == 0, "\(result.standardError)")
      // Where an answer has no body, curl makes no file.
      let bytes = try folder.names().isEmpty ? [] : readFile(body)
      return try HTTPAnswer(head: result.standardOutput.utf8, body: bytes)
    }
  }

  /// Whether a connection to a master's HTTP port is refused.
  func httpIsClosed(at master: String) async throws -> Bool {
    let result = try await curl(
      ["--verbose", "http://\(master):\(httpPort)/"], limit: .seconds(1))
    return result.status == 7 && result.standardError.contains("Connection refused")
  }

  /// What dig prints of a question to a master.
  func dig(_ arguments: String..., at master: String) async throws -> String {
    let result = try await run(
      "dig", arguments: ["@\(master)", "-p", "\(dnsPort)", "+tries=1", "+time=5"] + arguments)
    return result.standardOutput
  }
}

/// Runs curl, as no .curlrc and no proxy of this host changes it.
func curl(
  _ arguments: [String], limit: Duration, input: String = ""
) async throws -> ProgramResult {
  try await run(
    "curl",
    arguments: [
      "--disable", "--noproxy", "*", "--silent", "--show-error",
      "--max-time", "\(limit.components.seconds)",
    ] + arguments, input: input)
}
