import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

extension ObservationError.Reason {
  /// What an error of the HTTP client tells an operator.
  init(transportError error: any Error, timeout: Duration) {
    self =
      switch error {
      case is CancellationError: .calledOff
      case is DeadlineExceeded: .timedOut(after: timeout)
      case is AnswerTooLarge: .tooLarge(limit: WireLimit.bodyLimit)
      case let error as NameUnresolved: .unreachable(.nameUnresolved(error.host))
      case let error as ForeignCertificate: .tls(.foreignCertificate(error.seen))
      case let error as HTTPParserError: error == .invalidEOFState ? .cutShort : .notHTTP
      case is NIOHTTPDecoderError: .notHTTP
      case let error as NIOConnectionError: .unreachable(ConnectionError(error))
      case let error as IOError: Self(error)
      case ChannelError.connectTimeout: .unreachable(.timedOut)
      case is ChannelError: .cutShort
      case let error as NIOSSLError where error.isAboutTheEnd: .cutShort
      case let error as NIOSSLError: .tls(TLSError(error))
      case let error as NIOSSLExtraError where error == .failedToValidateHostname: .tls(.wrongHost)
      default: .unreachable(.other(words(of: error)))
      }
  }

  private init(_ error: IOError) {
    switch error.errnoCode {
    case ECONNRESET, EPIPE: self = .cutShort
    default: self = .unreachable(ConnectionError(error))
    }
  }
}

/// The words of an error of a library, of which nobody has promised what they quote: one line of plain letters
/// that is not long.
private func words(of error: any Error) -> String {
  let text = String(describing: error).unicodeScalars.prefix(300)
  return String(
    decoding: text.map { (0x20..<0x7f).contains($0.value) ? UInt8($0.value) : UInt8(ascii: "?") },
    as: UTF8.self)
}

extension ConnectionError {
  fileprivate init(_ error: NIOConnectionError) {
    if let attempt = error.connectionErrors.first {
      self =
        switch attempt.error {
        case let error as IOError: ConnectionError(error)
        case ChannelError.connectTimeout: .timedOut
        case let error: .other(words(of: error))
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

extension NIOSSLError {
  /// Whether the connection ended, in the handshake or later, without TLS having been told.
  fileprivate var isAboutTheEnd: Bool {
    switch self {
    case .uncleanShutdown: true
    case .handshakeFailed(.sslError(let errors)): errors.contains(.eofDuringHandshake)
    default: false
    }
  }
}

extension TLSError {
  fileprivate init(_ error: NIOSSLError) {
    switch error {
    case .unableToValidateCertificate:
      self = .wrongHost
    case .handshakeFailed(let reason):
      self.init(boringSSL: String(describing: reason))
    default:
      self = .other(words(of: error))
    }
  }

  /// Reads BoringSSL's own names for its errors; NIOSSL hands on nothing finer than their text.
  private init(boringSSL text: String) {
    // Numbers and places in its source stand around them, which tell an operator nothing.
    let names = text.matches(of: /OPENSSL_internal:([A-Z0-9_]+)/).map(\.output.1)
    if names.contains("CERTIFICATE_VERIFY_FAILED") {
      self = .unverifiable
    } else if names.contains(where: { ["WRONG_VERSION_NUMBER", "HTTP_REQUEST"].contains($0) }) {
      self = .notTLS
    } else if names.isEmpty {
      self = .other("the handshake failed")
    } else {
      let words = names.map { $0.lowercased().split(separator: "_").joined(separator: " ") }
      self = .other("the handshake failed (\(words.joined(separator: ", ")))")
    }
  }
}
