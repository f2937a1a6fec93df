import FoundationEssentials

/// The answer to the key question: the one place that sees the cluster's secret key.
///
/// Only the public key is decoded. Nothing of the body leaves here but a valid ID: not in an error
/// either, for a decoder's error may quote what it stumbled over.
enum KeyAnswer {
  private struct Body: Decodable {
    let publicKey: String

    private enum CodingKeys: String, CodingKey {
      case publicKey = "zbase32_public_key"
    }
  }

  static func clusterID(
    in bytes: [UInt8]
  ) throws(ObservationError.Reason) -> ClusterID {
    guard let body = try? JSONDecoder().decode(Body.self, from: Data(bytes)) else {
      throw .unreadableJSON(bytes, expected: "a zbase32_public_key")
    }
    do {
      return try ClusterID(body.publicKey)
    } catch {
      throw .notAnID(error)
    }
  }
}
