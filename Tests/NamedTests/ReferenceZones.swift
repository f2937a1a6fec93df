import DNSNames
import Named
import SystemPackage
import TestSupport

/// The zones that these tests ask a real named about.
enum ReferenceZones {
  static func zoneFile(_ name: String, serial: UInt32 = 1, _ records: String = "") -> String {
    """
    $TTL 300
    @ IN SOA ns.\(name). hostmaster.\(name). \(serial) 3600 600 86400 60
    @ IN NS ns.\(name).
    ns IN A 127.0.0.1
    \(records)

    """
  }

  /// Longer than any datagram without EDNS.
  static let longText = (0..<40).map { "long IN TXT \"\($0) is one of many strings in a row\"" }
    .joined(separator: "\n")

  static let setup = NamedSetup(
    statements: """
      dnssec-policy "test" {
      \tkeys { csk lifetime unlimited algorithm ecdsap256sha256; };
      };
      """,
    local: """
      zone "plain.test" { type primary; file "db.plain"; };
      zone "dynamic.test" { type primary; file "db.dynamic"; update-policy local; };
      zone "signed.test" {
      \ttype primary; file "db.signed"; dnssec-policy test; inline-signing yes;
      };
      zone "closed.test" { type primary; file "db.closed"; allow-query { none; }; };
      zone "broken.test" { type primary; file "db.missing"; };
      zone "forward.test" { type forward; forward only; forwarders { 127.0.0.1 port 1; }; };

      """,
    files: [
      "db.plain": zoneFile(
        "plain.test", serial: 4_294_967_295,
        """
        www IN A 192.0.2.80
        alias IN DNAME www.other.test.
        \(longText)
        $INCLUDE more.plain
        """),
      "more.plain": "more IN AAAA 2001:db8::1\n",
      "db.dynamic": zoneFile("dynamic.test"),
      "db.signed": zoneFile("signed.test", serial: 7),
      "db.closed": zoneFile("closed.test"),
    ])
}

extension RunningNamed {
  func remoteControl(
    port: UInt16? = nil, key: FilePath? = nil, timeout: Duration = .seconds(10)
  ) -> RemoteControl {
    let settings =
      port == nil && key == nil
      ? RemoteControlSettings(config: rndcConf)
      : RemoteControlSettings(
        server: "127.0.0.1", port: port ?? controlPort, keyFile: key ?? keyFile)
    return RemoteControl(tool: locate("rndc"), settings: settings, timeout: timeout)
  }

  func client(timeout: Duration = .seconds(5)) throws -> DNSClient {
    DNSClient(server: try Endpoint(host: "127.0.0.1", port: queryPort), timeout: timeout)
  }
}
