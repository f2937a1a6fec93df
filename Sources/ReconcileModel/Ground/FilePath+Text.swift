package import BINDText
import FileChange
package import SystemPackage

extension FilePath {
  /// The path that a file of BIND's has, byte for byte.
  package init(_ text: PathText) { self.init(bytes: text.bytes) }
}

extension FilePath {
  /// The path as the history has it, in JSON, which holds text alone.
  ///
  /// One that is no UTF-8 is a URL there (RFC 8089); every other begins with a slash.
  package var recorded: String {
    if let text = String(validating: self) { return text }
    let bytes = bytes.map { byte -> String in
      let isPlain = (0x21...0x7e).contains(byte) && byte != UInt8(ascii: "%")
      return isPlain
        ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
    return Self.scheme + bytes.joined()
  }

  /// Reads what ``recorded`` wrote.
  package init(recorded text: String) {
    guard text.hasPrefix(Self.scheme) else {
      self.init(text)
      return
    }
    var bytes: [UInt8] = []
    var rest = text.dropFirst(Self.scheme.count).utf8[...]
    while let byte = rest.popFirst() {
      let digits = byte == UInt8(ascii: "%") ? String(Substring(rest.prefix(2))) : ""
      if let value = UInt8(digits, radix: 16) {
        bytes.append(value)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte)
      }
    }
    self.init(bytes: bytes)
  }

  private static var scheme: String { "file://" }
}
