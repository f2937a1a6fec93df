import BenchmarkSupport
import DNSNames
import Named
import Reconcile
import ReconcileModel
import SystemPackage

/// A zone with many records, like that of a hosting provider.
///
/// It has many owners with a few records each, names and addresses of all kinds, comments, `$ORIGIN` lines, and records
/// over several lines.
struct LargeZone {
  static let name = "hosting.example.com"

  private let site: MeasuredSite
  /// The length of the zone file in bytes.
  let size: Int

  private var file: FilePath { site.path(of: "db") }

  init(records: Int) throws {
    let site = try MeasuredSite()
    self.site = site
    try site.write("named.conf") { write in
      try write(
        "zone \"\(Self.name)\" {\n\ttype primary;\n\tfile \"\(site.path(of: "db"))\";\n};\n")
    }
    size = try site.write("db") { write in
      try write(Self.head)
      // The SOA and both NS records also count.
      for customer in 0..<(records - 3) / 10 { try write(Self.records(of: customer)) }
      for left in 0..<(records - 3) % 10 { try write("rest\(left)\tIN A 192.0.2.1\n") }
    }
  }

  private static let head = """
    $TTL 3600
    @\tIN SOA ns1.hoster.example. hostmaster.hoster.example. (
    \t\t\t2026112401 ; serial
    \t\t\t7200       ; refresh
    \t\t\t900        ; retry
    \t\t\t1209600    ; expire
    \t\t\t300 )      ; negative answers
    \tIN NS ns1.hoster.example.
    \tIN NS ns2.hoster.example.

    """

  /// Ten records.
  private static func records(of customer: Int) -> String {
    let host = "c\(customer)"
    let address = "192.0.2.\(customer % 250 + 1)"
    let mail = "mail\(customer % 16).hoster.example."
    guard customer % 8 == 0 else {
      return """
        ; customer \(customer), contract \(customer * 7919 % 1_000_003)
        \(host)\tIN A \(address)
        \tIN AAAA 2001:db8:\(String(customer % 65_521, radix: 16))::1
        \tIN MX 10 \(mail)
        \tIN TXT "v=spf1 mx a:\(mail) -all"
        www.\(host)\tIN CNAME \(host)
        ftp.\(host) 300 IN CNAME \(host)
        shop.\(host)\tIN A \(address)
        dev.\(host)\tIN A \(address)
        _sip._tcp.\(host) IN SRV 0 5 5060 sip.hoster.example.
        _dmarc.\(host)\tIN TXT "v=DMARC1; p=none"

        """
    }
    return """
      ; customer \(customer), names of its own
      $ORIGIN \(host).\(name).
      @\tIN A \(address)
      @\tIN MX 10 \(mail)
      www\t1h A \(address)
      api\tIN 600 AAAA 2001:db8:\(String(customer % 65_521, radix: 16))::2
      key._domainkey\tTXT ( "v=DKIM1; k=rsa; "
      \t\t"p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQ\(customer)" ) ; one key
      @\tCAA 0 issue "ca.example.net"
      intern\tNS ns1.hoster.example.
      _ftp._tcp SRV 0 0 21 www
      files\tcname www
      mail.\(host).\(name). IN A \(address)
      $ORIGIN \(name).

      """
  }

  /// A pass that adds an alias.
  ///
  /// Programs that succeed at once replace the checkers: only the agent's own work is measured, including the files
  /// that it writes for the checkers.
  func pass(_ owner: String, allow: Set<Safeguard> = []) throws -> MeasuredPass {
    // The compiler has to produce a file.
    let compiler = try site.writeProgram(
      "compile", "#!/bin/sh\nwhile [ \"$1\" != -o ]; do shift; done\n: >\"$2\"\n")
    return try pass(
      owner, allow: allow,
      tools: NamedTools(
        checkconf: "/bin/true", checkzone: "/bin/true", compilezone: compiler, rndc: "/bin/true",
        nsupdate: "/bin/true"))
  }

  /// The same pass with named's own checkers.
  func validatedPass(_ owner: String) throws -> MeasuredPass {
    try pass(owner, allow: [], tools: try NamedTools.locate())
  }

  private func pass(
    _ owner: String, allow: Set<Safeguard>, tools: NamedTools
  ) throws -> MeasuredPass {
    let alias = Alias(owner: try DomainName(owner), cluster: "prod", allow: allow)
    return try site.pass(aliases: [alias], tools: tools)
  }

  /// Runs named-checkzone on the file that the pass wrote.
  func check() async throws {
    let checker = ZoneChecker(tool: try NamedTools.locate().checkzone)
    let report = try await checker.check(zone: Self.name, file: file)
    guard report.isAccepted else { throw Unexpected("\(report.messages)") }
  }
}
