package import BINDText
import DCOS
package import SystemPackage

/// The statements and records that make a cluster's names reachable: the documented recipe.
enum Recipe {
  /// The forward zone that hands `<id>.dcos.directory` to the masters.
  ///
  /// `forward only`: a name of a cluster means nothing to the public DNS, so that asking it after
  /// the masters failed would cache a wrong NXDOMAIN.
  static func forwardZone(
    id: ClusterID, forwarders: [IPAddress], port: UInt16
  ) -> [String] {
    let list = forwarders.map { port == 53 ? "\($0);" : "\($0) port \(port);" }
    return [
      "zone \"\(id.domain)\" {",
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
  static func alias(_ alias: Alias, target: DomainName) -> [String] {
    ["\(alias.owner) \(alias.ttl) IN DNAME \(target)"]
  }

  /// The DNAME's target: `<label>.<id>.dcos.directory`.
  static func target(label: String, id: ClusterID) throws(DomainNameError) -> DomainName {
    try DomainName("\(label).\(id.domain).")
  }

  /// The statement that has named take names without validation (RFC 7646).
  static func exceptions(_ names: [String]) -> [String] {
    ["validate-except {"] + names.map { "\t\"\($0)\";" } + ["};"]
  }

  /// The statement by which a view has a zone that another view has already.
  static func lentZone(_ zone: DomainName, from view: String) -> [String] {
    ["zone \"\(zone.withoutTrailingDot)\" {", "\tin-view \"\(view)\";", "};"]
  }

  /// The statement for a zone that zonebridge makes.
  static func zoneStatement(_ zone: DomainName, file: FilePath) -> [String] {
    [
      "zone \"\(zone.withoutTrailingDot)\" {",
      "\ttype primary;",
      "\tfile \"\(file)\";",
      "};",
    ]
  }
}

/// A zone that zonebridge makes because named.conf has none for an alias.
package struct CreatedZone: Sendable, Hashable {
  package var file: FilePath
  /// The zone's primary name server, in the SOA's MNAME and the only NS record.
  package var primary: DomainName
  /// The mailbox of the zone's administrator, as a domain name (RFC 1035 section 3.3.13).
  package var contact: DomainName

  package init(file: FilePath, primary: DomainName, contact: DomainName) {
    self.file = file
    self.primary = primary
    self.contact = contact
  }

  /// The zone file without its alias.
  ///
  /// Timers after RIPE-203, but for the negative TTL (RFC 2308 section 5): it is how long a
  /// resolver holds that a name does not exist, and new names in a cluster come by the minute.
  func zoneFile(for zone: DomainName, serial: SerialNumber) -> [UInt8] {
    let text = """
      ; Zone \(zone.withoutTrailingDot), made by zonebridge. It is yours: outside the managed block
      ; only the serial is ever touched again.
      $TTL 3600
      @\tIN SOA \(primary) \(contact) (
      \t\t\(serial.rawValue)\t; serial
      \t\t3600\t; refresh
      \t\t900\t; retry
      \t\t1209600\t; expire
      \t\t60 )\t; negative TTL
      @\tIN NS \(primary)

      """
    return Array(text.utf8)
  }
}
