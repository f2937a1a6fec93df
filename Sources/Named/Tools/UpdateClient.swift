package import DNSNames
package import SystemPackage

/// Sends DNS UPDATE messages (RFC 2136) through BIND's nsupdate, signed with TSIG (RFC 8945).
package struct UpdateClient: Sendable {
  private let tool: FilePath
  private let server: Endpoint
  private let timeout: Duration
  private let margin: Duration

  /// - Parameters:
  ///   - tool: nsupdate.
  ///   - server: the zone's primary.
  ///   - timeout: for one message; nsupdate sees to it itself.
  ///   - margin: how much longer nsupdate may take than that, before it is stopped.
  package init(
    tool: FilePath, server: Endpoint, timeout: Duration = .seconds(20),
    margin: Duration = .seconds(5)
  ) {
    self.tool = tool
    self.server = server
    self.timeout = timeout
    self.margin = margin
  }

  /// Has a zone changed.
  ///
  /// - Parameters:
  ///   - update: what has to hold, and what then changes.
  ///   - key: a file with one key, as rndc and named.conf have them.
  /// - Throws: ``UpdateError`` if nothing was changed, or nobody said so.
  package func send(_ update: DynamicUpdate, key: FilePath) async throws(UpdateError) {
    // Over TCP: a datagram is sent again where the answer is late, and then the prerequisites of a
    // change that was made hold no longer.
    let arguments = ["-v", "-t", "\(timeout.components.seconds)", "-k", key.string]
    let script = update.script(for: server).map { "\($0)\n" }.joined()
    let result: ToolResult
    do {
      // nsupdate ends by itself when its time is up, and says what the matter was.
      var runner = ToolRunner(tool: tool, timeout: timeout + margin)
      runner.isOnOneProcessor = true
      result = try await runner.run(arguments, input: Array(script.utf8))
    } catch {
      throw .tool(error)
    }
    guard result.status == 0 else {
      throw UpdateError(
        output: result.standardError + "\n" + result.standardOutput, key: key, server: server)
    }
  }
}
