import DCOS
import ReconcileModel
import SystemPackage

/// The keys of a cluster that say how to recognise its masters.
enum TrustConfiguration {
  static func read(
    in section: ConfigurationSection
  ) throws(ConfigurationError) -> Trust {
    let isInsecure = section.value("insecure") { try $0.boolean() } ?? false
    switch (section["ca-certificate"], section["certificate-sha256"]) {
    case (let file?, nil):
      guard !isInsecure else { throw idleBesideInsecure(file) }
      return .certificates(file: try file.path().string)
    case (nil, let pin?):
      guard !isInsecure else { throw idleBesideInsecure(pin) }
      return .fingerprints(try fingerprints(pin))
    case (_?, let pin?):
      throw pin.error(
        "ca-certificate and certificate-sha256 cannot be used together",
        remedy: "Remove one of the two")
    case (nil, nil):
      return isInsecure ? .unverified : .system
    }
  }

  /// Looks whether a master may be asked in the way that is written.
  static func check(
    _ master: MasterEndpoint, at node: ConfigurationNode, _ trust: Trust,
    _ login: CredentialsConfiguration?
  ) throws(ConfigurationError) {
    guard master.scheme == .http else { return }
    if case .fingerprints = trust {
      throw node.error(
        "\(master) shows no certificate, and certificate-sha256 pins one",
        remedy: "Write https://")
    }
    if let login, !trust.guardsSecrets(onTheWayTo: master) {
      throw node.error(
        """
        \(master) would be sent the credentials of \(login.key) in clear text
        """, remedy: "Write https://, or insecure: true to accept that")
    }
  }

  /// What an operator reads at each start about an insecure cluster.
  static func note(on cluster: Cluster) -> ConfigurationNote? {
    guard case .polled(let masters, .unverified) = cluster.source else { return nil }
    var facts: [String] = []
    if masters.contains(where: { $0.scheme == .https }) {
      facts.append(
        "any host in between can impersonate a master, since certificates are not verified")
    }
    if masters.contains(where: { $0.scheme == .http }) {
      facts.append("what masters say over http:// can be read and changed in transit")
    }
    if case .none = cluster.credentials {
    } else {
      facts.append("the credentials can be read in transit")
    }
    return ConfigurationNote(
      "cluster \(cluster.name) is insecure: \(facts.joined(separator: "; "))")
  }

  private static func idleBesideInsecure(_ node: ConfigurationNode) -> ConfigurationError {
    node.error(
      "has no effect together with insecure: true, which verifies nothing",
      remedy: "Remove one of the two")
  }

  private static func fingerprints(
    _ node: ConfigurationNode
  ) throws(ConfigurationError) -> Set<CertificateFingerprint> {
    guard node.isList else { return [try fingerprint(node)] }
    return Set(try node.nonEmptyList("the fingerprints", read: fingerprint))
  }

  private static func fingerprint(
    _ node: ConfigurationNode
  ) throws(ConfigurationError) -> CertificateFingerprint {
    let expected = """
      the certificate's SHA-256 as 64 hexadecimal digits in quotes, as \
      openssl x509 -noout -fingerprint -sha256 prints it
      """
    let text = try node.text(expected)
    guard let fingerprint = CertificateFingerprint(text) else {
      throw node.error("'\(text)' is not a fingerprint", remedy: "Write \(expected)")
    }
    return fingerprint
  }
}
