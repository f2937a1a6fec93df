import DNSNames

/// The host that a request is for: the value of its `Host`, without the port (RFC 9110 section 7.2).
struct RequestedHost: Hashable, Sendable, CustomStringConvertible {
  /// In small letters and without a final dot; an address as it is written.
  let name: String
  /// The address, where it is one.
  let address: IPAddress?

  var description: String { name }

  /// Nil for what is neither a name nor an address, with or without a port.
  init?(_ text: some StringProtocol) {
    if text.first == "[" {
      let end = text.firstIndex(of: "]") ?? text.startIndex
      guard end > text.startIndex, Self.isPort(text[text.index(after: end)...]) else { return nil }
      // An address may have a zone, which only the host has that wrote it (RFC 6874).
      let literal = text[text.index(after: text.startIndex)..<end].prefix { $0 != "%" }
      guard let address = try? IPAddress(literal), literal.contains(":") else { return nil }
      (name, self.address) = (address.description, address)
      return
    }
    let end = text.firstIndex(of: ":") ?? text.endIndex
    guard Self.isPort(text[end...]) else { return nil }
    var host = text[..<end]
    if host.last == "." { host.removeLast() }
    guard (1...253).contains(host.utf8.count), host.utf8.allSatisfy(Self.isInName) else {
      return nil
    }
    (name, address) = (host.lowercased(), try? IPAddress(host))
  }

  /// Nothing, or a colon with digits or none.
  private static func isPort(_ text: some StringProtocol) -> Bool {
    text.isEmpty || text.first == ":" && text.utf8.dropFirst().allSatisfy(isDigit)
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

  /// Letters, digits, hyphens and dots, and the underscore that some names have all the same.
  private static func isInName(_ byte: UInt8) -> Bool {
    isDigit(byte) || (0x61...0x7a).contains(byte | 0x20)
      || [UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_")].contains(byte)
  }
}
