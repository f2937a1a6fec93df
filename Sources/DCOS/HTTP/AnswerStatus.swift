import NIOHTTP1

/// What Admin Router's status codes mean.
enum AnswerStatus {
  /// Why an answer with this head holds nothing to read; nil for one that does.
  static func refusal(
    of resource: Resource, head: HTTPResponseHead
  ) -> ObservationError.Reason? {
    let isHTML = head.headers.first(name: "Content-Type")?.lowercased().hasPrefix("text/html")
    switch head.status.code {
    case 200:
      return isHTML == true ? .htmlPage : nil
    case 300...399:
      let location = head.headers.first(name: "Location").map(Excerpt.of)
      return .redirected(status: Int(head.status.code), location: location)
    case 401:
      return .loginRequired(scheme: authenticationScheme(in: head.headers))
    case 403:
      return .forbidden(resource)
    case 404:
      // dcos-net's own 404 calls itself JSON though it is plain text; a web server's is HTML.
      return resource == .key && isHTML != true ? .keyNotYetThere : .noSuchPath
    case 502, 503, 504:
      return .backEndDown(status: Int(head.status.code))
    default:
      return .unexpectedStatus(Int(head.status.code))
    }
  }

  /// The scheme alone (RFC 9110 section 11.6.1): oauthjwt in DC/OS Open, acsjwt in Enterprise.
  private static func authenticationScheme(in headers: HTTPHeaders) -> String? {
    let scheme = headers.first(name: "WWW-Authenticate")?.prefix(40)
      .prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
    return scheme.flatMap { $0.isEmpty ? nil : String($0) }
  }
}
