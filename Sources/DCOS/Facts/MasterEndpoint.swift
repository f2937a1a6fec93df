package import DNSNames

/// Where one master's Admin Router is asked: `https://10.0.6.68`, `http://[::1]:8080`.
package struct MasterEndpoint: Hashable, Sendable, CustomStringConvertible {
  package enum Scheme: String, Hashable, Sendable {
    case http
    case https

    package var defaultPort: UInt16 {
      switch self {
      case .http: 80
      case .https: 443
      }
    }
  }

  package let scheme: Scheme
  /// A host name in small letters, or an address in its canonical form; IPv6 without brackets.
  package let host: String
  package let port: UInt16

  /// Reads `scheme://host` or `scheme://host:port`, and nothing more than that.
  package init(_ url: String) throws(MasterEndpointError) {
    guard let schemeEnd = url.firstRange(of: "://") else {
      throw MasterEndpointError(url, .noScheme)
    }
    guard let scheme = Scheme(rawValue: url[..<schemeEnd.lowerBound].lowercased()) else {
      throw MasterEndpointError(url, .foreignScheme)
    }
    var authority = url[schemeEnd.upperBound...]
    if authority.hasSuffix("/") {
      authority.removeLast()
    }
    if authority.contains("@") {
      throw MasterEndpointError(url, .userInformation)
    }
    if authority.contains(where: { "/?#".contains($0) }) {
      throw MasterEndpointError(url, .path)
    }
    let (host, portText) = try Self.split(authority, of: url)
    self.scheme = scheme
    self.host = try Self.checked(host: host, of: url)
    if let portText {
      guard portText.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
        let port = UInt16(portText), port > 0
      else {
        throw MasterEndpointError(url, .port)
      }
      self.port = port
    } else {
      port = scheme.defaultPort
    }
  }

  /// The same scheme and port at another address.
  package func at(_ address: IPAddress) -> MasterEndpoint {
    MasterEndpoint(scheme: scheme, host: address.description, port: port)
  }

  private init(scheme: Scheme, host: String, port: UInt16) {
    self.scheme = scheme
    self.host = host
    self.port = port
  }

  package var description: String {
    "\(scheme.rawValue)://\(authority)"
  }

  /// Host and port, as a request's Host header has them (RFC 9110 section 7.2).
  var authority: String {
    let bracketed = host.contains(":") ? "[\(host)]" : host
    return port == scheme.defaultPort ? bracketed : "\(bracketed):\(port)"
  }

  private static func split(
    _ authority: Substring, of url: String
  ) throws(MasterEndpointError) -> (host: Substring, port: Substring?) {
    if authority.first == "[" {
      guard let end = authority.firstIndex(of: "]") else {
        throw MasterEndpointError(url, .host)
      }
      let host = authority[authority.index(after: authority.startIndex)..<end]
      let rest = authority[authority.index(after: end)...]
      guard host.contains(":"), rest.isEmpty || rest.first == ":" else {
        throw MasterEndpointError(url, .host)
      }
      return (host, rest.isEmpty ? nil : rest.dropFirst())
    }
    let parts = authority.split(separator: ":", omittingEmptySubsequences: false)
    switch parts.count {
    case 1: return (parts[0], nil)
    case 2: return (parts[0], parts[1])
    default: throw MasterEndpointError(url, .unbracketedIPv6)
    }
  }

  private static func checked(
    host: Substring, of url: String
  ) throws(MasterEndpointError) -> String {
    if let address = try? IPAddress(host) {
      return address.description
    }
    // RFC 1123 section 2.1; a last label of digits alone would be a mistyped IPv4 address.
    let name = host.hasSuffix(".") ? host.dropLast() : host
    let labels = name.split(separator: ".", omittingEmptySubsequences: false)
    let isName =
      name.utf8.count <= 253
      && labels.allSatisfy { label in
        (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
          && label.utf8.allSatisfy(Self.isHostNameCharacter)
      }
    guard isName, let last = labels.last, !last.allSatisfy(\.isNumber) else {
      throw MasterEndpointError(url, .host)
    }
    return name.lowercased()
  }

  private static func isHostNameCharacter(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
      true
    default:
      false
    }
  }
}

/// Why a text does not name a master, with the text.
package struct MasterEndpointError: Error, Hashable, Sendable, CustomStringConvertible {
  package enum Reason: Hashable, Sendable {
    case noScheme
    case foreignScheme
    case userInformation
    case path
    case host
    case unbracketedIPv6
    case port
  }

  package let url: String
  package let reason: Reason

  init(_ url: String, _ reason: Reason) {
    self.url = url
    self.reason = reason
  }

  package var description: String {
    let problem =
      switch reason {
      case .noScheme:
        "it has no scheme, http:// or https://"
      case .foreignScheme:
        "a master is asked over http:// or https://"
      case .userInformation:
        "a URL with a user or password: credentials have keys of their own"
      case .path:
        "only scheme, host and port belong here, no path, query or fragment"
      case .host:
        "its host is neither an address nor a host name"
      case .unbracketedIPv6:
        "its IPv6 address is not in brackets"
      case .port:
        "its port is not a number from 1 to 65535"
      }
    // A password must not be repeated: the whole text stays out where one was written.
    return reason == .userInformation ? problem : "\(Printable(url)): \(problem)"
  }
}
