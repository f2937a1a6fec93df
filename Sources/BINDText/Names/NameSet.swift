import DNSNames

/// A set of names that stores only 64 bits of each.
///
/// Among a million different names, the probability that two are mistaken for one is less than one in ten million.
struct NameSet: Sendable {
  /// Open addressing with linear probing; zero is an empty place.
  private var places = [UInt64](repeating: 0, count: 64)
  private var count = 0

  /// Adds a name and returns whether it is new.
  mutating func insert(_ name: DomainName) -> Bool {
    let hash = name.foldedHash | 1
    guard store(hash) else { return false }
    count += 1
    if count * 2 > places.count {
      let old = places
      places = [UInt64](repeating: 0, count: old.count * 2)
      for hash in old where hash != 0 { _ = store(hash) }
    }
    return true
  }

  private mutating func store(_ hash: UInt64) -> Bool {
    let mask = places.count - 1
    var index = Int(truncatingIfNeeded: hash >> 20) & mask
    while places[index] != 0 {
      if places[index] == hash { return false }
      index = (index + 1) & mask
    }
    places[index] = hash
    return true
  }
}

extension DomainName {
  /// A hash of the name with its letters folded, eight octets at a time.
  fileprivate var foldedHash: UInt64 {
    var hash: UInt64 = 0x9e37_79b9_7f4a_7c15
    var index = 0
    while index < wire.count {
      var word: UInt64 = 0
      let end = min(index + 8, wire.count)
      while index < end {
        word = word << 8 | UInt64(ASCII.lowercased(wire[index]))
        index += 1
      }
      let product = (hash ^ word).multipliedFullWidth(by: 0xbf58_476d_1ce4_e5b9)
      hash = product.high ^ product.low
    }
    return hash
  }
}
