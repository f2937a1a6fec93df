import DNSNames
import Named
import Testing

/// Reports as named 9.18 prints them.
@Suite(.timeLimit(.minutes(5))) struct ControlReportTests {
  @Test func statusOfARunningServer() throws {
    let status = NamedStatus(
      parsing: """
        version: BIND 9.18.49-1~deb12u3-Debian (Extended Support Version) <id:>
        running on vm: Linux x86_64 6.18.44 #1 SMP PREEMPT_DYNAMIC @0
        boot time: Tue, 24 Nov 2026 08:29:15 GMT
        last configured: Tue, 24 Nov 2026 08:31:05 GMT
        configuration file: /etc/bind/named.conf
        CPUs found: 2
        number of zones: 6 (0 automatic)
        query logging is OFF
        recursive clients: 0/900/1000
        server is up and running

        """)
    #expect(status.version == "BIND 9.18.49-1~deb12u3-Debian (Extended Support Version) <id:>")
    #expect(status.configurationFile == "/etc/bind/named.conf")
    #expect(status.isUp)
    let booted = try #require(status.booted)
    let configured = try #require(status.lastConfigured)
    #expect(configured.description == "Tue, 24 Nov 2026 08:31:05 GMT")
    #expect(configured.secondsSinceEpoch - booted.secondsSinceEpoch == 110)
    #expect(booted < configured)
  }

  @Test func zoneUnderInlineSigning() {
    let status = ZoneStatus(
      parsing: """
        name: s.test
        type: primary
        files: db.s, inc.a, /etc/bind/common
        serial: 1
        signed serial: 4294967295
        nodes: 2
        last loaded: Tue, 24 Nov 2026 08:29:15 GMT
        secure: yes
        inline signing: yes
        next resign node: ns.s.test/NSEC
        dynamic: no
        reconfigurable via modzone: no

        """)
    #expect(status.type == "primary")
    #expect(status.files == ["db.s", "inc.a", "/etc/bind/common"])
    #expect(status.serial == 1)
    #expect(status.signedSerial == 4_294_967_295)
    #expect(status.servedSerial == 4_294_967_295)
    #expect(status.lastLoaded?.secondsSinceEpoch == 1_795_508_955)
    #expect(!status.isDynamic)
    #expect(!status.isFrozen)
  }

  /// A secondary that has not heard from its primary has neither file nor serial.
  @Test func reportsWithoutWhatOthersHave() {
    let zone = ZoneStatus(parsing: "name: x\ntype: secondary\ndynamic: yes\nfrozen: yes\n")
    #expect(zone.type == "secondary")
    #expect(zone.files.isEmpty)
    #expect(zone.serial == nil)
    #expect(zone.servedSerial == nil)
    #expect(zone.isDynamic)
    #expect(zone.isFrozen)

    let server = NamedStatus(parsing: "server is initializing\n")
    #expect(!server.isUp)
    #expect(server.version == nil)
    #expect(server.lastConfigured == nil)
  }

  /// Zone names and file names come into a report, and may look like lines of it.
  @Test("given a report with a key twice → the first counts, which is named's own")
  func repeatedKeys() {
    let zone = ZoneStatus(
      parsing: """
        name: x.test
        type: primary
        files: db.x
        serial: 7
        dynamic: yes
        frozen: no
        type: secondary
        files: other
        serial: 8
        signed serial: 9
        signed serial: 10
        dynamic: no
        frozen: yes

        """)
    #expect(zone.type == "primary")
    #expect(zone.files == ["db.x"])
    #expect(zone.serial == 7)
    #expect(zone.signedSerial == 9)
    #expect(zone.isDynamic)
    #expect(!zone.isFrozen)

    let server = NamedStatus(
      parsing: """
        version: BIND 9.18.49
        configuration file: /etc/bind/named.conf
        last configured: Tue, 24 Nov 2026 08:31:05 GMT
        version: BIND 9.20.0
        configuration file: /elsewhere
        last configured: Tue, 24 Nov 2026 08:31:06 GMT

        """)
    #expect(server.version == "BIND 9.18.49")
    #expect(server.configurationFile == "/etc/bind/named.conf")
    #expect(server.lastConfigured?.description == "Tue, 24 Nov 2026 08:31:05 GMT")
    // It says so in a line of its own, and not in a part of one.
    #expect(!server.isUp)
    #expect(!NamedStatus(parsing: "note: server is up and running\n").isUp)
  }

  @Test("given a value that is none → it is not known, rather than wrong")
  func values() {
    let zone = ZoneStatus(
      parsing: """
        files: a, b,c, d: e
        serial: 4294967296
        signed serial: -1
        dynamic: Yes
        frozen: true
        last loaded: never
        type:primary

        """)
    #expect(zone.files == ["a", "b,c", "d: e"])
    #expect(zone.serial == nil && zone.signedSerial == nil && zone.servedSerial == nil)
    #expect(!zone.isDynamic && !zone.isFrozen)
    #expect(zone.lastLoaded == nil && zone.type == nil)
    #expect(ZoneStatus(parsing: "serial: 5\n").servedSerial == 5)
    #expect(ZoneStatus(parsing: "") == ZoneStatus(parsing: "\n\nno report\n"))
  }

  /// Seconds as `date -u +%s` counts them.
  @Test(
    "a time as named prints it → seconds since 1970",
    arguments: [
      ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
      ("Tue, 29 Feb 2000 23:59:59 GMT", 951_868_799),
      ("Wed, 01 Mar 2000 00:00:00 GMT", 951_868_800),
      ("Sat, 31 Dec 2022 12:00:00 GMT", 1_672_488_000),
      ("Sun, 01 Jan 2023 00:00:00 GMT", 1_672_531_200),
      ("Mon, 01 Mar 2100 00:00:00 GMT", 4_107_542_400),
    ])
  func times(text: String, seconds: Int64) throws {
    #expect(try #require(ServerTime(parsing: text)).secondsSinceEpoch == seconds)
  }

  @Test(
    "what is no time → none",
    arguments: [
      "", "never", "24 Nov 2026 08:29:15", "Tue, 24 Nov 2026 08:29:15 CET",
      "Tue, 24 Foo 2026 08:29:15 GMT", "Tue, 24 Nov 2026 08:29 GMT", "Tue, x Nov 2026 08:29:15 GMT",
    ])
  func noTimes(text: String) {
    #expect(ServerTime(parsing: text) == nil)
  }
}

@Suite(.timeLimit(.minutes(5))) struct EndpointTests {
  @Test(
    arguments: [
      ("127.0.0.1", "127.0.0.1", 53), ("127.0.0.1:5353", "127.0.0.1", 5353),
      ("::1", "::1", 53), ("[::1]", "::1", 53), ("[2001:db8::1]:5353", "2001:db8::1", 5353),
    ] as [(String, String, UInt16)])
  func written(text: String, host: String, port: UInt16) throws {
    let endpoint = try Endpoint(text)
    #expect(endpoint.host == host)
    #expect(endpoint.port == port)
    #expect(try Endpoint(endpoint.description) == endpoint)
  }

  @Test(arguments: [
    "", "localhost", "localhost:53", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "[::1]53",
    "[::1]:", "[localhost]:53", "127.0.0.1:53:53", "127.1", "::1%lo", "127.0.0.1:+53",
  ])
  func refused(text: String) {
    #expect(throws: EndpointError.self) { try Endpoint(text) }
  }

  @Test func theDefaultPortIsTheCallers() throws {
    #expect(try Endpoint("127.0.0.1", defaultPort: 953).port == 953)
    #expect(throws: EndpointError.self) { try Endpoint(host: "ns1", port: 53) }
  }
}
