import AsyncHTTPClient
import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

extension ObservationFailure.Reason {
  /// What an error of the HTTP client tells an operator.
  init(transportError error: any Error, timeout: Duration) {
    self =
      switch error {
      case is CancellationError: .calledOff
      case is DeadlineExceeded: .timedOut(after: timeout)
      case is NIOTooManyBytesError: .tooLarge(limit: MasterClient.bodyLimit)
      case let error as ForeignCertificate: .tls(.foreignCertificate(error.seen))
      case let error as HTTPClientError: Self(error, timeout: timeout)
      case let error as HTTPParserError: error == .invalidEOFState ? .cutShort : .notHTTP
      case let error as NIOConnectionError: .unreachable(ConnectionTrouble(error))
      case let error as IOError: Self(error)
      case ChannelError.connectTimeout: .unreachable(.timedOut)
      case is ChannelError: .cutShort
      case let error as NIOSSLError: .tls(TLSTrouble(error))
      case let error as NIOSSLExtraError where error == .failedToValidateHostname: .tls(.wrongHost)
      default: .unreachable(.other(String(describing: error)))
      }
  }

  private init(_ error: HTTPClientError, timeout: Duration) {
    self =
      switch error {
      // One limit covers TCP and TLS, and what is told depends on which of them looks first.
      case .connectTimeout, .tlsHandshakeTimeout, .getConnectionFromPoolTimeout:
        .unreachable(.timedOut)
      case .cancelled: .calledOff
      case .remoteConnectionClosed: .cutShort
      case .readTimeout, .deadlineExceeded: .timedOut(after: timeout)
      default: .unreachable(.other(error.shortDescription))
      }
  }

  private init(_ error: IOError) {
    switch error.errnoCode {
    case ECONNRESET, EPIPE: self = .cutShort
    default: self = .unreachable(ConnectionTrouble(error))
    }
  }
}

extension ConnectionTrouble {
  fileprivate init(_ error: NIOConnectionError) {
    if let attempt = error.connectionErrors.first {
      self =
        switch attempt.error {
        case let error as IOError: ConnectionTrouble(error)
        case ChannelError.connectTimeout: .timedOut
        case let error: .other(String(describing: error))
        }
    } else if error.dnsAError != nil || error.dnsAAAAError != nil {
      self = .nameNotFound(error.host)
    } else {
      self = .timedOut
    }
  }

  fileprivate init(_ error: IOError) {
    self =
      switch error.errnoCode {
      case ECONNREFUSED: .refused
      case ETIMEDOUT: .timedOut
      case EHOSTUNREACH, ENETUNREACH, EACCES, EPERM, EADDRNOTAVAIL:
        .noRoute(errnoText(error.errnoCode))
      default: .other(errnoText(error.errnoCode))
      }
  }
}

extension TLSTrouble {
  fileprivate init(_ error: NIOSSLError) {
    switch error {
    case .unableToValidateCertificate:
      self = .wrongHost
    case .handshakeFailed(let reason):
      // BoringSSL's own names for its errors; NIOSSL hands on nothing finer than their text.
      let text = String(describing: reason)
      if text.contains("CERTIFICATE_VERIFY_FAILED") {
        self = .unverifiable
      } else if text.contains("WRONG_VERSION_NUMBER") || text.contains("HTTP_REQUEST") {
        self = .notTLS
      } else {
        self = .other(text)
      }
    default:
      self = .other(String(describing: error))
    }
  }
}
