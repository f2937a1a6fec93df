import Glibc

/// Why the simulator cannot do what it was asked to do.
package enum SimulatorError: Error, Hashable, Sendable, CustomStringConvertible {
  case noMasters
  case notAnAddress(String)
  case noSuchMaster(String, masters: [String])
  case alreadyAMaster(String)
  case notRunning
  case cannotListen(address: String, ports: [Int], errno: Int32)
  case unreadableCommand(String)
  case openssl(String)

  package var description: String {
    switch self {
    case .noMasters:
      "a cluster has at least one master"
    case .notAnAddress(let text):
      "\(text) is not an IPv4 or IPv6 address"
    case .noSuchMaster(let text, let masters):
      "\(text) is not a master; masters are \(masters.joined(separator: ", "))"
    case .alreadyAMaster(let text):
      "\(text) is a master already"
    case .notRunning:
      "the cluster is not running"
    case .cannotListen(let address, let ports, let code):
      """
      \(address) cannot be listened on at ports \(ports.map(String.init).joined(separator: " and ")): \
      \(unsafe String(cString: strerror(code)))
      """
    case .unreadableCommand(let text):
      text
    case .openssl(let reason):
      "openssl makes no certificate: \(reason)"
    }
  }

  var isAboutATakenPort: Bool {
    guard case .cannotListen(_, _, EADDRINUSE) = self else {
      return false
    }
    return true
  }
}
