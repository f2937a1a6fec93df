import NIOSSL

/// The open ports of one master.
struct MasterListeners: Sendable {
  private let serving: Task<Void, Never>

  /// Opens HTTP and DNS on one address; either both or neither.
  static func open(
    address: String, httpPort: Int, dnsPort: Int, tls: NIOSSLContext?,
    http answerHTTP: @escaping @Sendable (HTTPListener.Request) async -> HTTPReply,
    dns answerDNS: @escaping DNSListener.Answer
  ) async throws -> MasterListeners {
    let http = try await HTTPListener(address: address, port: httpPort, tls: tls)
    let dns: DNSListener
    do {
      dns = try await DNSListener(address: address, port: dnsPort)
    } catch {
      await http.close()
      throw error
    }
    return MasterListeners(
      serving: Task {
        async let dnsServing: Void = dns.serve(answerDNS)
        await http.serve(answerHTTP)
        await dnsServing
      })
  }

  /// Closes the ports and all connections; the ports are free when this returns.
  func close() async {
    serving.cancel()
    await serving.value
  }
}
