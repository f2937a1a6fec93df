import Testing

@testable import BINDText

@Suite(.timeLimit(.minutes(2))) struct SecretRangesTests {
  @Test(
    "a text of named.conf → its secrets, from the keyword to the end of the value",
    arguments: [
      (#"key k { algorithm hmac-sha256; secret "QUJD"; };"#, [#"secret "QUJD""#]),
      ("secret\n\t\"QUJD\";", ["secret\n\t\"QUJD\""]), (#"SECRET"QUJD";"#, [#"SECRET"QUJD""#]),
      ("secret QU+J/D==;", ["secret QU+J/D=="]), ("secret QUJD ;", ["secret QUJD"]),
      (#"secret /* the "old" one */ "QUJD";"#, [#"secret /* the "old" one */ "QUJD""#]),
      ("secret # here\n\"QUJD\";", ["secret # here\n\"QUJD\""]),
      ("secret // here\n\"QUJD\";", ["secret // here\n\"QUJD\""]),
      (#"# key old { secret "QUJD"; };"#, [#"secret "QUJD""#]),
      ("// secret\n//   \"QUJD\";", ["secret\n//   \"QUJD\""]),
      ("/* secret\n * \"QUJD\"; */", ["secret\n * \"QUJD\""]),
      (#"secret "QUJD"#, [#"secret "QUJD"#]), (#"secret "Q\"UJD"; x"#, [#"secret "Q\"UJD""#]),
      (#"dyndb "l" "x.so" { password "p w"; };"#, [#"password "p w""#]),
      (#"secret "A"; secret "B";"#, [#"secret "A""#, #"secret "B""#]),
      // What is none.
      ("", []), ("secret", []), ("secret ;", []), ("// the secret of zones\nzone x;", []),
      (#"secret-file "x"; my-secret "x"; secrets "x"; key.secret "x";"#, []),
      ("zone \"secret.example\" { type primary; };", []),
    ] as [(String, [String])])
  func find(text: String, secrets: [String]) {
    let bytes = Array(text.utf8)
    #expect(SecretRanges.find(in: bytes).map { bytes.text(in: $0) } == secrets)
  }
}
