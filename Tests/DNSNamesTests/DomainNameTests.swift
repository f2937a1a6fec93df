import DNSNames
import Testing

@Suite(.timeLimit(.minutes(3))) struct DomainNameTests {
  @Test(arguments: [
    ("www.contoso.com.", "www.contoso.com."),
    ("www", "www.contoso.com."),
    ("a.b", "a.b.contoso.com."),
    ("@", "contoso.com."),
    (".", "."),
    (#"\@"#, #"\@.contoso.com."#),
    (#"first\.last.x."#, #"first\.last.x."#),
    (#"a\032b."#, #"a\032b."#),
    (#"\097."#, "a."),
    (#"\$x."#, #"\$x."#),
    (#"quo\"te\;s."#, #"quo\"te\;s."#),
    (#"back\\slash."#, #"back\\slash."#),
    ("*.x.", "*.x."),
    ("0/26.2.0.192.in-addr.arpa.", "0/26.2.0.192.in-addr.arpa."),
    ("ä.x.", #"\195\164.x."#),
  ])
  func readsAndWritesPresentationForm(written: String, printed: String) throws {
    let origin = try DomainName("contoso.com.")
    #expect(try DomainName(written, origin: origin).description == printed)
    #expect(try DomainName(printed).description == printed)
  }

  @Test(arguments: [
    ("", DomainNameError.Reason.empty),
    ("..", .emptyLabel), (".a", .emptyLabel), ("a..b", .emptyLabel),
    (#"a\"#, .badEscape), (#"a\25"#, .badEscape), (#"a\256"#, .badEscape), (#"a\2x5"#, .badEscape),
    (#"\[x/1]"#, .badEscape),
    (String(repeating: "a", count: 64), .labelTooLong),
    (String(repeating: "a", count: 64) + ".b", .labelTooLong),
    (String(repeating: "abcdefg.", count: 32), .nameTooLong),
  ])
  func refusesWhatIsNoName(text: String, reason: DomainNameError.Reason) {
    #expect(throws: DomainNameError.self) { try DomainName(text) }
    do throws(DomainNameError) {
      _ = try DomainName(text)
    } catch {
      #expect(error.reason == reason)
      #expect(error.text == text)
    }
  }

  @Test func keepsTheLimitsOfRFC1035() throws {
    let label = String(repeating: "a", count: 63)
    #expect(try DomainName(label).labels == [Array(label.utf8)])
    // Three labels of 63, one of 61: 64 * 3 + 62 + 1 = 255 octets.
    let longest = [label, label, label, String(label.dropLast(2))].joined(separator: ".")
    #expect(try DomainName(longest).labelCount == 4)
    #expect(throws: DomainNameError.self) { try DomainName(longest + "a") }
    let origin = try DomainName("b.")
    #expect(throws: DomainNameError.self) { try DomainName(longest, origin: origin) }
  }

  @Test func comparesWithoutCase() throws {
    let one = try DomainName("WWW.Contoso.COM.")
    let other = try DomainName("www.contoso.com")
    #expect(one == other)
    #expect(Set([one, other]).count == 1)
    #expect(one.description == "WWW.Contoso.COM.")
    #expect(try DomainName("[.") != DomainName("{."), "only letters have a case")
    #expect(try DomainName("\\196.") != DomainName("\\228."), "only ASCII letters have a case")
    #expect(try DomainName("a.b.") != DomainName(#"a\.b."#))
  }

  @Test(arguments: [
    ("a.b.c.", "b.c.", true, true), ("b.c.", "b.c.", true, false), ("c.", "b.c.", false, false),
    ("A.B.C.", "b.c.", true, true), ("a.", ".", true, true), (".", ".", true, false),
    ("xb.c.", "b.c.", false, false), (#"a\.b.c."#, "b.c.", false, false),
    (#"x\.b.c."#, "b.c.", false, false),
    // The label before ends in bytes that spell the other name's wire form.
    (#"x\001b\001c."#, "b.c.", false, false),
  ])
  func knowsWhatLiesBelow(name: String, other: String, isSubdomain: Bool, isBelow: Bool) throws {
    let name = try DomainName(name)
    let other = try DomainName(other)
    #expect(name.isSubdomain(of: other) == isSubdomain)
    #expect(name.isBelow(other) == isBelow)
  }

  @Test func hasLabelsAndParents() throws {
    let name = try DomainName("www.contoso.com.")
    #expect(name.labels.map { String(decoding: $0, as: UTF8.self) } == ["www", "contoso", "com"])
    #expect(try name.parent == DomainName("contoso.com."))
    #expect(DomainName.root.parent == nil)
    #expect(DomainName.root.labels.isEmpty)
    #expect(DomainName.root.withoutTrailingDot == ".")
    #expect(name.withoutTrailingDot == "www.contoso.com")
  }

  @Test func sortsInCanonicalOrder() throws {
    // The example of RFC 4034 6.1.
    let sorted = [
      "example.", "a.example.", "yljkjljk.a.example.", "Z.a.example.", "zABC.a.EXAMPLE.",
      "z.example.", #"\001.z.example."#, "*.z.example.", #"\200.z.example."#,
    ]
    let names = try sorted.map { try DomainName($0) }
    #expect(names.reversed().sorted() == names)
    #expect(DomainName.root < names[0])
  }
}
