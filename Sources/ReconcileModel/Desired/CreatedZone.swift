package import DNSNames
package import SystemPackage

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
  package func zoneFile(for zone: DomainName, serial: SerialNumber) -> [UInt8] {
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
