import DNSNames
import Named
import Testing

@Suite("What named says of validation, and its programs of their version", .timeLimit(.minutes(5)))
struct ValidationReportTests {
  /// From BIND 9.18.49, with two views.
  private let roots = """
    secure roots as of 28-Nov-2026 17:13:10.005:

     Start view internal
       Secure roots:

    ./RSASHA256/20326 ; initializing managed
    ./RSASHA256/38696 ; initializing managed

       Negative trust anchors:

    dcos.directory: permanent
    x.example: expiry 28-Nov-2026 18:13:10.000
     Start view ext
       Secure roots:

       Negative trust anchors:

    """

  private func names(_ roots: SecureRoots) -> [String: [String]] {
    roots.exceptions.mapValues { $0.map(\.withoutTrailingDot) }
  }

  @Test("negative trust anchors by view") func secureRoots() {
    let roots = SecureRoots(parsing: roots)
    #expect(names(roots) == ["internal": ["dcos.directory", "x.example"]])
  }

  @Test("where validation is on") func validation() {
    let status = ValidationStatus(
      parsing: """
        DNSSEC validation is enabled (view internal)
        DNSSEC validation is disabled (view ext)

        """)
    #expect(status.isOn == ["internal": true, "ext": false])
  }

  @Test("given reports that say nothing of a view → nothing is made of them") func strange() {
    for text in [
      "", "DNSSEC validation is enabled\n", "DNSSEC validation is enabled (view x\n",
      "validation is enabled (view x)\n",
    ] {
      #expect(ValidationStatus(parsing: text).isOn.isEmpty, "\(text)")
    }
    let roots = SecureRoots(
      parsing: """
        stray.example: permanent
         Start view of two words
        stray.example: permanent
           Negative trust anchors:

        .: permanent
        a.example.: permanent
        no colon
           Secure roots:

        ./RSASHA256/20326 ; managed
        b.example: not one
         Start view other

        c.example: none either

        """)
    #expect(names(roots) == ["of two words": [".", "a.example"]])
    #expect(SecureRoots(parsing: "").exceptions.isEmpty)
  }

  @Test("versions as they are printed") func versions() {
    let text = "BIND 9.18.49-1~deb12u3-Debian (Extended Support Version) <id:>"
    #expect(BINDVersion(text) == BINDVersion("9.18.49-1~deb12u3-Debian\n"))
    #expect(BINDVersion("BIND") == nil)
  }

  @Test(
    "a version → whether zonebridge is tested with it",
    arguments: [
      ("9.14.8", true), ("9.16.50-Debian", false), ("9.18.49-1~deb12u3-Debian", false),
      ("9.21.26", false), ("9.22.0", true), ("10.0", true), ("9", false),
    ])
  func tested(text: String, isUntested: Bool) throws {
    #expect((try #require(BINDVersion(text)).untested != nil) == isUntested)
  }

  @Test("the installed programs tell their version, each in its way") func installed() async throws
  {
    let tools = try NamedTools.locate()
    var versions: [BINDVersion?] = []
    for program in tools.programs { versions.append(try await BINDVersion.of(program)) }
    #expect(versions.count == 5 && versions[0] != nil && Set(versions).count == 1, "\(versions)")
  }
}
