import DNSNames
import ReconcileModel
import SystemPackage

/// A value of the map `zones`.
enum ZoneConfiguration {
  static func read(
    _ node: ConfigurationNode, zone: DomainName
  ) throws(ConfigurationError) -> ZoneSettings {
    let section = try ConfigurationSection(
      node, keys: ["create", "serial", "views", "update-key"])
    return ZoneSettings(
      create: try section["create"].map { (create) throws(ConfigurationError) in
        try createdZone(create, zone: zone)
      },
      serial: try section["serial"]?.word(SerialPolicy.self, "serial policy") ?? .increment,
      views: try section["views"].map(BINDConfiguration.views),
      updateKey: try section["update-key"]?.path())
  }

  private static func createdZone(
    _ node: ConfigurationNode, zone: DomainName
  ) throws(ConfigurationError) -> CreatedZone {
    let section = try ConfigurationSection(node, keys: ["file", "primary", "contact"])
    let file = try section.required("file", "the path of the zone file")
    let primary = try section.required("primary", "the name of the zone's primary name server")
    let contact = try section.required(
      "contact", "the administrator's mailbox, as in hostmaster.contoso.com")
    return CreatedZone(
      file: try zoneFile(file), primary: try server(primary, of: zone),
      contact: try mailbox(contact, of: zone))
  }

  /// A path that can stand in named.conf between quotes as it is.
  private static func zoneFile(_ node: ConfigurationNode) throws(ConfigurationError) -> FilePath {
    let path = try node.path()
    guard
      !path.string.utf8.contains(where: { $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") })
    else {
      throw node.error(
        "a quote or backslash stands in the path", remedy: "Choose another name for the file")
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
        \(name) lies in the zone \(zone.withoutTrailingDot) itself: its NS record would need an \
        address record beside it, and below a DNAME at the apex named refuses that ("is below a \
        DNAME (illegal)")
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
        "a mailbox in a zone file has a dot in place of its @", remedy: "Write \(mailbox)")
    }
    return try node.domainName(text, "the mailbox with a dot in place of its @, as in \(example)")
  }
}
