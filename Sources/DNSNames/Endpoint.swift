import func Glibc.inet_pton
import struct Glibc.in6_addr
import var Glibc.AF_INET
import var Glibc.AF_INET6

/// Text that is not a numeric address and port.
package struct EndpointError: Error, Equatable, Sendable, CustomStringConvertible {
  package let text: String

  package var description: String {
    "\"\(text)\" is not an IP address with a port, such as 127.0.0.1:53 or [::1]:53"
  }
}

/// The address and port of a server.
///
/// The address is numeric, so that no name has to be resolved to reach it (resolution may go through the very named
/// that is being checked).
package struct Endpoint: Hashable, Sendable, CustomStringConvertible {
  /// An IPv4 or IPv6 literal.
  package let host: String
  package let port: UInt16

  /// Where a name server on this host answers by default.
  package static let localNameServer = Endpoint(literal: "127.0.0.1", port: 53)

  private init(literal host: String, port: UInt16) {
    self.host = host
    self.port = port
  }

  package init(host: String, port: UInt16) throws(EndpointError) {
    guard Self.isAddress(host) else { throw EndpointError(text: host) }
    self.host = host
    self.port = port
  }

  package init(_ address: IPAddress, port: UInt16) {
    host = address.description
    self.port = port
  }

  /// Reads `127.0.0.1:53`, `[::1]:53`, or an address alone.
  package init(_ text: String, defaultPort: UInt16 = 53) throws(EndpointError) {
    var host = text[...]
    var port = defaultPort
    if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
      host = text[text.index(after: text.startIndex)..<end]
      let rest = text[text.index(after: end)...]
      if !rest.isEmpty {
        guard rest.hasPrefix(":"), let number = Self.port(rest.dropFirst()) else {
          throw EndpointError(text: text)
        }
        port = number
      }
    } else if let colon = text.firstIndex(of: ":"), colon == text.lastIndex(of: ":") {
      guard let number = Self.port(text[text.index(after: colon)...]) else {
        throw EndpointError(text: text)
      }
      host = text[..<colon]
      port = number
    }
    guard Self.isAddress(String(host)) else { throw EndpointError(text: text) }
    self.host = String(host)
    self.port = port
  }

  package var description: String {
    host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
  }

  /// Accepts only digits: UInt16's own initialiser also accepts a sign.
  private static func port(_ text: Substring) -> UInt16? {
    text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
      ? UInt16(text) : nil
  }

  private static func isAddress(_ text: String) -> Bool {
    var buffer = in6_addr()
    return unsafe withUnsafeMutablePointer(to: &buffer) { pointer in
      unsafe inet_pton(AF_INET, text, pointer) == 1 || inet_pton(AF_INET6, text, pointer) == 1
    }
  }
}
