import DNSNames
import Testing

@Suite("Addresses", .timeLimit(.minutes(3)))
struct IPAddressTests {
  @Test(arguments: [
    ("10.0.6.70", "10.0.6.70", IPAddress.Family.v4),
    ("127.0.0.1", "127.0.0.1", .v4),
    ("2001:DB8:0:0:0:0:0:68", "2001:db8::68", .v6),
    ("::1", "::1", .v6),
    ("::ffff:10.0.6.70", "10.0.6.70", .v4),
  ])
  func anAddressHasOneSpelling(
    _ text: String, _ canonical: String, _ family: IPAddress.Family
  ) throws {
    let address = try IPAddress(text)
    #expect(address.description == canonical)
    #expect(address.family == family)
    #expect(try IPAddress(canonical) == address)
  }

  @Test(arguments: [
    ("", IPAddressError.empty),
    ("master-1.example", .notAnAddress("master-1.example")),
    ("10.0.6", .notAnAddress("10.0.6")),
    ("10.0.6.070", .notAnAddress("10.0.6.070")),
    ("10.0.6.256", .notAnAddress("10.0.6.256")),
    (" 10.0.6.70", .notAnAddress(" 10.0.6.70")),
    ("10.0.6.70:53", .notAnAddress("10.0.6.70:53")),
    ("10.0.6.70; };", .notAnAddress("10.0.6.70; };")),
    ("10.0.6.70\0", .notAnAddress("10.0.6.70\0")),
    ("[::1]", .notAnAddress("[::1]")),
    ("fe80::1%eth0", .scoped("fe80::1%eth0")),
    ("0.0.0.0", .unspecified("0.0.0.0")),
    ("::", .unspecified("::")),
    ("224.0.0.1", .multicast("224.0.0.1")),
    ("255.255.255.255", .multicast("255.255.255.255")),
    ("ff02::1", .multicast("ff02::1")),
  ])
  func whatIsNoHostsAddressIsRefused(_ text: String, _ expected: IPAddressError) {
    #expect(throws: expected) { try IPAddress(text) }
  }

  @Test(
    "an address → from where it leads to its host",
    arguments: [
      ("10.0.6.70", .routed), ("192.0.2.1", .routed), ("169.253.0.1", .routed), ("239.0.0.1", nil),
      ("1.0.0.1", .routed), ("126.255.255.255", .routed), ("128.0.0.1", .routed),
      ("127.0.0.1", .loopback), ("127.255.0.9", .loopback), ("::ffff:127.0.0.1", .loopback),
      ("::1", .loopback), ("::2", .reserved), ("::127.0.0.1", .reserved),
      ("64:ff9b::7f00:1", .routed), ("2001:db8::1", .routed), ("fd00::1", .routed),
      ("169.254.169.254", .link), ("fe80::1", .link), ("febf::1", .link), ("fec0::1", .routed),
      ("240.0.0.1", .reserved), ("255.255.255.254", .reserved), ("::ffff:240.0.0.1", .reserved),
      ("0.0.0.1", AddressReach.none), ("0.255.255.255", AddressReach.none),
    ] as [(String, AddressReach?)])
  func reach(_ text: String, _ reach: AddressReach?) {
    #expect((try? IPAddress(text))?.reach == reach)
  }

  @Test func theOrderIsByNumberAndIPv4IsFirst() throws {
    let sorted = [
      "9.0.0.1", "10.0.6.68", "10.0.6.69", "10.0.10.1", "127.0.0.1", "::1", "2001:db8::1",
    ]
    let addresses = try sorted.map { try IPAddress($0) }
    #expect(addresses.shuffled().sorted() == addresses)
  }

  @Test func whatAMasterWroteIsPrintedInOneLine() {
    let error = IPAddressError.notAnAddress("a\u{1b}[31m\nb" + String(repeating: "x", count: 500))
    #expect(!error.description.contains("\n"))
    #expect(!error.description.contains("\u{1b}"))
    #expect(error.description.count < 200)
  }
}
