import DNSNames
import Testing

@testable import BINDText

/// What BIND 9.21 has new: what a zone says may stand in a template, and its file's name be made of its own.
@Suite("Templates and tokens of BIND 9.21", .timeLimit(.minutes(1)))
struct TemplateTests {
  @Test("a template → its clauses, and the zone's reference to it by either way of writing")
  func template() throws {
    let outline = try NamedConfOutline(
      parsing: Array(
        """
        template "prim" { type primary; file "/z/$name"; allow-update { none; }; /* { */ };
        template dyn { update-policy local; };
        zone "a.example" { template prim; };
        zone "b.example" { type primary; template "dyn"; };

        """.utf8))
    #expect(outline.templates.map(\.name) == ["prim", "dyn"])
    let prim = outline.clauses(of: outline.templates[0])
    #expect(prim.type == .primary && prim.file == "/z/$name" && prim.allowsUpdate == false)
    #expect(outline.clauses(of: outline.templates[1]).hasUpdatePolicy)
    #expect(outline.zones.map { outline.clauses(of: $0).template } == ["prim", "dyn"])
    #expect(outline.clauses(of: outline.zones[1]).type == .primary)
  }

  @Test(
    "a file's name → what named 9.21.26 was seen to make of it",
    arguments: [
      ("$name", "A.b.", "a.b"), ("$NAME-$Name", "a.b", "a.b-$Name"),
      ("$names.$$name.${name}", "a.b", "a.bs.$$name.${name}"), ("r.$name", ".", "r.."),
      ("$name$name$type$name$view", "a.b", "a.b$nameprimary$name_default"),
      (
        "own.$char1.$char2.$char3.$label1.$label2.$label3", "abc.example", "own.a.b.c...example.abc"
      ),
      ("$char1|$char2|$label1|$label2|$label3", "a", "a|.|.|a|."),
      ("$char2|$char3|$label4", "a.b", ".|b|$label4"), ("$date", "a.b", "$date"), ("x", "a.b", "x"),
    ])
  func tokens(file: String, name: String, expanded: String) throws {
    #expect(
      ZoneFileTokens.expand(
        PathText(Array(file.utf8)), name: try DomainName(name), view: nil, type: .primary
      ).description == expanded)
  }

  @Test("in a view → its name as it is written")
  func view() throws {
    let name = try DomainName("www.example.b")
    #expect(
      ZoneFileTokens.expand("T$name.$view.$type", name: name, view: "Vw", type: .primary)
        == "Twww.example.b.Vw.primary")
  }
}
