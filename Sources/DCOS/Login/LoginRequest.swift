import FoundationEssentials

/// What is sent to log in, and on whose behalf.
struct LoginRequest: Sendable {
  let uid: String
  /// The JSON that goes to the master.
  let body: Secret

  private struct Body: Encodable {
    let uid: String
    var password: String?
    var token: String?
  }

  /// A person's login.
  init(uid: String, password contents: Secret) throws(SecretError.Problem) {
    let password = contents.exposed.withoutFinalLineEnd
    guard !password.isEmpty else {
      throw .empty
    }
    guard password.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7f }) else {
      throw .severalLines
    }
    self.init(Body(uid: uid, password: String(password)))
  }

  /// A program's login, which proves that it has the private key.
  init(_ account: ServiceAccount, at now: Double) throws(SecretError.Problem) {
    guard let proof = WebToken.signed(for: account, at: now) else {
      throw .noKey
    }
    self.init(Body(uid: account.uid, token: proof.exposed))
  }

  private init(_ body: Body) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // Two strings always encode.
    let data = (try? encoder.encode(body)) ?? Data()
    uid = body.uid
    self.body = Secret(String(decoding: data, as: UTF8.self))
  }
}

extension String {
  fileprivate var withoutFinalLineEnd: Substring {
    last?.isNewline == true ? dropLast() : self[...]
  }
}
