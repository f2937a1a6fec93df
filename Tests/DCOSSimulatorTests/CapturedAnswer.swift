import Testing

extension HTTPAnswer {
  /// Takes a captured answer apart.
  init(captured name: String) throws {
    let bytes = try Fixture.bytes(name)
    let end = try #require(
      bytes.indices.first { bytes[$0...].starts(with: Array("\r\n\r\n".utf8)) })
    let lines = String(decoding: bytes[..<end], as: UTF8.self).split(separator: "\r\n")
    let headers = try lines.dropFirst().map { line in
      let colon = try #require(line.firstIndex(of: ":"))
      return (name: String(line[..<colon]), value: String(line[colon...].dropFirst(2)))
    }
    self.init(
      statusLine: String(try #require(lines.first)), headers: headers,
      body: Array(bytes[(end + 4)...]))
  }
}
