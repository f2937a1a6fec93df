import Testing

extension HTTPAnswer {
  /// Takes a captured answer apart.
  init(captured name: String) throws {
    let bytes = try Fixture.bytes(name)
    let end = try #require(
      bytes.indices.first { bytes[$0...].starts(with: Array("\r\n\r\n".utf8)) })
    try self.init(head: bytes[..<end], body: Array(bytes[(end + 4)...]))
  }
}
