import DNSNames

// Texts of others: zone files, programs, masters. Whatever would steer a terminal, or mislead the reader of a log, is
// written out, as in \u{1B}.
extension StringProtocol {
  /// The text with its lines and tabs, and everything else escaped that is not to be seen as it is.
  var printable: String {
    escaped { $0.isInvisible && $0 != "\n" && $0 != "\t" }
  }

  /// The text as it can stand in a line: with its line ends and tabs escaped, too.
  var printableLine: String { escaped(where: \.isInvisible) }

  private func escaped(where isMeant: (Unicode.Scalar) -> Bool) -> String {
    guard unicodeScalars.contains(where: isMeant) else { return String(self) }
    return unicodeScalars.reduce(into: "") { text, scalar in
      if isMeant(scalar) {
        text += scalar.escaped(asASCII: true)
      } else {
        text.unicodeScalars.append(scalar)
      }
    }
  }
}

extension String {
  /// A line of a file of others, printable; in one that is not UTF-8, each byte beyond ASCII is written as `\xE9`.
  init(printable line: some Collection<UInt8>) {
    if let text = String(validating: line, as: UTF8.self) {
      self = text.printable
    } else {
      let text = line.reduce(into: "") { text, byte in
        text +=
          byte < 0x80
          ? String(UnicodeScalar(byte)) : "\\x\(String(byte, radix: 16, uppercase: true))"
      }
      self = text.printable
    }
  }
}
