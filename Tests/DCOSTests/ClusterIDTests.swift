import DCOS
import DNSNames
import Foundation
import Testing

@Suite("Cluster IDs", .timeLimit(.minutes(1)))
struct ClusterIDTests {
  struct Vector: Decodable, Sendable, CustomTestStringConvertible {
    let zbase32: String
    let publicKeyHex: String?

    private enum CodingKeys: String, CodingKey {
      case zbase32
      case publicKeyHex = "public_key_hex"
    }

    var testDescription: String { zbase32 }
  }

  private struct Vectors: Decodable {
    let vectors: [Vector]
  }

  static let vectors: [Vector] = {
    let decoded = try? JSONDecoder().decode(
      Vectors.self, from: Data(Fixture("zbase32-vectors.json").bytes))
    return decoded?.vectors ?? []
  }()

  static let alphabet = Array("ybndrfg8ejkmcpqxotluwisza345h769")

  @Test func allThreeVectorsAreThere() {
    #expect(Self.vectors.count == 3)
    #expect(Self.vectors.filter { $0.publicKeyHex != nil }.count == 2)
  }

  @Test(arguments: vectors)
  func aVectorIsReadAndWrittenBack(_ vector: Vector) throws {
    let id = try ClusterID(vector.zbase32)
    #expect(id.description == vector.zbase32)
    #expect(id.domain.withoutTrailingDot == "\(vector.zbase32).dcos.directory")
    #expect(try ClusterID(publicKey: id.publicKey) == id)
    #expect(try ClusterID(publicKey: id.publicKey).description == vector.zbase32)
    if let hex = vector.publicKeyHex {
      #expect(id.publicKey.map { String(format: "%02x", $0) }.joined() == hex)
    }
  }

  @Test(arguments: vectors.filter { $0.zbase32.contains("l") })
  func theStandardFormIsRefusedAndNamed(_ vector: Vector) throws {
    let standard = vector.zbase32.replacingOccurrences(of: "l", with: "1")
    let position = try #require(standard.firstIndex(of: "1"))
    let error = #expect(throws: ClusterIDError.self) { try ClusterID(standard) }
    #expect(
      error
        == .standardAlphabet(
          position: standard.distance(from: standard.startIndex, to: position) + 1))
    #expect(error?.description.contains("replace every 1 by l") == true)
  }

  /// Spelled out once more, value by value: a table that both ways share would hide its own mistake.
  @Test("each letter of DC/OS's alphabet → its five bits, both ways", arguments: 0..<32)
  func letters(value: Int) throws {
    let text = String(Self.alphabet[value]) + String(repeating: "y", count: 51)
    let key = [UInt8(value) << 3] + [UInt8](repeating: 0, count: 31)
    #expect(try ClusterID(text).publicKey == key)
    #expect(try ClusterID(publicKey: key).description == text)
  }

  @Test("the last character is y or o → the key's last bit; any other → refused")
  func lastCharacter() throws {
    let start = String(repeating: "y", count: 51)
    #expect(try ClusterID(start + "y").publicKey.last == 0)
    #expect(try ClusterID(start + "o").publicKey.last == 1)
    for letter in Self.alphabet where letter != "y" && letter != "o" {
      #expect(throws: ClusterIDError.lastCharacter) { try ClusterID(start + String(letter)) }
    }
  }

  @Test func everyKeyHasOneSpelling() throws {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<2000 {
      let key = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &random) }
      let id = try ClusterID(publicKey: key)
      #expect(id.publicKey == key)
      let text = id.description
      #expect(text.wholeMatch(of: /[ybndrfg8ejkmcpqxotluwisza345h769]{51}[yo]/) != nil)
      #expect(try ClusterID(text) == id)
      #expect(try ClusterID(text).publicKey == key)
    }
  }

  @Test func aChangedCharacterMakesAnotherKeyOrNone() throws {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<500 {
      let id = try ClusterID(
        publicKey: (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &random) })
      var characters = Array(id.description)
      let index = Int.random(in: 0..<52, using: &random)
      let foreign = try #require(
        (UInt8(32)...126).map { Character(UnicodeScalar($0)) }
          .filter { !Self.alphabet.contains($0) }.randomElement(using: &random))
      let own = try #require(
        Self.alphabet.filter { $0 != characters[index] }.randomElement(using: &random))

      characters[index] = foreign
      #expect(throws: ClusterIDError.self) { try ClusterID(String(characters)) }

      characters[index] = own
      if index < 51 || own == "y" || own == "o" {
        #expect(try ClusterID(String(characters)) != id)
      } else {
        #expect(throws: ClusterIDError.lastCharacter) { try ClusterID(String(characters)) }
      }
    }
  }

  @Test(arguments: [
    ("", ClusterIDError.length(0)),
    ("yor6tqhiag39y6cjkdd4w9uzo45qhku6ra8hl7hpr6d9ukjaz3j", .length(51)),
    ("yor6tqhiag39y6cjkdd4w9uzo45qhku6ra8hl7hpr6d9ukjaz3joy", .length(53)),
    ("fdb1d7c0-06cf-4d65-bb9b-a8920bb854ef", .length(36)),
    ("YOR6TQHIAG39Y6CJKDD4W9UZO45QHKU6RA8HL7HPR6D9UKJAZ3JO", .foreignCharacter(position: 1)),
    ("yor6tqhiag39y6cjkdd4w9uzo45qhku6ra8hl7hpr6d9ukjaz3jv", .foreignCharacter(position: 52)),
    ("yor6tqhiag39y6cjkdd4w9uzo45qhku6ra8hl7hpr6d9ukjaz3jb", .lastCharacter),
    // 52 bytes, but not 52 characters.
    ("ör6tqhiag39y6cjkdd4w9uzo45qhku6ra8hl7hpr6d9ukjaz3jo", .foreignCharacter(position: 1)),
  ])
  func whatIsNoIDIsRefused(_ text: String, _ expected: ClusterIDError) {
    #expect(throws: expected) { try ClusterID(text) }
  }

  @Test(arguments: [0, 31, 33])
  func aKeyOfAnotherLengthIsRefused(_ count: Int) {
    #expect(throws: ClusterIDError.keyLength(count)) {
      try ClusterID(publicKey: [UInt8](repeating: 7, count: count))
    }
  }
}
