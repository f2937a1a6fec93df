public import DNSNames

/// Expands `$name` and similar tokens in the `file` of a zone, as BIND does from 9.21 on.
///
/// BIND ignores the case of a token and expands only its first occurrence; it leaves a second one as written (observed
/// with named 9.21.26).
public enum ZoneFileTokens {
  /// A file's name with the tokens replaced.
  ///
  /// - Parameters:
  ///   - file: The value of `file`.
  ///   - name: The zone's name.
  ///   - view: The view that contains the zone; nil outside views.
  ///   - type: The zone's type.
  /// - Returns: The name of the file that named opens.
  public static func expand(
    _ file: PathText, name: DomainName, view: String?, type: ZoneType?
  ) -> PathText {
    guard file.bytes.contains(ASCII.dollar) else { return file }
    let text = name == .root ? "." : name.withoutTrailingDot.lowercased()
    // From the last label on; the root's label comes first.
    let labels =
      ["."] + (name == .root ? [] : text.split(separator: ".").reversed().map(String.init))
    var values = ["$name": text, "$view": view ?? "_default", "$type": type?.word]
    for number in 1...3 {
      values["$char\(number)"] = text.dropFirst(number - 1).first.map(String.init) ?? "."
      values["$label\(number)"] = number <= labels.count ? labels[number - 1] : "."
    }
    var result: [UInt8] = []
    var rest = file.bytes[...]
    while let dollar = rest.firstIndex(of: ASCII.dollar) {
      result += rest[..<dollar]
      rest = rest[dollar...]
      let token = values.keys.first { token in
        rest.prefix(token.utf8.count).map(ASCII.lowercased).elementsEqual(token.utf8)
      }
      if let token, let value = values[token] ?? nil {
        result += value.utf8
        rest = rest.dropFirst(token.utf8.count)
        values[token] = nil
      } else {
        result.append(ASCII.dollar)
        rest = rest.dropFirst()
      }
    }
    return PathText(result + rest)
  }
}

extension ZoneType {
  /// The type as named itself writes it; nil for a type whose zones have no file.
  fileprivate var word: String? {
    switch self {
    case .primary: "primary"
    case .secondary: "secondary"
    case .mirror: "mirror"
    case .stub: "stub"
    case .hint: "hint"
    case .redirect: "redirect"
    case .staticStub, .forward, .delegationOnly, .inView: nil
    }
  }
}
