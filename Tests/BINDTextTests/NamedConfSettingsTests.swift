import BINDText
import Testing

@Suite("What statements say that nobody knows but who asks", .timeLimit(.minutes(3)))
struct NamedConfSettingsTests {
  private func outline(_ text: String) throws -> NamedConfOutline {
    try NamedConfOutline(parsing: Array(text.utf8))
  }

  @Test("values and lists, in their list and not deeper") func settings() throws {
    let text = """
      recursion maybe;
      options {
        Recursion no; // recursion yes;
        allow-recursion { 10.0.0.0/8; ! 10.1.0.1; key "k"; { localhost; }; };
        response-policy { zone "rpz" recursive-only no; };
        listen-on { any; };
      };
      view "v" { recursion yes; zone "z" { allow-query { none; }; }; };
      """
    let outline = try outline(text)
    let options = try #require(outline.options).list.body
    #expect(outline.settings("recursion") == [["maybe"]])
    #expect(outline.settings("recursion", in: options) == [["no"]])
    #expect(
      outline.settings("allow-recursion", in: options) == [
        ["10.0.0.0/8", "!10.1.0.1", "key k", "{ localhost }"]
      ])
    #expect(outline.settings("recursion", in: outline.views[0].body) == [["yes"]])
    #expect(outline.settings("allow-query", in: outline.views[0].body) == [])
  }

  @Test("an empty list is a list") func emptyList() throws {
    let outline = try outline("options { allow-recursion { }; };")
    let options = try #require(outline.options).list.body
    #expect(outline.settings("allow-recursion", in: options) == [[]])
  }
}
