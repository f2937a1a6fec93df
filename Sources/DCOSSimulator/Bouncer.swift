import CryptoExtras
import FoundationEssentials

/// The answers of DC/OS's bouncer to a login, as captured from a real one.
struct Bouncer {
  static let path = "/acs/api/v1/auth/login"

  /// The accounts that may log in.
  var accounts: Accounts
  /// The key that signs tokens, shared by all clusters of a process.
  private static let key = Result { try _RSA.Signing.PrivateKey(keySize: .bits2048) }
  private var count = 0
  /// The expiry of each valid token, in seconds since 1970.
  private var issued: [String: Double] = [:]

  private struct Login: Decodable {
    let uid: String
    var password: String?
    var token: String?
  }

  init(accounts: Accounts) {
    self.accounts = accounts
  }

  /// The tokens issued so far, except those invalidated by `forgetTokens()`.
  var tokens: [String] { Array(issued.keys) }

  /// Whether a token was issued here and is still valid.
  func holds(_ token: Substring, at now: Double = Date.now.timeIntervalSince1970) -> Bool {
    issued[String(token)].map { now < $0 } ?? false
  }

  /// Invalidates all tokens issued so far.
  mutating func forgetTokens() {
    issued = [:]
  }

  mutating func answer(_ request: HTTPListener.Request) -> HTTPReply {
    guard request.contentType == "application/json", !request.body.isEmpty else {
      return Self.refusal(
        400, title: "Bad Request",
        description: "Request has bad Content-Type or lacks JSON data")
    }
    guard let login = try? JSONDecoder().decode(Login.self, from: Data(request.body)) else {
      // The real bouncer continues with the error message of its decoder.
      return Self.refusal(400, title: "Bad Request", description: "Cannot decode JSON body: …")
    }
    let isRight: Bool
    switch (login.password, login.token) {
    case (let password?, nil):
      isRight = accounts.passwords[login.uid] == password
    case (nil, let token?):
      isRight = accounts.serviceKeys[login.uid].map { isProof(token, of: login.uid, $0) } ?? false
    default:
      return Self.refusal(
        400, title: "400 Bad Request",
        description: "Exactly one of `token` and `password` must be provided in the request body")
    }
    guard isRight, let token = token(for: login.uid) else {
      var reply = Self.refusal(
        401, title: "401 Unauthorized", description: "Invalid credentials.",
        code: "ERR_INVALID_CREDENTIALS")
      reply.extraHeaders.insert(("WWW-Authenticate", "acsjwt"), at: 0)
      return reply
    }
    var reply = HTTPReply(
      contentType: "application/json; charset=utf-8", body: "{\n  \"token\": \"\(token)\"\n}\n")
    reply.extraHeaders = [
      (
        "Set-Cookie",
        "dcos-acs-auth-cookie=\(token); HttpOnly; Max-Age=164160; Path=/"
      )
    ]
    return reply
  }

  private func isProof(_ token: String, of uid: String, _ publicKey: String) -> Bool {
    guard let key = try? _RSA.Signing.PublicKey(pemRepresentation: publicKey),
      let claims = SignedToken.claims(in: token, signedBy: key)
    else { return false }
    return claims.uid == uid && Date.now.timeIntervalSince1970 < Double(claims.exp)
  }

  private mutating func token(for uid: String) -> String? {
    guard let key = try? Self.key.get() else { return nil }
    let end = Date.now.timeIntervalSince1970 + Double(accounts.tokenLife)
    // The real bouncer uses whole seconds, and issues the same token twice within one second; tests need to tell tokens
    // apart.
    count += 1
    let claims = SignedToken.Claims(uid: uid, exp: end.rounded(.up) + Double(count % 1000) / 1000)
    guard let token = SignedToken.text(claims, signedBy: key) else { return nil }
    issued[token] = end
    return token
  }

  private static func refusal(
    _ status: Int, title: String, description: String, code: String? = nil
  ) -> HTTPReply {
    let code = code.map { #", "code": "\#($0)""# } ?? ""
    var reply = HTTPReply(
      status: status, contentType: "application/json; charset=UTF-8",
      body: #"{"title": "\#(title)", "description": "\#(description)"\#(code)}"#)
    reply.extraHeaders = [("Vary", "Accept")]
    return reply
  }
}
