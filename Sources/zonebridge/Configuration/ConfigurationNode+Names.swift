import DCOS
import DNSNames

extension ConfigurationNode {
  /// The value as an absolute domain name, with or without its final dot.
  func domainName(_ expected: String) throws(ConfigurationError) -> DomainName {
    try domainName(try text(expected), expected)
  }

  /// A text that stands in this value as an absolute domain name.
  func domainName(_ text: String, _ expected: String) throws(ConfigurationError) -> DomainName {
    guard text.utf8.allSatisfy({ $0 < 0x80 }) else {
      throw error(
        "'\(text)' has letters outside ASCII", remedy: "Write the name's xn-- form (IDNA)")
    }
    if let host = Self.host(ofURL: text) {
      throw error(
        "'\(text)' is a URL, and a name is expected",
        remedy: host.isEmpty ? "Write \(expected)" : "Write \(host)")
    }
    guard (try? IPAddress(text)) == nil else {
      throw error("'\(text)' is an IP address, and a name is expected", remedy: "Write \(expected)")
    }
    guard !text.contains(where: { " @/".contains($0) }) else {
      throw error("'\(text)' is not a domain name", remedy: "Write \(expected)")
    }
    let name: DomainName
    do {
      name = try DomainName(text)
    } catch let reason {
      throw error("\(reason)", remedy: "Write \(expected)")
    }
    guard !name.isRoot else {
      throw error(
        "'.' is the root of the DNS, and a name below it is expected", remedy: "Write \(expected)")
    }
    return name
  }

  /// The host of what is a URL (RFC 3986 section 3), or begins as one; nil for what is none.
  private static func host(ofURL text: String) -> Substring? {
    guard let scheme = text.firstRange(of: "://") else { return nil }
    let authority = text[scheme.upperBound...].prefix { !"/?#".contains($0) }
    let host = authority.split(separator: "@").last ?? ""
    return host.first == "[" ? "" : host.prefix { $0 != ":" }
  }

  /// The value as a name of one or more labels that is to stand before another one: letters, digits, `-` and `_`.
  func relativeName(_ expected: String) throws(ConfigurationError) -> String {
    let text = try text(expected)
    guard !text.hasSuffix(".") else {
      throw error(
        "'\(text)' ends in a dot, and has to be relative to the cluster's names",
        remedy: "Write \(expected)")
    }
    let isName = text.utf8.allSatisfy {
      switch $0 {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
        UInt8(ascii: "."):
        true
      default: false
      }
    }
    guard isName else {
      throw error(
        "'\(text)' has other characters than letters, digits, - _ and dots",
        remedy: "Write \(expected)")
    }
    do {
      _ = try DomainName(text)
    } catch let reason {
      throw error("\(reason)", remedy: "Write \(expected)")
    }
    return text
  }

  /// The value as the address of a host.
  func address() throws(ConfigurationError) -> IPAddress {
    let text = try text("an IP address")
    do {
      return try IPAddress(text)
    } catch let reason {
      throw error("\(reason)", remedy: "Write an IP address alone, as in 10.0.6.68")
    }
  }

  /// The value as a cluster's ID.
  func clusterID() throws(ConfigurationError) -> ClusterID {
    let text = try text("the cluster's ID")
    do {
      return try ClusterID(text)
    } catch let reason {
      throw error("\(reason)", remedy: "Copy the ID as the cluster's masters report it")
    }
  }

  /// The value as one of the words that an enumeration has.
  func word<Word: RawRepresentable & CaseIterable>(
    _ type: Word.Type, _ what: String
  ) throws(ConfigurationError) -> Word where Word.RawValue == String {
    let known = type.allCases.map(\.rawValue).joined(separator: ", ")
    let text = try text("one of \(known)")
    guard let word = Word(rawValue: text) else {
      throw error("'\(text)' is not a \(what)", remedy: "Write one of: \(known)")
    }
    return word
  }
}
