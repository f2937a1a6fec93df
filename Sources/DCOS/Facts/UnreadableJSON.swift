import FoundationEssentials

extension ObservationError.Reason {
  /// What is the matter with a body that did not decode, told without a byte of it.
  static func unreadableJSON(_ bytes: [UInt8], expected: String) -> Self {
    let blanks = " \t\r\n".utf8
    let text = bytes.drop { blanks.contains($0) }
    guard let first = text.first else {
      return .notJSON
    }
    if first == UInt8(ascii: "<") {
      return .htmlPage
    }
    if isJSON(bytes) {
      return .unexpectedJSON(expected: expected)
    }
    let last = text.last { !blanks.contains($0) }
    switch first {
    case UInt8(ascii: "{") where last != UInt8(ascii: "}"): return .truncatedJSON
    case UInt8(ascii: "[") where last != UInt8(ascii: "]"): return .truncatedJSON
    default: return .notJSON
    }
  }

  private static func isJSON(_ bytes: [UInt8]) -> Bool {
    struct Anything: Decodable {
      init(from decoder: any Decoder) throws {}
    }
    return (try? JSONDecoder().decode(Anything.self, from: Data(bytes))) != nil
  }
}
