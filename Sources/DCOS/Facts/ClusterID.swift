package import DNSNames

/// A cluster's cryptographic ID: the ed25519 public key its masters share, as DC/OS spells it.
///
/// DC/OS's alphabet is not the standard z-base-32: where the standard has the digit `1`, it has the
/// letter `l`. The digits `0`, `1`, `2` and the letter `v` never occur. 32 bytes, most significant
/// bit first, five bits a character, make 52 characters, of which the last carries one bit.
package struct ClusterID: Hashable, Sendable, CustomStringConvertible {
  /// The 32 bytes of the public key.
  package let publicKey: [UInt8]
  /// The name below which the cluster's masters answer over DNS, `<id>.dcos.directory`.
  package let domain: DomainName

  private let text: String

  /// Reads an ID in DC/OS's own spelling, strictly: no blanks, no capitals.
  package init(_ text: some StringProtocol) throws(ClusterIDError) {
    publicKey = try Self.decode(Array(text.utf8))
    self.text = String(text)
    domain = try Self.domain(self.text)
  }

  /// Makes the ID of a public key, which has to be 32 bytes long.
  package init(publicKey: [UInt8]) throws(ClusterIDError) {
    guard publicKey.count == Self.keyLength else {
      throw .keyLength(publicKey.count)
    }
    self.publicKey = publicKey
    text = Self.encode(publicKey)
    domain = try Self.domain(text)
  }

  /// An ID always makes a label: a name fails by nothing but its length here.
  private static func domain(_ text: String) throws(ClusterIDError) -> DomainName {
    guard let domain = try? DomainName("\(text).dcos.directory") else {
      throw .length(text.utf8.count)
    }
    return domain
  }

  package var description: String { text }

  /// The rest follows from the key.
  package func hash(into hasher: inout Hasher) { hasher.combine(publicKey) }
}

extension ClusterID {
  package static let keyLength = 32
  package static let textLength = 52

  private static let alphabet = Array("ybndrfg8ejkmcpqxotluwisza345h769".utf8)

  private static let values: [UInt8: UInt8] = Dictionary(
    uniqueKeysWithValues: zip(alphabet, 0...))

  private static func encode(_ bytes: [UInt8]) -> String {
    var characters: [UInt8] = []
    characters.reserveCapacity(textLength)
    var pending: UInt16 = 0
    var pendingBits = 0
    for byte in bytes {
      pending = (pending << 8) | UInt16(byte)
      pendingBits += 8
      while pendingBits >= 5 {
        pendingBits -= 5
        characters.append(alphabet[Int(pending >> pendingBits) & 31])
        pending &= (1 << pendingBits) - 1
      }
    }
    if pendingBits > 0 {
      characters.append(alphabet[Int(pending << (5 - pendingBits)) & 31])
    }
    return String(decoding: characters, as: UTF8.self)
  }

  private static func decode(_ characters: [UInt8]) throws(ClusterIDError) -> [UInt8] {
    guard characters.count == textLength else {
      throw .length(characters.count)
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(keyLength)
    var pending: UInt16 = 0
    var pendingBits = 0
    for (index, character) in characters.enumerated() {
      guard let value = values[character] else {
        throw character == UInt8(ascii: "1")
          ? .standardAlphabet(position: index + 1) : .foreignCharacter(position: index + 1)
      }
      pending = (pending << 5) | UInt16(value)
      pendingBits += 5
      if pendingBits >= 8 {
        pendingBits -= 8
        bytes.append(UInt8(pending >> pendingBits))
        pending &= (1 << pendingBits) - 1
      }
    }
    // 52 characters are 260 bits: the four beyond the key have to be zero, or two spellings
    // would name one key.
    guard pending == 0 else {
      throw .lastCharacter
    }
    return bytes
  }
}

/// Why a text is no cluster ID.
///
/// It tells counts and positions only, never what stood there: the text may have come out of an
/// answer that carries the cluster's secret key.
package enum ClusterIDError: Error, Hashable, Sendable, CustomStringConvertible {
  /// So many characters (bytes in UTF-8) instead of 52.
  case length(Int)
  /// The digit 1 at this place, from 1: the standard z-base-32 spelling.
  case standardAlphabet(position: Int)
  /// A character that DC/OS's alphabet does not have, at this place, from 1.
  case foreignCharacter(position: Int)
  /// The last character stands for more than the one bit that is left for it.
  case lastCharacter
  /// So many bytes of public key instead of 32.
  case keyLength(Int)

  package var description: String {
    switch self {
    case .length(let count):
      "a cluster ID has \(ClusterID.textLength) characters, this has \(count)"
    case .standardAlphabet(let position):
      """
      character \(position) is the digit 1: this is the standard z-base-32 form; DC/OS writes \
      the letter l (small L) where the standard has the digit 1, so replace every 1 by l
      """
    case .foreignCharacter(let position):
      """
      character \(position) does not belong to a cluster ID, which is made of \
      a-z without v and 3-9, in small letters
      """
    case .lastCharacter:
      "the last character of a cluster ID is y or o, this one ends in another: was it cut or mistyped?"
    case .keyLength(let count):
      "an ed25519 public key has \(ClusterID.keyLength) bytes, this has \(count)"
    }
  }
}
