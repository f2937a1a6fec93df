import Reconcile
import ReconcileModel
import SystemPackage
import Testing

@testable import zonebridge

private let file: FilePath = "/etc/z.yaml"

/// Bytes of a configuration file, and the whole of what is said about them.
struct Refusal: CustomTestStringConvertible, Sendable {
  var bytes: [UInt8]
  /// What follows the file's name.
  var words: String

  init(_ yaml: String, _ words: String) {
    self.init(bytes: Array(yaml.utf8), words)
  }

  init(bytes: [UInt8], _ words: String) {
    self.bytes = bytes
    self.words = words
  }

  var testDescription: String { "\(String(decoding: bytes, as: UTF8.self).debugDescription)" }
}

@Suite("The configuration's YAML", .timeLimit(.minutes(5))) struct ConfigurationDocumentTests {
  private static func utf16(_ text: String, isBigEndian: Bool) -> [UInt8] {
    text.utf16.flatMap { unit in
      let bytes = [UInt8(truncatingIfNeeded: unit >> 8), UInt8(truncatingIfNeeded: unit)]
      return isBigEndian ? bytes : bytes.reversed()
    }
  }

  private static func parse(_ bytes: [UInt8]) throws -> Configuration {
    try Configuration.parse(ConfigurationDocument.text(of: bytes, file: file), file: file)
  }

  private func check(_ refusal: Refusal) throws {
    let error = try #require(throws: ConfigurationError.self) { try Self.parse(refusal.bytes) }
    #expect(error.description == "\(file):\(refusal.words)")
  }

  @Test(
    "bytes that are not plain UTF-8 → what they are and how to save them",
    arguments: [
      Refusal(
        "\u{FEFF}clusters: []\n", "1: begins with a byte order mark. Save it as UTF-8 without BOM"),
      Refusal("\u{FEFF}", "1: begins with a byte order mark. Save it as UTF-8 without BOM"),
      Refusal(
        bytes: utf16("\u{FEFF}clusters: []\n", isBigEndian: false),
        "1: is UTF-16. Save it as UTF-8 without BOM"),
      Refusal(
        bytes: utf16("\u{FEFF}clusters: []\n", isBigEndian: true),
        "1: is UTF-16. Save it as UTF-8 without BOM"),
      Refusal(
        bytes: utf16("clusters: []\n", isBigEndian: false),
        "1: is UTF-16. Save it as UTF-8 without BOM"),
      Refusal(
        bytes: utf16("clusters: []\n", isBigEndian: true),
        "1: is UTF-16. Save it as UTF-8 without BOM"),
      Refusal(
        bytes: Array("clusters: []\ninterval: 5".utf8) + [0xff, 0x0a],
        "2: the file is not UTF-8 text here. Save it in UTF-8"),
      // A surrogate and an overlong form, which UTF-8 has not (RFC 3629).
      Refusal(
        bytes: [0x61, 0xed, 0xa0, 0x80], "1: the file is not UTF-8 text here. Save it in UTF-8"),
      Refusal(bytes: [0x0a, 0xc0, 0x80], "2: the file is not UTF-8 text here. Save it in UTF-8"),
      Refusal(
        "clusters: []\r\ninterval: 5\0m\n",
        "2: has a NUL byte here, and has to be text. Remove it"),
      Refusal("\0", "1: has a NUL byte here, and has to be text. Remove it"),
      Refusal("\0\0\0\0", "1: has a NUL byte here, and has to be text. Remove it"),
      Refusal(
        "clusters: []\n# bell \u{7}\n",
        "2: not YAML: has the control character U+0007 here. Remove it"),
      Refusal(
        "\n\ninterval: 5\u{7f}m\n",
        "3: not YAML: has the control character U+007F here. Remove it"),
    ])
  func encoding(refusal: Refusal) throws { try check(refusal) }

  private static let tab = "a tab, where YAML allows only spaces. Replace it with spaces"

  @Test(
    "a tab as indentation → the tab's line, and that spaces indent",
    arguments: [
      Refusal("clusters: []\nbind:\n\treload: none\n", "3: \(tab)"),
      Refusal("\tclusters: []\n", "1: \(tab)"),
      Refusal("clusters:\n  \t- name: a\n", "2: \(tab)"),
      Refusal("clusters:\r\n\t- name: a\r\n", "2: \(tab)"),
      Refusal("clusters:\n-\tname: a\n", "2: \(tab)"),
      Refusal("ä: 1 # ü\n\t\nclusters: []\n", "2: \(tab)"),
      Refusal(
        "state-directory: |\n\t/x\nclusters: []\n", "2: \(tab)"),
      Refusal("bind:\n  root: a\n\tb\nclusters: []\n", "3: \(tab)"),
    ])
  func tabs(refusal: Refusal) throws { try check(refusal) }

  @Test(
    "anchors, aliases, tags, merge keys → each refused by its name, under its key",
    arguments: [
      Refusal(
        "interval: &wait 30s\nclusters: []\n",
        """
        1: interval: the YAML anchor &wait is not supported. Remove it, and write the value out where \
        *wait stands
        """),
      Refusal(
        "clusters:\n- &a\n  name: a\n",
        """
        2: clusters[0]: the YAML anchor &a is not supported. Remove it, and write the value out where \
        *a stands
        """),
      Refusal(
        "clusters: []\naliases: &none []\n",
        """
        2: aliases: the YAML anchor &none is not supported. Remove it, and write the value out where \
        *none stands
        """),
      Refusal(
        "bind:\n  &k reload: none\n",
        """
        2: bind: the YAML anchor &k is not supported. Remove it, and write the value out where \
        *k stands
        """),
      // Before anything is looked up: it has not to be known.
      Refusal(
        "clusters: []\nbind:\n  root: *elsewhere\n",
        "3: bind.root: the YAML alias *elsewhere is not supported. Write the value out here"),
      Refusal(
        "clusters:\n- name: a\n  masters: [http://a, *b]\n",
        "3: clusters[0].masters[1]: the YAML alias *b is not supported. Write the value out here"),
      Refusal(
        "clusters: []\n*k : 30s\n",
        "2: the YAML alias *k is not supported. Write the value out here"),
      Refusal(
        "clusters: []\ninterval: !!str 30s\n",
        "2: interval: the YAML tag !!str is not supported. Remove it"),
      Refusal(
        "clusters: !list []\n", "1: clusters: the YAML tag !list is not supported. Remove it"),
      Refusal(
        "--- !<tag:example.org,2026:x>\nclusters: []\n",
        "1: the YAML tag tag:example.org,2026:x is not supported. Remove it"),
      Refusal(
        "clusters: []\nbind: !!map {}\n", "2: bind: the YAML tag !!map is not supported. Remove it"),
      Refusal(
        "clusters: []\nbind: { root: ! \"/x\" }\n",
        "2: bind.root: the YAML tag ! is not supported. Remove it"),
      Refusal(
        "clusters: []\nbind:\n  !!str root: /x\n",
        "3: bind: the YAML tag !!str is not supported. Remove it"),
      Refusal(
        "clusters: []\nbind:\n  <<: { reload: none }\n",
        "3: bind: YAML's merge key << is not supported. Write out the keys that it stands for"),
      Refusal(
        "clusters: []\n<< : {}\n",
        "2: YAML's merge key << is not supported. Write out the keys that it stands for"),
    ])
  func extras(refusal: Refusal) throws { try check(refusal) }

  @Test(
    "a key that stands twice → both lines, wherever it stands",
    arguments: [
      Refusal(
        "interval: 30s\nclusters: []\n\ninterval: 5m\n",
        """
        1: interval: the key is here twice: on this line and on line 4. Keep only one of \
        the two
        """),
      Refusal(
        "clusters:\n- name: a\n  'name': b\n",
        """
        2: clusters[0].name: the key is here twice: on this line and on line 3. Keep only \
        one of the two
        """),
      Refusal(
        "clusters: []\nzones: { a.b: {}, c.d: {},\n  a.b: {} }\n",
        """
        2: zones.a.b: the key is here twice: on this line and on line 3. Keep only one of \
        the two
        """),
      // The first of two pairs, as they are met from the top.
      Refusal(
        "z: 1\na: 2\nz: 3\na: 4\n",
        "1: z: the key is here twice: on this line and on line 3. Keep only one of the two"
      ),
    ])
  func duplicates(refusal: Refusal) throws { try check(refusal) }

  @Test(
    "more than one document, or no key where one has to be → refused where it begins",
    arguments: [
      Refusal(
        "clusters: []\n---\nclusters: []\n",
        "2: not YAML: another document begins here, and only one is read. Remove this --- or the rest"
      ),
      Refusal(
        "---\nclusters: []\n...\n---\n",
        "4: not YAML: another document begins here, and only one is read. Remove this --- or the rest"
      ),
      Refusal("bind:\n  [a]: b\n", "2: bind: a key has to be a word. Write key: value"),
      Refusal("{ a: 1 }: b\n", "1: a key has to be a word. Write key: value"),
      Refusal("? - a\n: b\n", "1: a key has to be a word. Write key: value"),
    ])
  func documents(refusal: Refusal) throws { try check(refusal) }

  @Test(
    "brackets without end → refused at a bounded depth, before they fill the stack",
    arguments: ["[", "{a: ", "[{a: ", "- ", "? "])
  func depth(opening: String) throws {
    let limit = DocumentReader.depthLimit
    let error = try #require(throws: ConfigurationError.self) {
      try Self.parse(Array(String(repeating: opening, count: 100_000).utf8))
    }
    #expect(error.line == 1)
    let words = "more than \(limit) levels deep, which no key is"
    // A key that is itself a list or a section is refused for that.
    #expect(error.problem == words || opening == "? " && error.problem.contains("a key has to be"))
  }

  @Test("32 levels, as deep as is allowed → read, and then told as what it is")
  func allowedDepth() throws {
    let limit = DocumentReader.depthLimit
    let yaml =
      "clusters: " + String(repeating: "[", count: limit) + String(repeating: "]", count: limit)
    let error = try #require(throws: ConfigurationError.self) { try Self.parse(Array(yaml.utf8)) }
    #expect(
      error.description
        == "\(file):1: clusters[0]: is a list, not a section. Write its keys below it, as key: value"
    )
  }

  @Test(
    "what plain YAML has in other forms → read as ever",
    arguments: [
      "---\ninterval: 30s\nclusters: []\n...\n",
      "%YAML 1.1\n---\ninterval: 30s\nclusters: []\n",
      "# ä\ninterval:\t30s\t# a tab that parts\nclusters:\t[]\n",
      "{ \"interval\":30s,\n\tclusters: [ ] }\n",
      "? interval\n: '30s'\n? clusters\n: []\n",
      "interval: >-\n  30s\nclusters: []",
      "interval: \"3\\\n  0s\"\r\nclusters: []\r\n",
      "interval:\r\n  30s\r\nclusters:\r\n  []\r\n",
    ])
  func accepted(yaml: String) throws {
    let configuration = try Self.parse(Array(yaml.utf8))
    #expect(configuration.interval == .seconds(30))
    #expect(configuration.desired.clusters.isEmpty)
  }

  @Test("a quoted << → a key like another")
  func quotedMergeKey() throws {
    try check(
      Refusal(
        "clusters: []\nbind: { \"<<\": 1 }\n",
        """
        2: bind.<<: unknown key. The keys here are tools, named-conf, zones-in, views, query, reload, \
        rndc, root, user, dnssec-exempt
        """))
  }

  /// A line for each value: its key, where the key stands (- for none), where the value begins, and which
  /// line a mistake in it is told with.
  private func places(_ node: ConfigurationNode) throws -> [String] {
    func text(_ place: TextPlace?) -> String { place.map { "\($0.line):\($0.column)" } ?? "-" }
    let own = "\(node.key ?? "") \(text(node.keyPlace)) \(text(node.place)) \(node.line)"
    var inner: [ConfigurationNode] = []
    if node.isList { inner = try node.list("") }
    if node.isSection { inner = try node.pairs().map(\.value) }
    return try [own] + inner.flatMap(places)
  }

  static let block = """
    # a comment

    interval: 30s
    clusters:
      - name: a
        masters:
        - http://a
        -   "http://b"
      -
        name: b
    bind:
      root:
      query: >
        x
    ünï: ü # then
    last: "x"
    """

  @Test("keys and values in block style → line and column of each, with LF and with CRLF")
  func blockPlaces() throws {
    let expected = [
      " - 3:1 3",
      "interval 3:1 3:11 3",
      "clusters 4:1 5:3 4",
      "clusters[0] - 5:5 5",
      "clusters[0].name 5:5 5:11 5",
      "clusters[0].masters 6:5 7:5 6",
      "clusters[0].masters[0] - 7:7 7",
      "clusters[0].masters[1] - 8:9 8",
      "clusters[1] - 10:5 10",
      "clusters[1].name 10:5 10:11 10",
      "bind 11:1 12:3 11",
      "bind.root 12:3 12:8 12",
      "bind.query 13:3 13:10 13",
      "ünï 15:1 15:6 15",
      "last 16:1 16:7 16",
    ]
    for yaml in [Self.block, Self.block.replacing("\n", with: "\r\n")] {
      #expect(try places(root(of: yaml)) == expected)
    }
  }

  private func root(of yaml: String) throws(ConfigurationError) -> ConfigurationNode {
    try ConfigurationDocument.root(
      of: yaml, file: file, mistakes: ConfigurationMistakes(isOnItsHost: true))
  }

  static let flow = """
    { interval: 30s, "clusters": [
      { name: a, masters: [http://a,
          'http://b'] }, ], bind: {},
      zones: { a.b:
          { create: ~ } } }
    """

  @Test("keys and values in flow style → line and column of each, with LF and with CRLF")
  func flowPlaces() throws {
    let expected = [
      " - 1:1 1",
      "interval 1:3 1:13 1",
      "clusters 1:18 1:30 1",
      "clusters[0] - 2:3 2",
      "clusters[0].name 2:5 2:11 2",
      "clusters[0].masters 2:14 2:23 2",
      "clusters[0].masters[0] - 2:24 2",
      "clusters[0].masters[1] - 3:7 3",
      "bind 3:25 3:31 3",
      "zones 4:3 4:10 4",
      "zones.a.b 4:12 5:7 4",
      "zones.a.b.create 5:9 5:17 5",
    ]
    for yaml in [Self.flow, Self.flow.replacing("\n", with: "\r\n")] {
      #expect(try places(root(of: yaml)) == expected)
    }
  }

  @Test(
    "text at every length up to the whole → an answer or an error with a line, and never a crash")
  func prefixes() throws {
    let text = Self.block + "\n" + Self.flow + "\nx: &a *b !!c << \t\u{FEFF}\0"
    let scalars = Array(text.unicodeScalars)
    for count in scalars.indices {
      var view = String.UnicodeScalarView()
      view.append(contentsOf: scalars[..<count])
      do {
        _ = try root(of: String(view))
      } catch {
        #expect(error.line != nil, "\(error)")
      }
    }
  }
}
