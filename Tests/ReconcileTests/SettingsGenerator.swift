import TestSupport

/// Makes configurations whose zones get what they say from everywhere.
///
/// That is their own braces, files included there, templates, views, `options`, and files that several views include.
/// named refuses some of them.
struct SettingsGenerator {
  private var files: FileGenerator
  private(set) var tree: [String: String] = ["sub/x": ""]
  /// Files of zones, of which a later view may include one again.
  private var lists: [String] = []
  private var views: [(name: String, zones: [String])] = []
  private var zones: [String] = []
  /// Those that are written before any zone, and one that may be written behind them.
  private var templates: [String] = []

  /// - Parameters:
  ///   - seed: What is made follows from it alone.
  ///   - knowsTemplates: whether named knows the statement `template`, as it does from BIND 9.21 on.
  init(seed: UInt64, knowsTemplates: Bool = false) {
    files = FileGenerator(seed: seed)
    var text = ""
    var late = ""
    if knowsTemplates {
      for _ in 0..<Int.random(in: 1...3, using: &files.random) {
        let template = self.template()
        if files.random.oneIn(3) { late += template } else { text += template }
      }
    }
    let options = self.options()
    let isFirst = !files.random.oneIn(5)
    if isFirst { text += options }
    let keys = "keys { csk lifetime unlimited algorithm 13; };"
    text +=
      files.gap() + "dnssec-policy \"own\" {" + (files.random.oneIn(3) ? included(keys) : keys)
      + "};"
    let count = files.random.pick(0, 0, 1, 2, 3)
    if count == 0 { text += list(depth: 0) }
    for number in 0..<count { text += view("v\(number)") }
    if !isFirst { text += options }
    text += late
    tree["named.conf"] = files.random.oneIn(4) ? text.withCarriageReturns : text
  }

  private mutating func template() -> String {
    let name = "T\(files.number())"
    var text = ""
    if files.random.oneIn(2) { text += statement("type " + files.random.pick("primary", "master")) }
    if files.random.oneIn(2) {
      text += statement("file \"" + files.random.pick("db.$name", "sub/$name.$view") + "\"")
    }
    text += settings(isZone: true)
    if files.random.oneIn(3) { text = included(text) }
    if files.random.oneIn(5) {
      text += included(files.random.oneIn(2) ? "" : statement("notify no"))
    }
    templates.append(name)
    text =
      files.gap() + files.random.pick("template", "Template") + files.space()
      + files.random.pick(name, "\"\(name)\"") + files.gap() + "{" + text + files.gap() + "}"
      + files.gap() + ";"
    return files.random.oneIn(4) ? included(text) : text
  }

  private mutating func options() -> String {
    var text = ""
    if files.random.oneIn(2) {
      text += statement("directory \"FOLDER" + files.random.pick("\"", "/sub\"", "/sub/..\""))
    }
    text += settings()
    if files.random.oneIn(3) { text = included(text) }
    if files.random.oneIn(5) { text += included(settings()) }
    text =
      files.gap() + "options" + files.gap() + "{" + text + files.gap() + "}" + files.gap() + ";"
    return files.random.oneIn(4) ? included(text) : text
  }

  private mutating func view(_ name: String) -> String {
    zones = []
    var text = ""
    if files.random.oneIn(2) { text += settings() }
    text += list(depth: 0)
    if files.random.oneIn(3) { text += included(settings()) }
    if let lender = views.randomElement(using: &files.random),
      let zone = lender.zones.randomElement(using: &files.random)
    {
      text += statement("zone \(zone) { in-view \(lender.name); }")
    }
    let zoneClass = files.random.pick("", "", "", " IN", " in", " CH", " HS", " CLASS1")
    views.append((name, zones))
    text =
      files.gap() + files.random.pick("view", "VIEW") + files.space()
      + files.random.pick(name, "\"\(name)\"")
      + zoneClass + files.gap() + "{" + text + files.gap() + "}" + files.gap() + ";"
    return files.random.oneIn(6) ? included(text) : text
  }

