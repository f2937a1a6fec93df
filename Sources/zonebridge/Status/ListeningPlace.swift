import DNSNames
import Glibc
import NIOCore
import Named
import ReconcileModel
import SystemPackage

/// Where the agent answers over HTTP.
enum ListeningPlace: Hashable, Sendable, CustomStringConvertible {
  case address(Endpoint)
  /// A socket in the file system. Who may connect is decided by the directory, as it is for the files in it.
  case socket(FilePath)
  /// One that the service manager listens on, and that stays open when the service no longer uses it.
  case inherited(CInt)

  var description: String {
    switch self {
    case .address(let endpoint): "\(endpoint)"
    case .socket(let path): "\(path)"
    case .inherited(let descriptor): "the socket that systemd handed over (\(descriptor))"
    }
  }
}

/// Why the agent does not answer at a place.
struct ListeningError: OperatorError, Hashable {
  var place: ListeningPlace
  var reason: String
  var remedy: String?

  var cause: String { "cannot listen on \(place): \(reason)" }

  var description: String { cause + (remedy.map { ". \($0)" } ?? "") }

  init(_ place: ListeningPlace, reason: String, remedy: String) {
    self.place = place
    self.reason = reason
    self.remedy = remedy
  }

  init(_ place: ListeningPlace, _ error: any Error) {
    let code = (error as? IOError).map { Errno(rawValue: $0.errnoCode) } ?? (error as? Errno)
    self.init(
      place, reason: code.map { "\($0)" } ?? "\(error)", remedy: Self.remedy(for: code, at: place))
  }

  private static func remedy(for code: Errno?, at place: ListeningPlace) -> String {
    switch (place, code) {
    case (.address(let endpoint), .addressInUse?):
      "See who does: ss -ltnp sport = :\(endpoint.port); or set another port in metrics.listen"
    case (.address, .addressNotAvailable?):
      "metrics.listen has to be an address of this host: see ip address"
    case (.address, .permissionDenied?):
      "Ports below 1024 need root: set a higher one in metrics.listen"
    case (.socket(let path), .permissionDenied?), (.socket(let path), .readOnlyFileSystem?):
      "The user that zonebridge runs as has to be able to write to \(path.removingLastComponent())"
    case (.socket, .fileNameTooLong?):
      "The path of a socket has 107 bytes at most: set a shorter state-directory"
    case (.socket, _): "Until then zonebridge status shows the last recorded pass"
    case (.inherited, _): "It has to be a stream socket: ListenStream= in the socket unit"
    default: "The agent runs without it"
    }
  }
}
