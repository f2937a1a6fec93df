import Glibc

/// The addresses of this host.
enum LocalAddresses {
  static var all: Set<String> {
    var list: UnsafeMutablePointer<ifaddrs>?
    guard unsafe getifaddrs(&list) == 0 else { return [] }
    defer { unsafe freeifaddrs(list) }
    var addresses: Set<String> = []
    var next = unsafe list
    while let entry = unsafe next {
      if let address = unsafe entry.pointee.ifa_addr, let text = unsafe text(of: address) {
        addresses.insert(text)
      }
      unsafe next = entry.pointee.ifa_next
    }
    return addresses
  }

  private static func text(of address: UnsafeMutablePointer<sockaddr>) -> String? {
    let family = unsafe CInt(address.pointee.sa_family)
    let size: Int
    switch family {
    case AF_INET: size = MemoryLayout<sockaddr_in>.size
    case AF_INET6: size = MemoryLayout<sockaddr_in6>.size
    default: return nil
    }
    var buffer = [CChar](repeating: 0, count: Int(NI_MAXHOST))
    let status = unsafe getnameinfo(
      address, socklen_t(size), &buffer, socklen_t(buffer.count), nil, 0, NI_NUMERICHOST)
    guard status == 0 else { return nil }
    let text = String(
      decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    // A link-local address has its interface behind it.
    return String(text.prefix { $0 != "%" })
  }
}
