import FoundationEssentials

/// The answer to a login; only its token is decoded.
enum LoginAnswer {
  private struct Body: Decodable {
    let token: String
  }

  static func token(
    in bytes: [UInt8], obtained: Double
  ) throws(ObservationError.Reason) -> Token {
    guard let body = try? JSONDecoder().decode(Body.self, from: Data(bytes)),
      let token = Token(body.token, obtained: obtained)
    else {
      throw .unreadableJSON(bytes, expected: "a token")
    }
    return token
  }
}
