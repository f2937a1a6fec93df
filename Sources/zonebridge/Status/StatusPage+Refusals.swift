import NIOHTTP1

// What is answered to requests that are not carried out; what stands in them is not repeated.
extension StatusPage {
  /// For a method that would change something.
  static let onlyToRead = StatusPage(
    refusal: .methodNotAllowed, "only GET and HEAD are answered: there is nothing to change here")

  static let noBody = StatusPage(
    refusal: .payloadTooLarge, "a request has no body here: send it without one")

  /// For an HTTP/1.1 request that does not say whom it is for, or says so twice (RFC 9112 section 3.2).
  static let noHost = StatusPage(
    refusal: .badRequest, "the request has to have one Host field, with a name or an address")

  /// For another host's name (RFC 9110 section 15.5.20).
  static let otherHost = StatusPage(
    refusal: .misdirectedRequest,
    """
    zonebridge does not answer under the name in the Host field. Use the address, or the name of the host, or add the \
    name to metrics.host-names in zonebridge's configuration
    """)

  /// For what the parser does not take.
  init(_ error: HTTPParserError) {
    switch error {
    case .headerOverflow:
      self.init(
        refusal: .requestHeaderFieldsTooLarge,
        "a request has at most \(ListenerBounds.request.maxHeaderListSize) bytes here, and "
          + "\(ListenerBounds.request.maxHeaderFieldCount) fields of "
          + "\(ListenerBounds.request.maxHeaderFieldSize) bytes")
    case .invalidVersion:
      self.init(refusal: .httpVersionNotSupported, "only HTTP/1.1 and HTTP/1.0 are spoken here")
    default: self.init(refusal: .badRequest, "this is not an HTTP request")
    }
  }

  private init(refusal status: HTTPResponseStatus, _ reason: String) {
    self.init(status: status, body: reason + "\n")
  }
}
