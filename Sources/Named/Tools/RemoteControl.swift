package import DNSNames
package import SystemPackage

/// How rndc finds named's control channel; what is nil is left to rndc's own configuration.
package struct RemoteControlSettings: Hashable, Sendable {
  package var config: FilePath?
  package var server: String?
  package var port: UInt16?
  package var keyFile: FilePath?

  package init(
    config: FilePath? = nil, server: String? = nil, port: UInt16? = nil, keyFile: FilePath? = nil
  ) {
    self.config = config
    self.server = server
    self.port = port
    self.keyFile = keyFile
  }

  var arguments: [String] {
    [
      config.map { ["-c", $0.string] }, server.map { ["-s", $0] },
      port.map { ["-p", "\($0)"] }, keyFile.map { ["-k", $0.string] },
    ].compactMap(\.self).flatMap(\.self)
  }
}

/// A running named's control channel, through rndc.
package struct RemoteControl: Sendable {
  private let tool: FilePath
  private let settings: RemoteControlSettings
  private let timeout: Duration

  /// - Parameters:
  ///   - tool: rndc.
  ///   - settings: how rndc finds named.
  ///   - timeout: for one command, and nearly twice as long for ``reconfig()``; rndc itself would wait for a minute.
  package init(
    tool: FilePath, settings: RemoteControlSettings = RemoteControlSettings(),
    timeout: Duration = .seconds(30)
  ) {
    self.tool = tool
    self.settings = settings
    self.timeout = timeout
  }

  /// What named says of itself.
  package func status() async throws(RemoteControlError) -> NamedStatus {
    NamedStatus(parsing: try await send(["status"]))
  }

  /// Has the configuration read again, and new zones loaded.
  ///
  /// named keeps the old configuration if the new one is wrong, and this then throws
  /// ``RemoteControlError/failed(command:words:)``.
  package func reconfig() async throws(RemoteControlError) {
    // named answers once it has read everything, and takes half a minute for a thousand views. rndc gives up after a
    // minute, in words that are not to be taken for a refusal.
    _ = try await send(["reconfig"], within: timeout * 9 / 5)
  }

  /// Has one zone's file read again.
  ///
  /// Success means that named will do so: only ``zoneStatus(zone:class:view:)`` tells whether it accepted the file.
  /// What comes back are named's words, such as "zone reload queued".
  @discardableResult
  package func reload(
    zone: DomainName, class zoneClass: RecordClass = .internet, view: String? = nil
  ) async throws(RemoteControlError) -> String {
    try await send(["reload"], zone: zone, class: zoneClass, view: view)
  }

  /// What named has loaded of a zone.
  package func zoneStatus(
    zone: DomainName, class zoneClass: RecordClass = .internet, view: String? = nil
  ) async throws(RemoteControlError) -> ZoneStatus {
    ZoneStatus(parsing: try await send(["zonestatus"], zone: zone, class: zoneClass, view: view))
  }

  /// Has everything at and below a name dropped from the caches of all views, or of one.
  package func flushTree(_ name: DomainName, view: String? = nil) async throws(RemoteControlError) {
    _ = try await send(
      ["flushtree", name.withoutTrailingDot] + (view.map { [$0] } ?? []), view: view)
  }

  private func send(
    _ command: [String], zone: DomainName, class zoneClass: RecordClass, view: String?
  ) async throws(RemoteControlError) -> String {
    try await send(
      command + [zone.withoutTrailingDot, "\(zoneClass)"] + (view.map { [$0] } ?? []), zone: zone,
      view: view)
  }

  func send(
    _ command: [String], zone: DomainName? = nil, view: String? = nil, within limit: Duration? = nil
  ) async throws(RemoteControlError) -> String {
    let words = command.joined(separator: " ")
    let result: ToolResult
    do {
      var runner = ToolRunner(tool: tool, timeout: limit ?? timeout)
      runner.isOnOneProcessor = true
      result = try await runner.run(settings.arguments + command)
    } catch .timedOut(_, let limit) {
      throw .timedOut(command: words, after: limit)
    } catch {
      throw .tool(error)
    }
    guard result.status == 0 else {
      throw RemoteControlError(
        command: words, zone: zone, view: view,
        output: result.standardError + "\n" + result.standardOutput)
    }
    return result.standardOutput
  }
}
