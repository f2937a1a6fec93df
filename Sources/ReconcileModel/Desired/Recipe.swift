package import DCOS
package import DNSNames
package import SystemPackage

/// The statements and records that make a cluster's names reachable: the documented recipe.
package enum Recipe {
  /// The forward zone that hands `<id>.dcos.directory` to the masters.
  ///
  /// `forward only`: a name of a cluster means nothing to the public DNS, so that asking it after
  /// the masters failed would cache a wrong NXDOMAIN.
  package static func forwardZone(
    id: ClusterID, forwarders: [IPAddress], port: UInt16
  ) -> [String] {
    let list = forwarders.map { port == 53 ? "\($0);" : "\($0) port \(port);" }
    return [
      "zone \"\(id.domain.withoutTrailingDot)\" {",
      "\ttype forward;",
      "\tforward only;",
      "\tforwarders { \(list.joined(separator: " ")) };",
      "};",
    ]
  }

  /// The DNAME record (RFC 6672).
  ///
  /// Its owner and target are absolute and its TTL and class stand in it, so that no `$ORIGIN` or
  /// `$TTL` above it changes what it says.
  package static func alias(_ alias: Alias, target: DomainName) -> [String] {
    ["\(alias.owner) \(alias.ttl) IN DNAME \(target)"]
  }

  /// The DNAME's target: `<label>.<id>.dcos.directory`.
  package static func target(label: String, id: ClusterID) throws(DomainNameError) -> DomainName {
    try DomainName(label, origin: id.domain)
  }

  /// The statement that has named take names without validation (RFC 7646).
  package static func exceptions(_ names: [DomainName]) -> [String] {
    ["validate-except {"] + names.map { "\t\"\($0.withoutTrailingDot)\";" } + ["};"]
  }

  /// The statement by which a view has a zone that another view has already.
  package static func lentZone(_ zone: DomainName, from view: String) -> [String] {
    ["zone \"\(zone.withoutTrailingDot)\" {", "\tin-view \"\(view)\";", "};"]
  }

  /// The statement for a zone that zonebridge makes.
  package static func zoneStatement(_ zone: DomainName, file: FilePath) -> [String] {
    [
      "zone \"\(zone.withoutTrailingDot)\" {",
      "\ttype primary;",
      "\tfile \"\(file)\";",
      "};",
    ]
  }
}
