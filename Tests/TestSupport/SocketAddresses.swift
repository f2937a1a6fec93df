import Glibc

/// Connects a socket to an address of this host; returns 0 or -1, like connect(2).
package func connectSocket(_ descriptor: CInt, to address: String, _ port: UInt16) -> CInt {
  unsafe withAddress(address, port) { unsafe connect(descriptor, $0, $1) }
}

/// Binds a socket to an address of this host; returns 0 or -1, like bind(2).
package func bindSocket(_ descriptor: CInt, to address: String, _ port: UInt16) -> CInt {
  unsafe withAddress(address, port) { unsafe bind(descriptor, $0, $1) }
}

private func withAddress(
  _ text: String, _ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> CInt
) -> CInt {
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = port.bigEndian
  guard unsafe inet_pton(AF_INET, text, &address.sin_addr) == 1 else { return -1 }
  return unsafe withUnsafePointer(to: &address) { pointer in
    unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
      unsafe body(pointer, socklen_t(MemoryLayout<sockaddr_in>.size))
    }
  }
}
