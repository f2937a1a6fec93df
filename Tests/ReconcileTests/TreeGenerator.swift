import TestSupport

/// Makes configurations of several files that named takes: with and without views, `options`,
/// exceptions from validation, and includes at any level.
struct TreeGenerator {
  private var files: FileGenerator
  private(set) var tree: [String: String] = [:]
  /// A file of the tree that takes zone statements.
  private(set) var zonesIn = "named.conf"

  init(seed: UInt64) {
    files = FileGenerator(seed: seed)
    make()
  }

  private mutating func make() {
    var text = ""
    if !files.random.oneIn(4) { text += options() }
    if files.random.oneIn(2) { text += statement("acl \"a\(files.number())\" { 10/8; !any; }") }
    let views = files.random.oneIn(2) ? Int.random(in: 1...3, using: &files.random) : 0
    if views == 0 {
      text += zones(canBeIncluded: true)
    }
    for view in 0..<views {
      text += files.gap() + "view" + files.space() + "\"v\(view)\"" + files.gap() + "{"
      if files.random.oneIn(2) { text += statement("match-clients { any; }") }
      text += validation()
      text += zones(canBeIncluded: true)
      text += files.gap() + "}" + files.gap() + ";"
    }
    text += files.random.pick("", "\n", "// end", "\n# end", "\n\n\n", " /* end */", "\t")
    tree["named.conf"] = files.random.oneIn(3) ? text.withCarriageReturns : text
  }

  private mutating func options() -> String {
    let body = (files.random.oneIn(2) ? statement("recursion yes") : "") + validation()
    guard files.random.oneIn(3) else {
      return files.gap() + "options" + files.gap() + "{" + body + files.gap() + "};"
    }
    return statement("options { \(include(body)); }")
  }

  private mutating func validation() -> String {
    var text =
      files.random.oneIn(3)
      ? statement("dnssec-validation " + files.random.pick("auto", "yes", "no", "NO")) : ""
    if files.random.oneIn(3) {
      let names = files.random.pick(
        "", " \"corp.example\"; ", "\n\tcorp.example;\n\t\"lab.\";\n    ", " \"directory\"; ",
        " x; /* } */ y;\r\n")
      text += statement("validate-except {\(names)}")
    }
    return text
  }

  private mutating func zones(canBeIncluded: Bool) -> String {
    var text = ""
    for _ in 0..<Int.random(in: 0...3, using: &files.random) {
      text += files.zone("zone\(files.number()).example")
    }
    guard canBeIncluded, files.random.oneIn(2) else { return text }
    let isNested = files.random.oneIn(3)
    let inner = isNested ? text + zones(canBeIncluded: true) : text
    let name = "file\(files.number())"
    tree[name] = inner + files.random.pick("", "\n", " # end", "\r\n")
    if files.random.oneIn(2) { zonesIn = name }
    return statement("include \"FOLDER/\(name)\"")
  }

  private mutating func include(_ text: String) -> String {
    let name = "file\(files.number())"
    tree[name] = text
    return "include \"FOLDER/\(name)\""
  }

  private mutating func statement(_ text: String) -> String {
    files.gap() + text + files.gap() + ";"
  }
}
