import DNSNames
import FoundationEssentials

/// Exhibitor's answer: every master of the ensemble.
enum ExhibitorAnswer {
  private struct Server: Decodable {
    let hostname: String
  }

  /// The addresses of all servers listed, whatever their state.
  ///
  /// A master that is down (code 1) or starting (0, 2) is a master still: DC/OS's own components
  /// take every host name in the list, and named passes over a forwarder that does not answer.
  static func addresses(in bytes: [UInt8]) throws(ObservationError.Reason) -> [IPAddress] {
    guard let servers = try? JSONDecoder().decode([Server].self, from: Data(bytes)) else {
      throw .unreadableJSON(bytes, expected: "a list of servers with a hostname each")
    }
    guard !servers.isEmpty else {
      throw .emptyList
    }
    guard servers.count <= MemberList.limit else {
      throw .longList(count: servers.count)
    }
    return try servers.map { (server) throws(ObservationError.Reason) in
      try IPAddress.listed(server.hostname)
    }
  }
}

/// The answer of mesos-dns: every master that is alive.
enum MesosDNSAnswer {
  private struct Host: Decodable {
    let host: String
    let ip: String
  }

  static func addresses(in bytes: [UInt8]) throws(ObservationError.Reason) -> [IPAddress] {
    guard let hosts = try? JSONDecoder().decode([Host].self, from: Data(bytes)) else {
      throw .unreadableJSON(bytes, expected: "a list of hosts with an ip each")
    }
    guard !hosts.isEmpty else {
      throw .emptyList
    }
    guard hosts.count <= MemberList.limit else {
      throw .longList(count: hosts.count)
    }
    // A name that mesos-dns does not know is answered with status 200 and one host that has
    // neither name nor address.
    if hosts.allSatisfy({ $0.host.isEmpty && $0.ip.isEmpty }) {
      throw .emptyHost
    }
    return try hosts.map { (host) throws(ObservationError.Reason) in
      try IPAddress.listed(host.ip)
    }
  }
}

extension IPAddress {
  fileprivate static func listed(_ text: String) throws(ObservationError.Reason) -> IPAddress {
    do {
      return try IPAddress(Excerpt.of(text))
    } catch {
      throw .notAnAddress(error)
    }
  }
}
