/// Makes files that named accepts, in all the forms that its grammar allows.
package struct FileGenerator {
  package var random: SeededGenerator
  private var serial = 0

  package init(seed: UInt64) { random = SeededGenerator(seed: seed) }

  package mutating func number() -> Int {
    serial += 1
    return serial
  }

  // MARK: named.conf

  /// A configuration, and the zones in it by view.
  package mutating func configuration() -> (text: String, zones: [(name: String, view: Int?)]) {
    var text = ""
    var zones: [(name: String, view: Int?)] = []
    if random.oneIn(2) { text += gap() + "options" + gap() + "{ recursion yes; };" }
    if random.oneIn(2) { text += gap() + "acl" + space() + "a\(number()) { 10/8; !any; };" }
    let views = random.oneIn(2) ? Int.random(in: 1...3, using: &random) : 0
    for view in 0..<max(views, 1) {
      let isView = views > 0
      if isView {
        text += gap() + random.pick("view", "VIEW") + space() + "\"v\(view)\"" + gap() + "{"
      }
      for _ in 0..<Int.random(in: 0...4, using: &random) {
        let name = "zone\(number()).example"
        zones.append((name, isView ? view : nil))
        text += zone(name)
      }
      if isView { text += gap() + "}" + gap() + ";" }
    }
    text += random.pick("", gap(), "\n", "// end", "\n# end", "\n\n\n", " /* end */", "\t")
    return (random.oneIn(3) ? text.withCarriageReturns : text, zones)
  }

  package mutating func zone(_ name: String) -> String {
    let written = random.pick(name, "\"\(name)\"", "\"\(name).\"", name.uppercased())
    let zoneClass = random.pick("", space() + "IN", space() + "in")
    let type = random.pick("primary", "master", "PRIMARY")
    let body = random.pick(
      "type \(type);" + gap() + "file \"db.\(name)\";",
      "file" + gap() + "\"db//\(name)#\";" + gap() + "type" + space() + type + gap() + ";",
      "type" + space() + "forward; forwarders { 10.0.0.1; ::1; };",
      "type \(type); file \"\(name)\"; allow-update { none; };")
    return gap() + random.pick("zone", "Zone") + space() + written + zoneClass + gap() + "{" + gap()
      + body + gap() + "}" + gap() + ";"
  }

  /// Text that is allowed between any two tokens.
  package mutating func gap() -> String {
    random.pick(
      "", " ", "\n", "\t", "\n\n", " // a } comment \" \n", "\n# another { one\n",
      " /* and; \n */ ",
      "\n  ")
  }

  /// Text that is allowed between two words.
  package mutating func space() -> String {
    random.pick(" ", "\n", "\t", " /* x */ ", "\n// BEGIN and END\n", " # x\n")
  }

  // MARK: zone files

  /// A zone file for contoso.com, and the owner of each of its records.
  package mutating func zone() -> (text: String, owners: [String]) {
    var text = random.pick("$TTL 3600\n", "$ttl\t1h ; x\n", "; a zone\n$TTL 1H\n")
    var origin = "contoso.com."
    var owners = ["contoso.com.", "contoso.com."]
    text += soa()
    text += random.pick("\tNS ns.example.\n", "@ IN NS ns.example.\n")
    var owner = "contoso.com."
    for _ in 0..<Int.random(in: 0...12, using: &random) {
      text += random.pick("", "", "\n", "; x\n", "  \n", "\t; \"(\n")
      if random.oneIn(6) {
        let label = "o\(number())"
        text += "$ORIGIN \(label)" + random.pick("\n", " ; x\n")
        origin = "\(label).\(origin)"
        continue
      }
      let isInherited = random.oneIn(3)
      if !isInherited {
        let label = "n\(number())"
        owner = "\(label).\(origin)"
        text += random.pick(label, owner, "\(label)")
      }
      owners.append(owner)
      text += record()
    }
    // named requires a line ending after a directive.
    let isDirectiveLast = text.split(separator: "\n").last?.hasPrefix("$") ?? false
    if random.oneIn(3), !isDirectiveLast { text.removeLast() }
    return (random.oneIn(3) ? text.withCarriageReturns : text, owners)
  }

  private mutating func soa() -> String {
    let serial = String(UInt32.random(in: 0 ... .max, using: &random))
    let one = random.pick(" ", "\t", "  ")
    let many = random.pick(" ", "\n", " ; a 1 comment (\n\t", "\n\n  ", " )( ", "\n;\n")
    let start = "@" + one + random.pick("IN SOA", "SOA", "3600 IN SOA", "IN 1h soa") + one
    return random.pick(
      start + "ns1 hostmaster \(serial) 3600 600 86400 300\n",
      start + "(ns1 hostmaster\(many)\(serial)\(many)1h 10m 1d 300)\n",
      start + "ns1 hostmaster (\n\t\(serial) ; serial\n\t3600 600\n 86400 300\n)\n",
      "(" + start + "ns1\(many)hostmaster\(many)\(serial)\(many)1 2 3 4) ; x\n")
  }

  private mutating func record() -> String {
    let address = "10.\(number()).0.1"
    let text = "t\(number())"
    let head = random.pick(" ", "\t", " IN ", " 60 ", " 1m IN ", "\tIN\t60\t", " ( ", " (\n\t60 ")
    let end = head.contains("(") ? random.pick(" )", ")", "\n)", " ; x )\n )") : ""
    let rdata = random.pick(
      "A \(address)", "a\t\(address)", "TXT \"\(text) ; (\"", "txt \(text)\\;x \"y\"",
      "TYPE65280 \\# 4 0a00\(String(1000 + number()))", "MX 10 m\(number())", "A (\(address)\n )")
    return head + rdata + end + random.pick("", " ", "\t; x", ";y") + "\n"
  }
}

extension String {
  /// The same text with CR LF instead of LF.
  package var withCarriageReturns: String {
    split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n")
  }
}
