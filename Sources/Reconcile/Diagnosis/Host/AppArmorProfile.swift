/// Whether an AppArmor profile is enforced.
enum AppArmorMode: Hashable {
  case unconfined
  case complain
  case enforce
  case unknown

  /// - Parameters:
  ///   - label: what the kernel says of the process, `named (enforce)` or `unconfined`; nil if it cannot be read.
  ///   - profiles: the profiles that are loaded, a line each; nil if only root may read them.
  init(label: String?, profiles: String?) {
    if let label = label?.split(whereSeparator: \.isNewline).first {
      self = label == "unconfined" ? .unconfined : Self(line: label)
      return
    }
    guard let profiles else {
      self = .unknown
      return
    }
    let line = profiles.split(separator: "\n").first {
      $0.hasPrefix("named ") || $0.hasPrefix("/usr/sbin/named ")
    }
    self = line.map(Self.init(line:)) ?? .unconfined
  }

  private init(line: some StringProtocol) {
    self =
      line.hasSuffix("(enforce)") ? .enforce : line.hasSuffix("(complain)") ? .complain : .unknown
  }
}

/// The file rules of an AppArmor profile (apparmor.d(5)), without those that it includes: these are about libraries and
/// name services.
struct AppArmorProfile {
  private struct Rule {
    var pattern: [UInt8]
    var permissions: Substring
    var isDenial: Bool
  }

  private var rules: [Rule] = []

  init(parsing text: String) {
    for line in text.split(whereSeparator: \.isNewline) {
      var words = line.split(whereSeparator: \.isWhitespace)[...]
      guard words.last?.hasSuffix(",") == true else { continue }
      var isDenial = false
      while let first = words.first, ["audit", "owner", "allow", "deny", "file"].contains(first) {
        isDenial = isDenial || first == "deny"
        words.removeFirst()
      }
      guard words.count == 2, let path = words.first, let last = words.last else { continue }
      let name = path.filter { $0 != "\"" }
      guard name.hasPrefix("/") || name.hasPrefix("{") else { continue }
      rules.append(
        Rule(
          pattern: Array(name.utf8), permissions: last.dropLast(), isDenial: isDenial))
    }
  }

  /// Whether the rules together grant all permissions for a file, and deny none.
  func allows(_ permissions: String, on path: String) -> Bool {
    let matching = rules.filter { Self.matches($0.pattern[...], Array(path.utf8)[...]) }
    return permissions.allSatisfy { permission in
      matching.contains { !$0.isDenial && $0.permissions.contains(permission) }
        && !matching.contains { $0.isDenial && $0.permissions.contains(permission) }
    }
  }

  /// A star stands for anything without a slash, two stars for anything, braces for one of several.
  private static func matches(_ pattern: ArraySlice<UInt8>, _ path: ArraySlice<UInt8>) -> Bool {
    guard let first = pattern.first else { return path.isEmpty }
    switch first {
    case UInt8(ascii: "*"):
      let isDeep = pattern.dropFirst().first == UInt8(ascii: "*")
      let rest = pattern.dropFirst(isDeep ? 2 : 1)
      var place = path
      while true {
        if matches(rest, place) { return true }
        guard let byte = place.first, isDeep || byte != UInt8(ascii: "/") else { return false }
        place.removeFirst()
      }
    case UInt8(ascii: "?"):
      guard let byte = path.first, byte != UInt8(ascii: "/") else { return false }
      return matches(pattern.dropFirst(), path.dropFirst())
    case UInt8(ascii: "{"):
      guard let end = pattern.firstIndex(of: UInt8(ascii: "}")) else { return false }
      let choices = pattern[(pattern.startIndex + 1)..<end]
        .split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
      return choices.contains { matches(ArraySlice(Array($0) + pattern[(end + 1)...]), path) }
    default:
      return path.first == first && matches(pattern.dropFirst(), path.dropFirst())
    }
  }
}
