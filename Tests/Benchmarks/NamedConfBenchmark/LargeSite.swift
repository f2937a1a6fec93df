import BenchmarkSupport
import Named
import SystemPackage

/// A configuration with many zones.
struct LargeSite {
  private let site: MeasuredSite
  /// The length of named.conf in bytes.
  let size: Int

  init(zones: Int) throws {
    site = try MeasuredSite()
    size = try site.write("named.conf") { write in
      try write("options {\n\tdirectory \"/var/cache/bind\";\n\tdnssec-validation auto;\n};\n\n")
      for zone in 0..<zones {
        let name = "zone\(zone).customer-\(zone % 977).example.com"
        try write(
          """
          // customer \(zone % 977), contract \(zone * 7919 % 1_000_003)
          zone "\(name)" IN {
          \ttype primary;
          \tfile "/var/lib/bind/zones/\(zone % 256)/db.\(name)";
          \tallow-transfer { 192.0.2.\(zone % 250 + 1); 2001:db8::\(zone % 9999); };
          \talso-notify { 192.0.2.\(zone % 250 + 1); };
          \tnotify yes;
          };


          """)
      }
    }
  }

  /// A pass that adds a cluster's zone and its exception from validation.
  func pass() async throws {
    let tools = NamedTools(
      checkconf: "/bin/true", checkzone: "/bin/true", compilezone: "/bin/true",
      rndc: "/bin/true", nsupdate: "/bin/true")
    try await site.pass(tools: tools).run(changing: 1)
  }

  /// Runs named-checkconf on the file that the pass wrote.
  func check() async throws {
    let checker = ConfigurationChecker(tool: try NamedTools.locate().checkconf)
    let report = try await checker.check(site.namedConf)
    guard report.isAccepted else { throw Unexpected("\(report.messages)") }
  }
}
