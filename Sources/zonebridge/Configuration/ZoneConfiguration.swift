import DNSNames
import ReconcileModel
import SystemPackage

/// A value of the map `zones`.
enum ZoneConfiguration {
  static let keys = ["create", "serial", "views", "update-key"]

  static func read(
    _ node: ConfigurationNode, zone: DomainName
  ) -> ZoneSettings {
    let section = ConfigurationSection(node, keys: keys)
    return ZoneSettings(
      create: section["create"].flatMap { createdZone($0, zone: zone) },
      serial: section.value("serial") { try $0.word(SerialPolicy.self, "serial policy") }
        ?? .increment,
      views: section.value("views", BINDConfiguration.views),
      updateKey: section.value("update-key") { try $0.path() })
  }

  private static func createdZone(
    _ node: ConfigurationNode, zone: DomainName
  ) -> CreatedZone? {
    let section = ConfigurationSection(node, keys: ["file", "primary", "contact"])
    let file = section.required("file", "the path of the zone file", zoneFile)
    let primary = section.required("primary", "the name of the zone's primary name server") {
      try server($0, of: zone)
    }
    let contact = section.required(
      "contact", "the administrator's mailbox, as in hostmaster.contoso.com"
    ) { try mailbox($0, of: zone) }
    guard let file, let primary, let contact else { return nil }
    return CreatedZone(file: file, primary: primary, contact: contact)
  }

  /// A path that can stand in named.conf between quotes as it is.
  private static func zoneFile(_ node: ConfigurationNode) throws(ConfigurationError) -> FilePath {
    let path = try node.path()
    guard
      !path.string.utf8.contains(where: { $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") })
    else {
      throw node.error(
        "the path has a quote or backslash in it", remedy: "Choose another name for the file")
    }
    return path
  }

  private static func server(
    _ node: ConfigurationNode, of zone: DomainName
  ) throws(ConfigurationError) -> DomainName {
    let name = try node.domainName("the server's whole name, as in ns1.contoso.net")
    guard !name.isSubdomain(of: zone) else {
      throw node.error(
        """
        \(name) is in the zone \(zone.withoutTrailingDot) itself: it would need an address record there, \
        which named refuses below a DNAME
        """, remedy: "Name a server outside the zone")
    }
    return name
  }

  /// The mailbox as a domain name, whose first label is the part before the @ (RFC 1035 section
  /// 3.3.13).
  private static func mailbox(
    _ node: ConfigurationNode, of zone: DomainName
  ) throws(ConfigurationError) -> DomainName {
    let example = "hostmaster.\(zone.withoutTrailingDot)"
    let text = try node.text("the administrator's mailbox, as in \(example)")
    if let at = text.firstIndex(of: "@") {
      let local = text[..<at].replacing(".", with: "\\.")
      let domain = text[text.index(after: at)...]
      let mailbox = local.isEmpty || domain.isEmpty ? example : "\(local).\(domain)"
      throw node.error(
        "a mailbox in a zone file has a dot in place of its @ (RFC 1035 section 3.3.13)",
        remedy: "Write \(mailbox)")
    }
    return try node.domainName(text, "the mailbox with a dot in place of its @, as in \(example)")
  }
}
