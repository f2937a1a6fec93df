public import DNSNames

/// What BIND makes of `$name` and the like in the `file` of a zone, from 9.21 on.
///
/// Each token counts once, in either case, and a second one stays as it is written (observed with named 9.21.26).
public enum ZoneFileTokens {
  /// A file's name with the tokens replaced.
  ///
  /// - Parameters:
  ///   - file: What `file` says.
  ///   - name: The zone's name.
  ///   - view: The view that the zone is in; nil outside of views.
  ///   - type: The zone's type.
  /// - Returns: The name of the file that named opens.
  public static func expand(
    _ file: String, name: DomainName, view: String?, type: ZoneType?
  ) -> String {
    guard file.contains("$") else { return file }
    let text = name == .root ? "." : name.withoutTrailingDot.lowercased()
    // From the last label on, of which the root's is the first.
    let labels =
      ["."] + (name == .root ? [] : text.split(separator: ".").reversed().map(String.init))
    var values = ["$name": text, "$view": view ?? "_default", "$type": type?.word]
    for number in 1...3 {
      values["$char\(number)"] = text.dropFirst(number - 1).first.map(String.init) ?? "."
      values["$label\(number)"] = number <= labels.count ? labels[number - 1] : "."
    }
    var result = ""
    var rest = file[...]
    while let dollar = rest.firstIndex(of: "$") {
      result += rest[..<dollar]
      rest = rest[dollar...]
      let token = values.keys.first { rest.lowercased().hasPrefix($0) }
      if let token, let value = values[token] ?? nil {
        result += value
        rest = rest.dropFirst(token.count)
        values[token] = nil
      } else {
        result += "$"
        rest = rest.dropFirst()
      }
    }
    return result + rest
  }
}

extension ZoneType {
  /// The type as named itself writes it; nil for one whose zones have no file.
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
