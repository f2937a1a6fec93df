import BINDText
import Testing

@Suite(.timeLimit(.minutes(3))) struct NamedConfLexerTests {
  private func tokens(_ file: String) throws -> [String] {
    var lexer = NamedConfLexer(bytes(file))
    var tokens: [String] = []
    while true {
      let token = try lexer.next()
      if token.kind == .end { return tokens }
      tokens.append("\(token.kind) \(text(lexer.bytes[token.range]))")
    }
  }

  @Test(arguments: [
    (
      "acl a{10/8;};",
      [
        "word acl", "word a", "openBrace {", "word 10", "symbol /", "word 8", "semicolon ;",
        "closeBrace }", "semicolon ;",
      ]
    ),
    ("!a!b", ["symbol !", "word a", "symbol !", "word b"]),
    ("a=b,(c)", ["word a=b,(c)"]),
    ("a // b; \"\nc", ["word a", "slashComment // b; \"", "word c"]),
    ("a//b\nc", ["word a", "slashComment //b", "word c"]),
    ("a#b\r\nc", ["word a", "hashComment #b\r", "word c"]),
    ("a /*/ b */ c", ["word a", "blockComment /*/ b */", "word c"]),
    ("/**/ /***/", ["blockComment /**/", "blockComment /***/"]),
    ("/* // */ a", ["blockComment /* // */", "word a"]),
    ("// /*\na */", ["slashComment // /*", "word a", "word *", "symbol /"]),
    (#""a//b#c/*d;}""#, [#"string "a//b#c/*d;}""#]),
    (#""a\"b" c"#, [#"string "a\"b""#, "word c"]),
    (#""a\\" c"#, [#"string "a\\""#, "word c"]),
    ("\"a\n\nb\"c", ["string \"a\n\nb\"", "word c"]),
    (#"a"b"c"#, ["word a", #"string "b""#, "word c"]),
    ("a\u{c}b", ["word a\u{c}b"]),
    ("a\rb\tc", ["word a", "word b", "word c"]),
    (#"a\;b"#, [#"word a\"#, "semicolon ;", "word b"]),
    ("10.0.0.0/*x*/8", ["word 10.0.0.0", "blockComment /*x*", "symbol /", "word 8"]),
    ("ä", ["word ä"]),
    ("", []),
    ("/", ["symbol /"]),
  ])
  func partsFilesAsNamedDoes(file: String, expected: [String]) throws {
    #expect(try tokens(file) == expected)
  }

  @Test(arguments: [("a;\n/* b", "2:1"), ("a \"b\\\"", "1:3"), ("/*/", "1:1"), ("x \"a\\", "1:3")])
  func tellsWhatNeverEnds(file: String, place: String) {
    do throws(SyntaxError) {
      var lexer = NamedConfLexer(bytes(file))
      while try lexer.next().kind != .end {}
      Issue.record("nothing was thrown")
    } catch {
      #expect(error.location.description == place)
      #expect(error.description.contains("never ends"))
    }
  }

  /// One configuration, in which each spelling is one that named takes or refuses.
  @Test(arguments: [
    "acl a//b\n { any; };", "acl a#b\n { any; };", "acl /*x*/a { any; };", #"acl "a\"b" { any; };"#,
    #"acl "a\\" { any; };"#, "acl \"a\nb\" { any; };", "ACL a\r{ any; };\r",
    "acl a { 10/*x*//8; };",
    "acl a { any; }; // end", "acl a { any; }; // x\racl b { any; };\n", "acl a=b { !any; };",
    "acl a { 10.0.0.0/*x*/8; };", "options { directory \"/\"; };#",
    "acl a { any; }", "acl a { any };", "acl a { any; }; /* x", "acl \"a { any; };",
    "acl a { any; }; };", "acl a { any; ",
  ])
  func agreesWithNamedAboutWhereStatementsEnd(file: String) throws {
    let checkers = try Checkers()
    let verdict = try checkers.checkConfiguration(bytes(file))
    var isRead = true
    do { _ = try NamedConfOutline(parsing: bytes(file)) } catch { isRead = false }
    #expect(isRead == verdict.isAccepted, "\(verdict.output)")
  }
}