  private mutating func list(depth: Int) -> String {
    var text = ""
    for _ in 0..<Int.random(in: 0...3, using: &files.random) { text += zone() }
    if depth < 3, files.random.oneIn(2) {
      let inner = list(depth: depth + 1)
      text += included(inner)
      if let name = tree.first(where: { $0.value == inner })?.key { lists.append(name) }
    }
    if let again = lists.randomElement(using: &files.random), files.random.oneIn(4) {
      text += statement("include \"FOLDER/\(again)\"")
    }
    if files.random.oneIn(6) {
      let folder = "set\(files.number())"
      for name in ["a.conf", "b.conf", ".hidden.conf"] { tree["\(folder)/\(name)"] = zone() }
      text += statement("include \"FOLDER/\(folder)/*.conf\"")
    }
    return text
  }

  private mutating func zone() -> String {
    let name = "zone\(files.number()).example"
    let file = files.random.pick("db.\(name)", "FOLDER/db.\(name)", "sub/db.\(name)")
    var text: String
    switch files.random.pick(0, 0, 0, 0, 1, 2, 3, 4) {
    case 1:
      text = statement("type " + files.random.pick("secondary", "Slave", "mirror", "stub"))
      text += statement("primaries { 192.0.2.1; }")
      if files.random.oneIn(2) { text += statement("file \"\(file)\"") }
    case 2: text = statement("type static-stub") + statement("server-addresses { 192.0.2.1; }")
    case 3: text = statement("type FORWARD") + statement("forwarders { 192.0.2.1; }")
    case 4: text = statement("type hint") + statement("file" + files.space() + "\"\(file)\"")
    default:
      text = ""
      let template = templates.randomElement(using: &files.random)
      let isMade = template != nil && !files.random.oneIn(3)
      if let template, isMade {
        text += statement(
          files.random.pick("template", "TEMPLATE") + files.space()
            + files.random.pick(template, "\"\(template)\""))
      }
      if !isMade || files.random.oneIn(2) {
        text += statement(
          "type" + files.space() + files.random.pick("primary", "master", "PRIMARY"))
      }
      if !isMade || files.random.oneIn(3) {
        text += statement("file" + files.space() + "\"\(file)\"")
      }
      text += settings(isZone: true)
    }
    if files.random.oneIn(4) { text = included(text) }
    if files.random.oneIn(6) { text = included(text) }
    zones.append(name)
    return files.gap() + files.random.pick("zone", "Zone") + files.space()
      + files.random.pick(name, "\"\(name)\"", "\"\(name).\"")
      + files.random.pick("", "", "", " IN", " in") + files.gap() + "{" + text + files.gap() + "}"
      + files.gap() + ";"
  }

  private mutating func settings(isZone: Bool = false) -> String {
    var text = ""
    for setting in [
      files.random.pick("masterfile-format text", "masterfile-format RAW"),
      files.random.pick("max-zone-ttl 1h", "max-zone-ttl unlimited", "max-zone-ttl PT2H"),
      isZone
        ? files.random.pick("check-names ignore", "check-names WARN")
        : files.random.pick("check-names primary ignore", "check-names response warn"),
      "check-integrity no",
    ] where files.random.oneIn(4) { text += statement(setting) }
    guard isZone else {
      if files.random.oneIn(6) {
        text += statement(files.random.pick("dnssec-policy none", "allow-update { none; }"))
      }
      return text
    }
    if files.random.oneIn(4) {
      text += statement(
        "dnssec-policy" + files.space()
          + files.random.pick("default", "\"own\"", "none", "insecure"))
      text += statement("inline-signing " + files.random.pick("yes", "true", "YES"))
    }
    switch files.random.pick(0, 0, 1, 2) {
    case 1:
      text += statement(
        "allow-update" + files.random.pick(" { none; }", "{ 10.0.0.1; }", " { !any; }"))
    case 2: text += statement("update-policy local") + statement("journal \"sub/own.jnl\"")
    default: break
    }
    return text
  }

  private mutating func included(_ text: String) -> String {
    let name = "file\(files.number())"
    tree[name] = text + files.random.pick("", "\n", " # end", "\r\n")
    return statement(files.random.pick("include", "INCLUDE") + files.space() + "\"FOLDER/\(name)\"")
  }

  private mutating func statement(_ text: String) -> String {
    files.gap() + text + files.gap() + ";"
  }
}
