import BINDText
import Testing

@Suite("Statements word by word, by name", .timeLimit(.minutes(3)))
struct ClauseTests {
  private func outline(_ text: String) throws -> NamedConfOutline {
    try NamedConfOutline(parsing: Array(text.utf8))
  }

  @Test(
    "a statement → its words and lists, as one would write it",
    arguments: [
      ("recursion no;", "recursion no"),
      ("Recursion /* x */ no; // recursion yes;", "Recursion no"),
      ("recursion \"a b\";", "recursion a b"),
      ("recursion { };", "recursion { }"),
      (
        "recursion { 10.0.0.0 / 8; ! 10.1.0.1; !{ localhost; }; key \"k\"; };",
        "recursion { 10.0.0.0/8; !10.1.0.1; ! { localhost; }; key k; }"
      ),
      (
        "recursion { 10/8; } except-from { \"a.test\"; b.test; } and more;",
        "recursion { 10/8; } except-from { a.test; b.test; } and more"
      ),
      ("recursion { \"/\" ; a/b; };", "recursion { /; a/b; }"),
      (
        "recursion { zone \"rpz\" policy given; } add-soa no;",
        "recursion { zone rpz policy given; } add-soa no"
      ),
    ])
  func parts(text: String, words: String) throws {
    let clauses = try outline("acl x { recursion; };\n\(text)\nzone z { recursion y; };\n")
      .clauses("recursion")
    #expect(clauses.map(\.description) == [words])
  }

  @Test("statements of a list → those, with their places; what stands deeper → not") func places()
    throws
  {
    let text = """
      recursion maybe;
      options {
        recursion no;
        rate-limit { recursion 1; };
        recursion yes;
      };
      view "v" { zone "z" { recursion x; }; };

      """
    let outline = try outline(text)
    let options = try #require(outline.options).list.body
    #expect(outline.clauses("recursion").map(\.value) == ["maybe"])
    let own = outline.clauses("recursion", in: options)
    #expect(own.map(\.value) == ["no", "yes"])
    #expect(own.map { outline.location(of: $0.range.lowerBound).line } == [3, 5])
    #expect(
      own.map { String(decoding: outline.bytes[$0.range], as: UTF8.self) } == [
        "recursion no;", "recursion yes;",
      ])
    #expect(outline.clauses("recursion", in: outline.views[0].body) == [])
    let several = outline.clauses(beginningWith: ["rate-limit", "recursion"], in: options)
    #expect(several.count == 3 && several[1].list("recursion").map(\.value) == ["1"])
  }

  @Test("lists by the words before them → the first, that behind a word, or none") func lists()
    throws
  {
    let clause = try #require(
      try outline("deny { a; b; } except-from { c; };").clauses("deny").first)
    #expect(clause.list.map(\.description) == ["a", "b"])
    #expect(clause.list(behind: "except-from")?.map(\.description) == ["c"])
    #expect(clause.list(behind: "other") == nil)
    #expect(try outline("deny x;").clauses("deny").first?.list == [])
  }

  @Test("text for a plugin between two statements → passed over as named does") func plugins()
    throws
  {
    let text = "plugin query \"x.so\" { it's \"half a string; { } };\nrecursion no;\n"
    #expect(try outline(text).clauses("recursion").map(\.value) == ["no"])
  }

  @Test("lists nested without end → what is too deep is passed over, and what follows is read")
  func depth() throws {
    let count = 100_000
    let text =
      "acl x " + String(repeating: "{ ", count: count) + String(repeating: "}; ", count: count)
      + "\nacl y { any; };\n"
    let clauses = try outline(text).clauses("acl")
    #expect(clauses.compactMap(\.value) == ["x", "y"])
    #expect(clauses.last?.list.map(\.description) == ["any"])
  }
}
