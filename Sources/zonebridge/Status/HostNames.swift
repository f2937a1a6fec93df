import DNSNames
import Glibc
import SystemPackage

/// The names under which a listener answers.
///
/// A browser can be led here under a name of somebody else's (DNS rebinding), who would then be shown what is answered. It
/// says so in the field `Host`, on which a page has no influence.
struct HostNames: Hashable, Sendable {
  private let names: Set<String>
  private let addresses: Set<IPAddress>

  /// - Parameters:
  ///   - configured: names and addresses under which it is reached besides.
  ///   - own: the names of this host.
  init(_ configured: [RequestedHost], own: Set<String> = Self.ofThisHost()) {
    names = own.union(["localhost"]).union(configured.map(\.name))
    addresses = Set(configured.compactMap(\.address))
  }

  /// Whether a listener has the name, or is reached at the address.
  func contain(_ host: RequestedHost, at address: IPAddress?) -> Bool {
    guard let asked = host.address else { return names.contains(host.name) }
    return asked == address || addresses.contains(asked)
  }

  // MARK: This host

  /// The name of this host, with and without its domain.
  ///
  /// No resolver is asked: it may well be the named on this host that it would ask.
  static func ofThisHost() -> Set<String> {
    guard let kernelName else { return [] }
    return names(
      of: kernelName, hosts: text(of: "/etc/hosts"), resolver: text(of: "/etc/resolv.conf"))
  }

  /// The name of this host as the kernel has it.
  static var kernelName: String? {
    var name = [CChar](repeating: 0, count: 256)
    guard unsafe gethostname(&name, name.count - 1) == 0 else { return nil }
    return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// The names of a host.
  ///
  /// - Parameters:
  ///   - name: as gethostname(2) has it, with or without a domain.
  ///   - hosts: as hosts(5) has it.
  ///   - resolver: as resolv.conf(5) has it.
  /// - Returns: the name, and the name with its domain if the files tell one.
  static func names(of name: String, hosts: String, resolver: String) -> Set<String> {
    guard let name = RequestedHost(name)?.name else { return [] }
    var names: Set<String> = [name]
    if let label = name.split(separator: ".").first { names.insert(String(label)) }
    for line in hosts.split(whereSeparator: \.isNewline) {
      let words = line.prefix { $0 != "#" }.split(whereSeparator: \.isWhitespace).dropFirst()
      let others = words.compactMap { RequestedHost($0)?.name }
      if others.contains(name) { names.formUnion(others) }
    }
    guard !name.contains(".") else { return names }
    for line in resolver.split(whereSeparator: \.isNewline) {
      let words = line.split(whereSeparator: \.isWhitespace)
      guard let key = words.first, ["search", "domain"].contains(key) else { continue }
      names.formUnion(words.dropFirst().compactMap { RequestedHost("\(name).\($0)")?.name })
    }
    return names
  }

  private static func text(of path: FilePath) -> String {
    guard let file = try? FileDescriptor.open(path, .readOnly, options: .closeOnExec) else {
      return ""
    }
    let bytes = try? file.closeAfter {
      var bytes = [UInt8](repeating: 0, count: 1 << 20)
      let count = unsafe try bytes.withUnsafeMutableBytes { unsafe try file.read(into: $0) }
      return bytes.prefix(count)
    }
    return String(decoding: bytes ?? [], as: UTF8.self)
  }
}
