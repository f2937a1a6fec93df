package import BINDText
package import DNSNames

/// Judges addresses by the address match lists of a configuration (`address_match_list` in named.conf(5)).
package struct AddressMatcher: Sendable {
  package enum Verdict: Hashable, Sendable {
    case accepted
    /// An element with `!` matches first.
    case rejected
    /// No element matches, which in an access list means no.
    case unmatched
    /// An earlier element depends on something outside the configuration: named's networks, or an address's location.
    case unknown
  }

  /// The elements of each `acl`, by its name in small letters.
  private let lists: [String: [Clause]]
  /// The known addresses of the host that named runs on.
  private let ownAddresses: Set<IPAddress>

  /// - Parameters:
  ///   - acls: the `acl` statements; other statements are ignored.
  ///   - ownAddresses: the known addresses of the host that named runs on.
  init(acls: [Clause], ownAddresses: Set<IPAddress> = []) {
    let named = acls.filter { $0.words.first?.lowercased() == "acl" }.compactMap { acl in
      acl.value.map { ($0.lowercased(), acl.list) }
    }
    lists = Dictionary(named) { first, _ in first }
    self.ownAddresses = ownAddresses
  }

  /// What a list says of an address that signs nothing: the first element that matches counts.
  package func verdict(of list: [Clause], on address: IPAddress) -> Verdict {
    verdict(of: list, on: address, within: [])
  }

  private func verdict(
    of list: [Clause], on address: IPAddress, within outer: [String]
  ) -> Verdict {
    for element in list {
      switch match(element, address, within: outer) {
      case true?: return element.isNegated ? .rejected : .accepted
      case false?: continue
      case nil: return .unknown
      }
    }
    return .unmatched
  }

  /// Whether an element matches, ignoring its `!`; nil if that is unknown.
  private func match(
    _ element: Clause, _ address: IPAddress, within outer: [String]
  ) -> Bool? {
    if element.words.allSatisfy({ $0 == "!" }) {
      return isAccepted(by: element.list, address, within: outer)
    }
    let word = element.words.first.map { $0.drop { $0 == "!" }.lowercased() } ?? ""
    switch word {
    case "any": return true
    // `none` matches everything, as `!any` does; here it is as if its `!` stood there.
    case "none": return true
    case "key": return false
    case "localhost": return isOwn(address)
    case "localnets": return isOwn(address) == true ? true : nil
    default: break
    }
    if let prefix = AddressPrefix(word) { return prefix.contains(address) }
    guard let list = lists[word], !outer.contains(word) else { return nil }
    return isAccepted(by: list, address, within: outer + [word])
  }

  /// A negated element of a nested list never makes the outer list match (`dns_acl_match_element` of lib/dns/acl.c).
  private func isAccepted(
    by list: [Clause], _ address: IPAddress, within outer: [String]
  ) -> Bool? {
    switch verdict(of: list, on: address, within: outer) {
    case .accepted: true
    case .rejected, .unmatched: false
    case .unknown: nil
    }
  }

  private func isOwn(_ address: IPAddress) -> Bool? {
    if address.isLoopback || ownAddresses.contains(address) { return true }
    return ownAddresses.isEmpty ? nil : false
  }
}

extension Clause {
  /// Whether an element of an address match list excludes the addresses that it matches.
  fileprivate var isNegated: Bool {
    guard let word = words.first else { return false }
    return word.hasPrefix("!") != (word.drop { $0 == "!" }.lowercased() == "none")
  }
}

extension IPAddress {
  package var isLoopback: Bool {
    family == .v4 ? bytes[0] == 127 : bytes.dropLast().allSatisfy { $0 == 0 } && bytes[15] == 1
  }
}

/// An address with a prefix length, as named.conf writes it: `10.0.0.0/8`, `10/8`, `2001:db8::/32`, `10.0.0.1`.
struct AddressPrefix: Hashable, Sendable {
  let family: IPAddress.Family
  let bytes: [UInt8]
  let length: Int

  /// Nil if the text is not one.
  init?(_ text: some StringProtocol) {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard let first = parts.first,
      let (family, bytes) = Self.address(Substring(first), isWhole: parts.count == 1)
    else { return nil }
    self.family = family
    self.bytes = bytes
    guard parts.count == 2 else {
      length = bytes.count * 8
      return
    }
    guard let length = Int(parts[1]), (0...bytes.count * 8).contains(length) else { return nil }
    self.length = length
  }

  func contains(_ address: IPAddress) -> Bool {
    guard address.family == family else { return false }
    for bit in 0..<length where (bytes[bit / 8] ^ address.bytes[bit / 8]) & (0x80 >> (bit % 8)) != 0
    {
      return false
    }
    return true
  }

  /// In a prefix the zeros at the end of an IPv4 address may be left out.
  private static func address(
    _ text: Substring, isWhole: Bool
  ) -> (IPAddress.Family, [UInt8])? {
    if text.contains(":") {
      if text == "::" { return (.v6, [UInt8](repeating: 0, count: 16)) }
      guard let address = try? IPAddress(text), address.family == .v6 else { return nil }
      return (.v6, address.bytes)
    }
    let numbers = text.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
    let bytes = numbers.compactMap(\.self)
    guard bytes.count == numbers.count, isWhole ? bytes.count == 4 : (1...4).contains(bytes.count)
    else { return nil }
    return (.v4, bytes + [UInt8](repeating: 0, count: 4 - bytes.count))
  }
}
