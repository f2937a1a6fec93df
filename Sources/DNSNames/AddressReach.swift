/// The places from which an address reaches the one host that has it.
package enum AddressReach: Hashable, Sendable {
  /// From anywhere that has a route to it.
  case routed
  /// Only from the host itself: 127.0.0.0/8 and ::1 (RFC 1122 section 3.2.1.3, RFC 4291 section 2.5.3).
  case loopback
  /// Only on the same link: 169.254.0.0/16 and fe80::/10 (RFC 3927, RFC 4291 section 2.5.6).
  case link
  /// From nowhere by any standard: 240.0.0.0/4 (RFC 1112 section 4), and ::/96 (RFC 4291 section 2.5.5.1).
  ///
  /// Some networks use 240.0.0.0/4 internally; ::/96 was for embedded IPv4 addresses.
  case reserved
  /// From nowhere: 0.0.0.0/8, which belongs to no host (RFC 1122 section 3.2.1.3).
  case none
}

extension IPAddress {
  package var reach: AddressReach {
    switch family {
    case .v4:
      switch (bytes[0], bytes[1]) {
      case (0, _): .none
      case (127, _): .loopback
      case (169, 254): .link
      case (240..., _): .reserved
      default: .routed
      }
    case .v6:
      if bytes[0] == 0xfe, bytes[1] & 0xc0 == 0x80 {
        .link
      } else if bytes.dropLast(4).allSatisfy({ $0 == 0 }) {
        bytes.suffix(4).elementsEqual([0, 0, 0, 1]) ? .loopback : .reserved
      } else {
        .routed
      }
    }
  }
}
