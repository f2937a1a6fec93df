import BINDText
import DNSNames
import Testing

@Suite(.timeLimit(.minutes(3))) struct ZoneFileLexerTests {
  private func tokens(_ file: String) throws -> [String] {
    var lexer = ZoneFileLexer(bytes(file))
    var tokens: [String] = []
    while true {
      let token = try lexer.next()
      if token.kind == .end { return tokens }
      tokens.append("\(token.kind) \(text(lexer.bytes[token.range]))")
    }
  }

  @Test(arguments: [
    ("a b\n", ["word a", "word b", "endOfLine \n"]),
    (" \ta\r\n", ["leadingBlank  \t", "word a", "endOfLine \r\n"]),
    ("a\rb", ["word a", "endOfLine \r", "word b"]),
    ("a\r\rb", ["word a", "endOfLine \r", "endOfLine \r", "word b"]),
    ("a;b\r\nc", ["word a", "comment ;b\r", "endOfLine \n", "word c"]),
    (
      "a (b\n c\r\n;d\n) e\n",
      ["word a", "word b", "word c", "comment ;d", "word e", "endOfLine \n"]
    ),
    ("(\n a)\n b", ["word a", "endOfLine \n", "leadingBlank  ", "word b"]),
    ("( ) a", ["word a"]),
    (" ( ) a", ["leadingBlank  ", "word a"]),
    ("a(b)c\"d\"e", ["word a", "word b", "word c", "string \"d\"", "word e"]),
    (#"a\;b\ c\(d\"e"#, [#"word a\;b\ c\(d\"e"#]),
    ("a\\\nb", ["word a\\", "endOfLine \n", "word b"]),
    ("a\\\r\nb", ["word a\\", "endOfLine \r\n", "word b"]),
    (#""a\"b;(" c"#, [#"string "a\"b;(""#, "word c"]),
    ("\"a\\\nb\"", ["string \"a\\\nb\""]),
    ("\"a\rb\"", ["string \"a\rb\""]),
    ("a\u{c}b \u{e4}", ["word a\u{c}b", "word \u{e4}"]),
    ("$TTL 1h", ["word $TTL", "word 1h"]),
    ("", []),
  ])
  func partsFilesAsNamedDoes(file: String, expected: [String]) throws {
    #expect(try tokens(file) == expected)
  }

  @Test(arguments: [
    ("a )", "1:3"), ("a\n\"b\nc\"", "2:1"), ("\"b", "1:1"), ("a\0", "1:2"), ("a \\", "1:3"),
    ("\"a\\", "1:1"),
  ])
  func refusesWhatNamedRefuses(file: String, place: String) {
    do throws(SyntaxError) {
      var lexer = ZoneFileLexer(bytes(file))
      while try lexer.next().kind != .end {}
      Issue.record("nothing was thrown")
    } catch {
      #expect(error.location.description == place)
    }
  }

  /// The reader takes another way through rdata than the lexer, to the same end.
  @Test(arguments: [
    "a TXT b\\\nc TXT d\n", "a TXT b\\;c ; d\nc TXT \"\\\"\" e\n",
    "a TXT ( b\\\n;c )\n) ; d\nc TXT e",
    "a TXT b\\ \nc TXT d\\\t ; e\n", "a TXT b (\n\n ; x\n) \t\nc TXT d \t; e\r\n",
  ])
  func readerAndLexerAgreeWhereRecordsEnd(file: String) throws {
    var reader = try ZoneFileReader(bytes(file), origin: .root)
    var owners: [String] = []
    var fields: [String] = []
    while let entry = try reader.next() {
      guard case .record(let record) = entry else { continue }
      owners.append(record.owner.withoutTrailingDot)
      fields += record.fields(in: reader.bytes).map { text(reader.bytes[$0]) }
    }
    #expect(owners == ["a", "c"])
    let words = try tokens(file).filter { $0.hasPrefix("word") || $0.hasPrefix("string") }
      .compactMap { $0.split(separator: " ", maxSplits: 1).last.map(String.init) }
    #expect(fields == words.filter { !["a", "TXT"].contains($0) && $0 != "c" })
  }
}
