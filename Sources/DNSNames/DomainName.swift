/// A fully qualified domain name.
///
/// It is stored in the form of RFC 1035 3.1, a length octet before each label and a zero after the last, and keeps the
/// case of its letters. Comparison ignores the case of ASCII letters (RFC 4343). Every value respects the limits of 63
/// octets per label and 255 per name.
public struct DomainName: Sendable {
  /// The wire form.
  ///
  /// No length octet is a letter (63 < "A"), so folding the case of all octets changes only labels.
  package internal(set) var wire: [UInt8]

  init(wire: [UInt8]) {
    self.wire = wire
  }

  /// Takes a name from a message, without compression; nil if the octets are not a name.
  package init?(wire: some Collection<UInt8>) {
    let wire = Array(wire)
    guard wire.count <= 255 else { return nil }
    var index = 0
    while index < wire.count, wire[index] != 0 {
      guard wire[index] <= 63 else { return nil }
      index += Int(wire[index]) + 1
    }
    guard index == wire.count - 1 else { return nil }
    self.init(wire: wire)
  }

  /// The root of the tree, `.`.
  public static let root = DomainName(wire: [0])

  /// The number of labels, not counting the root's empty one.
  public var labelCount: Int {
    var count = 0
    var index = 0
    while wire[index] != 0 {
      count += 1
      index += Int(wire[index]) + 1
    }
    return count
  }

  /// The labels from left to right, as octets without escapes.
  public var labels: [[UInt8]] {
    var labels: [[UInt8]] = []
    var index = 0
    while wire[index] != 0 {
      let end = index + Int(wire[index]) + 1
      labels.append(Array(wire[index + 1..<end]))
      index = end
    }
    return labels
  }

  /// Whether the name is the root.
  public var isRoot: Bool { wire[0] == 0 }

  /// The name without its leftmost label; nil for the root.
  public var parent: DomainName? {
    isRoot ? nil : DomainName(wire: Array(wire[(Int(wire[0]) + 1)...]))
  }

  /// The name's rightmost labels, as a name of their own; the whole name if it has no more.
  package func suffix(of labelCount: Int) -> DomainName {
    var surplus = self.labelCount - labelCount
    var start = 0
    while surplus > 0 {
      start += Int(wire[start]) + 1
      surplus -= 1
    }
    return start == 0 ? self : DomainName(wire: Array(wire[start...]))
  }

  /// Whether the name is the other or is below it; a name is a subdomain of itself (RFC 8499).
  public func isSubdomain(of other: DomainName) -> Bool {
    let surplus = wire.count - other.wire.count
    guard surplus >= 0 else { return false }
    // The other's wire form has to start at a label boundary.
    var index = 0
    while index < surplus { index += Int(wire[index]) + 1 }
    guard index == surplus else { return false }
    for index in 0..<other.wire.count
    where ASCII.lowercased(wire[surplus + index]) != ASCII.lowercased(other.wire[index]) {
      return false
    }
    return true
  }

  /// Whether the name is strictly below the other.
  public func isBelow(_ other: DomainName) -> Bool {
    wire.count > other.wire.count && isSubdomain(of: other)
  }
}

extension DomainName: Hashable {
  /// Whether two names are equal, ignoring the case of ASCII letters.
  public static func == (left: DomainName, right: DomainName) -> Bool {
    if left.wire == right.wire { return true }
    guard left.wire.count == right.wire.count else { return false }
    for index in 0..<left.wire.count
    where ASCII.lowercased(left.wire[index]) != ASCII.lowercased(right.wire[index]) {
      return false
    }
    return true
  }

  /// Hashes the name with its case folded, so that equal names have equal hashes.
  public func hash(into hasher: inout Hasher) {
    // Eight octets at a time: a step of the hasher costs more than folding an octet.
    var word: UInt64 = 0
    var count = 0
    for byte in wire {
      word = word &<< 8 | UInt64(ASCII.lowercased(byte))
      count &+= 1
      guard count & 7 == 0 else { continue }
      hasher.combine(word)
    }
    hasher.combine(word)
    hasher.combine(count)
  }
}

extension DomainName: Comparable {
  /// Whether one name comes before another in the canonical order of RFC 4034 6.1.
  ///
  /// Labels are compared from the right, and a name comes before those below it.
  public static func < (left: DomainName, right: DomainName) -> Bool {
    for (one, other) in zip(left.labels.reversed(), right.labels.reversed()) {
      let (one, other) = (one.map(ASCII.lowercased), other.map(ASCII.lowercased))
      if one != other { return one.lexicographicallyPrecedes(other) }
    }
    return left.labelCount < right.labelCount
  }
}
