import NIOHTTP1

/// The answers of a master's Admin Router, byte for byte as captured from a real one.
enum AdminRouter {
  /// The answer of one master to a request; `bouncer` stands for the services behind it that issue tokens.
  static func reply(
    to request: HTTPListener.Request, from master: String, in state: ClusterState,
    bouncer: inout Bouncer
  ) -> HTTPReply {
    let failure = state.failures[master]
    if let reply = failure.flatMap({
      replyToAnything($0, path: request.path, host: request.host)
    }) {
      return reply
    }
    var reply: HTTPReply
    if request.path == Bouncer.path, request.method == .POST, state.hasLogin {
      reply = bouncer.answer(request)
    } else if isBarred(request, in: state, bouncer) {
      reply = refusal(401)
    } else if keyPaths.contains(request.path), request.method != .GET {
      // dcos-net itself rejects every method except GET there, even HEAD (RFC 9110 section 9.3.2: without a body).
      reply = refusal(405)
      if request.method == .HEAD { reply.body = [] }
    } else {
      // dcos-net treats the key's path with a trailing slash like the path itself.
      let isKeyWithSlash = keyPaths.contains { "\($0)/" == request.path }
      let path = isKeyWithSlash ? String(request.path.dropLast()) : request.path
      let lacksKey = keyPaths.contains(path) && state.isKeyless(master)
      reply = self.reply(to: path, failure: lacksKey ? .http(404) : failure, in: state)
    }
    switch failure {
    case .truncatedJSON: reply.body.removeLast(reply.body.count / 3)
    case .cutShort: reply.ending = .cutShort
    case .drips: reply.ending = .drips
    default: break
    }
    return reply
  }

  private static let keyPaths: Set<String> = ["/navstar/lashup/key", "/net/lashup/key"]

  private static func isBarred(
    _ request: HTTPListener.Request, in state: ClusterState, _ bouncer: Bouncer
  ) -> Bool {
    guard state.hasLogin || state.requiredToken != nil,
      state.guardsExhibitor || request.path != "/exhibitor/exhibitor/v1/cluster/status"
    else { return false }
    let scheme = "token="
    guard let given = request.authorization, given.hasPrefix(scheme) else { return true }
    let token = given.dropFirst(scheme.count)
    return state.requiredToken != String(token) && !bouncer.holds(token)
  }

  /// The answer to every path, for failures that affect all paths alike.
  private static func replyToAnything(
    _ failure: Failure, path: String, host: String?
  ) -> HTTPReply? {
    switch failure {
    case .http(let status) where status != 404:
      return refusal(status)
    case .htmlPage:
      return HTTPReply(contentType: "text/html", body: CapturedPages.welcome)
    case .hugeBody(let count):
      var reply = HTTPReply(body: "")
      reply.blanks = count
      return reply
    case .hangs, .unreachable:
      var reply = HTTPReply(body: "")
      reply.ending = .never
      return reply
    case .redirect:
      var reply = HTTPReply(status: 307, contentType: nil, body: "")
      reply.extraHeaders = [("Location", "https://\(host ?? "localhost")\(path)")]
      return reply
    default:
      return nil
    }
  }

  private static func reply(
    to path: String, failure: Failure?, in state: ClusterState
  ) -> HTTPReply {
    switch (path, failure) {
    case ("/navstar/lashup/key", .http(404)), ("/net/lashup/key", .http(404)):
      refusal(404)
    case ("/navstar/lashup/key", .keyForbidden), ("/net/lashup/key", .keyForbidden):
      refusal(403)
    case ("/navstar/lashup/key", _), ("/net/lashup/key", _):
      key(failure == .notAnID ? "fdb1d7c0-06cf-4d65-bb9b-a8920bb854ef" : state.id, in: state)
    case ("/exhibitor/exhibitor/v1/cluster/status", .noExhibitor),
      ("/exhibitor/exhibitor/v1/cluster/status", .emptyHost):
      refusal(502)
    case ("/exhibitor/exhibitor/v1/cluster/status", .emptyList):
      HTTPReply(body: "[]")
    case ("/exhibitor/exhibitor/v1/cluster/status", _):
      exhibitorStatus(in: state, byName: failure == .namesAsAddresses)
    case ("/mesos_dns/v1/hosts/master.mesos", .emptyHost):
      mesosDNS(host: "", addresses: [""])
    case ("/mesos_dns/v1/hosts/master.mesos", _):
      mesosDNS(host: "master.mesos.", addresses: state.mastersAlive)
    case ("/mesos_dns/v1/hosts/leader.mesos", _):
      mesosDNS(host: "leader.mesos.", addresses: state.leader.map { [$0] } ?? [""])
    case (_, _) where path.hasPrefix("/mesos_dns/v1/hosts/"):
      mesosDNS(host: "", addresses: [""])
    default:
      HTTPReply(
        status: 404, contentType: "text/html", body: CapturedPages.nginx("404 Not Found"))
    }
  }

  private static func key(_ id: String, in state: ClusterState) -> HTTPReply {
    HTTPReply(
      body: #"{"zbase32_public_key":"\#(id)","zbase32_secret_key":"\#(state.secretKey)"}"#)
  }

  private static func exhibitorStatus(in state: ClusterState, byName: Bool) -> HTTPReply {
    let alive = Set(state.mastersAlive)
    let servers = state.masters.enumerated().map { index, master in
      let host = byName ? "master-\(index + 1).example" : master
      let (code, description) = alive.contains(master) ? (3, "serving") : (1, "down")
      return #"{"hostname":"\#(host)","code":\#(code),"description":"\#(description)","#
        + #""isLeader":\#(master == state.leader)}"#
    }
    return HTTPReply(body: "[\(servers.joined(separator: ","))]")
  }

  private static func mesosDNS(host: String, addresses: [String]) -> HTTPReply {
    let hosts = addresses.map { address in
      """
        {
         "host": "\(host)",
         "ip": "\(address)"
        }
      """
    }
    return HTTPReply(body: "[\n\(hosts.joined(separator: ",\n"))\n ]")
  }

  private static func refusal(_ status: Int) -> HTTPReply {
    switch status {
    case 401:
      var reply = HTTPReply(
        status: 401, contentType: "text/html; charset=UTF-8", body: CapturedPages.login)
      reply.framing = .chunked
      reply.extraHeaders = [("WWW-Authenticate", "oauthjwt")]
      return reply
    case 404:
      return HTTPReply(status: 404, body: "Cluster keys not found in Lashup")
    case 503:
      return HTTPReply(
        status: 503, contentType: "text/plain",
        body: "503 Service Unavailable: invalid Mesos state.")
    default:
      let reason = HTTPResponseStatus(statusCode: status).reasonPhrase
      return HTTPReply(
        status: status, contentType: "text/html", body: CapturedPages.nginx("\(status) \(reason)"))
    }
  }
}
