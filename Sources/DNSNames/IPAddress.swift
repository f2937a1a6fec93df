// Imported one by one: value types need nothing else from the C library.
import func Glibc.inet_ntop
import func Glibc.inet_pton
import struct Glibc.in6_addr
import struct Glibc.in_addr
import typealias Glibc.socklen_t
import var Glibc.AF_INET
import var Glibc.AF_INET6
import var Glibc.INET6_ADDRSTRLEN

/// An IPv4 or IPv6 address of a single host, in canonical form.
///
/// Addresses are ordered by number, IPv4 before IPv6. An IPv4-mapped IPv6 address (RFC 4291 section 2.5.5.2) becomes
/// the IPv4 address in it, so that each host has one spelling.
package struct IPAddress: Hashable, Sendable, CustomStringConvertible {
  package enum Family: Hashable, Comparable, Sendable {
    case v4
    case v6
  }

  package let family: Family
  /// Four or sixteen bytes in network order.
  package let bytes: [UInt8]
  package let description: String

  /// Reads a literal as inet_pton(3) does; it rejects a name, a port or a scope (`%eth0`).
  package init(_ text: some StringProtocol) throws(IPAddressError) {
    let text = String(text)
    guard !text.isEmpty else {
      throw .empty
    }
    if text.contains("%") {
      throw .scoped(text)
    }
    // inet_pton would stop at a NUL and accept the text before it.
    guard !text.utf8.contains(0), let (family, bytes) = Self.parse(text) else {
      throw .notAnAddress(text)
    }
    if bytes.allSatisfy({ $0 == 0 }) {
      throw .unspecified(text)
    }
    if Self.isMulticastOrBroadcast(family, bytes) {
      throw .multicast(text)
    }
    guard let description = Self.print(family, bytes) else {
      throw .notAnAddress(text)
    }
    self.family = family
    self.bytes = bytes
    self.description = description
  }

  private static func parse(_ text: String) -> (Family, [UInt8])? {
    var v4 = in_addr()
    if unsafe inet_pton(AF_INET, text, &v4) == 1 {
      return (.v4, unsafe withUnsafeBytes(of: &v4) { unsafe Array($0) })
    }
    var v6 = in6_addr()
    guard unsafe inet_pton(AF_INET6, text, &v6) == 1 else {
      return nil
    }
    let bytes = unsafe withUnsafeBytes(of: &v6) { unsafe Array($0) }
    let mappedPrefix: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]
    if bytes.starts(with: mappedPrefix) {
      return (.v4, Array(bytes.suffix(4)))
    }
    return (.v6, bytes)
  }

  private static func isMulticastOrBroadcast(_ family: Family, _ bytes: [UInt8]) -> Bool {
    switch family {
    case .v4: bytes[0] & 0xf0 == 0xe0 || bytes.allSatisfy { $0 == 0xff }
    case .v6: bytes[0] == 0xff
    }
  }

  private static func print(_ family: Family, _ bytes: [UInt8]) -> String? {
    let length = Int(INET6_ADDRSTRLEN)
    let addressFamily = family == .v4 ? AF_INET : AF_INET6
    var characters = [CChar](repeating: 0, count: length)
    let printed = unsafe bytes.withUnsafeBytes { address in
      unsafe inet_ntop(addressFamily, address.baseAddress, &characters, socklen_t(length))
    }
    guard unsafe printed != nil else {
      return nil
    }
    return String(
      decoding: characters.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}

extension IPAddress: Comparable {
  package static func < (one: IPAddress, other: IPAddress) -> Bool {
    one.family == other.family
      ? one.bytes.lexicographicallyPrecedes(other.bytes) : one.family < other.family
  }
}

/// Why a text is not the address of a host.
package enum IPAddressError: Error, Hashable, Sendable, CustomStringConvertible {
  case empty
  case notAnAddress(String)
  case scoped(String)
  case unspecified(String)
  case multicast(String)

  package var description: String {
    switch self {
    case .empty:
      "an address is missing"
    case .notAnAddress(let text):
      "\(Printable(text)) is not an IPv4 or IPv6 address"
    case .scoped(let text):
      "\(Printable(text)) has a scope (%…), which means nothing on another host"
    case .unspecified(let text):
      "\(Printable(text)) is the unspecified address, no host's"
    case .multicast(let text):
      "\(Printable(text)) is a multicast or broadcast address, no single host's"
    }
  }
}
