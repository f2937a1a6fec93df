/// A key that a section cannot have, and the one that was probably meant.
struct UnknownKey {
  /// A key of this section.
  let suggestion: String?
  /// Where a key of this very name stands, if not here.
  let place: String?
  private let keys: [String]

  init(_ name: String, among keys: [String]) {
    self.keys = keys
    let meant = Self.meanings[name.lowercased().replacing("_", with: "-")]
    let place = Self.places.first { $0.keys.contains(name) }?.place
    let suggestion =
      meant?.first(where: keys.contains)
      ?? (place == nil ? NearestWord(known: keys).suggestion(for: name) : nil)
    self.suggestion = suggestion
    self.place = suggestion == nil ? place : nil
  }

  /// What helps.
  var remedy: String {
    if let suggestion { return "Did you mean \(suggestion)?" }
    if let place { return "Move it \(place)" }
    return "The keys here are \(keys.joined(separator: ", "))"
  }

  /// Where the keys of each section belong; of a key that several sections have, the first counts.
  private static let places: [(keys: [String], place: String)] = [
    (ConfigurationReader.keys, "to the top level of the file, with no blanks before it"),
    (BINDConfiguration.keys, "below bind"),
    (ClusterConfiguration.keys.filter { $0 != "name" }, "into an entry of clusters"),
    (AliasConfiguration.keys.filter { $0 != "name" }, "into an entry of aliases"),
    (ZoneConfiguration.keys, "below the name of its zone in zones"),
    (MetricsConfiguration.keys, "below metrics"),
    (HooksConfiguration.keys, "below hooks"),
  ]

  /// What other programs call a key, and this one does not.
  private static let meanings: [String: [String]] = [
    "addresses": ["masters", "forwarders"],
    "alias": ["aliases"],
    "ca": ["ca-certificate"],
    "ca-bundle": ["ca-certificate"],
    "ca-file": ["ca-certificate"],
    "cacert": ["ca-certificate"],
    "cert": ["ca-certificate"],
    "chroot": ["root"],
    "cluster": ["clusters"],
    "config": ["named-conf"],
    "domain": ["name"],
    "domains": ["aliases"],
    "email": ["contact"],
    "endpoints": ["masters"],
    "fingerprint": ["certificate-sha256"],
    "hosts": ["masters"],
    "id": ["cluster-id"],
    "listen-address": ["listen"],
    "named-config": ["named-conf"],
    "names": ["aliases"],
    "nameserver": ["primary"],
    "nameservers": ["forwarders"],
    "ns": ["primary"],
    "on-change": ["change"],
    "on-problem": ["problem"],
    "period": ["interval"],
    "poll-interval": ["interval"],
    "port": ["dns-port", "query"],
    "prometheus": ["metrics"],
    "refresh": ["interval"],
    "servers": ["masters"],
    "skip-verify": ["insecure"],
    "state-dir": ["state-directory"],
    "target": ["label"],
    "tls-ca": ["ca-certificate"],
    "tls-verify": ["insecure"],
    "token": ["token-file"],
    "tsig-key": ["update-key"],
    "url": ["masters"],
    "urls": ["masters"],
    "user": ["uid"],
    "username": ["uid"],
    "verify": ["insecure"],
    "verify-tls": ["insecure"],
    "view": ["views"],
    "zone": ["zones", "name"],
  ]
}
