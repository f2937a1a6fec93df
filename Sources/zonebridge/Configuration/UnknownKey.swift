/// A key that a section cannot have, and the one that was probably meant.
struct UnknownKey {
  let suggestion: String?

  init(_ name: String, among keys: [String]) {
    suggestion =
      Self.meanings[name.lowercased().replacing("_", with: "-")]?.first(where: keys.contains)
      ?? NearestWord(known: keys).suggestion(for: name)
  }

  /// What other programs call a key, and this one does not.
  private static let meanings: [String: [String]] = [
    "addresses": ["masters", "forwarders"],
    "alias": ["aliases"],
    "ca": ["ca-certificate"],
    "ca-bundle": ["ca-certificate"],
    "ca-file": ["ca-certificate"],
    "cacert": ["ca-certificate"],
    "cert": ["ca-certificate"],
    "domain": ["name"],
    "email": ["contact"],
    "endpoints": ["masters"],
    "fingerprint": ["certificate-sha256"],
    "hosts": ["masters"],
    "id": ["cluster-id"],
    "named-config": ["named-conf"],
    "nameserver": ["primary"],
    "ns": ["primary"],
    "period": ["interval"],
    "poll-interval": ["interval"],
    "port": ["dns-port"],
    "prometheus": ["metrics"],
    "refresh": ["interval"],
    "servers": ["masters"],
    "skip-verify": ["insecure"],
    "state-dir": ["state-directory"],
    "target": ["label"],
    "tls-ca": ["ca-certificate"],
    "token": ["token-file"],
    "tsig-key": ["update-key"],
    "url": ["masters"],
    "urls": ["masters"],
    "user": ["uid"],
    "username": ["uid"],
    "view": ["views"],
    "zone": ["zones", "name"],
  ]
}
