import TestSupport

/// Makes zones of several files in every form that named's reader of zone files has, some of which it refuses.
///
/// Names come from a small stock, so that the same one is written in several ways and files.
struct ZoneTextGenerator {
  private var random: SeededGenerator
  /// The files; `db` is the zone's own.
  private(set) var files: [String: String] = [:]
  private var filesLeft = 4

  init(seed: UInt64) {
    random = SeededGenerator(seed: seed)
    let head = random.pick("$TTL 300\n", "$ttl 1h30m ; x\n", "", "; x\n$TTL\t(\n 5 )\n") + authority
    if random.oneIn(8) {
      filesLeft -= 1
      files["head"] = head + records(2)
      files["db"] = "$INCLUDE head\n" + records(Int.random(in: 1...8, using: &random))
    } else {
      files["db"] = head + records(Int.random(in: 1...12, using: &random))
    }
  }

  private var authority: String {
    mutating get {
      random.pick("@", "contoso.com.", "CONTOSO.com.") + random.pick(" IN", "", " 60", " IN 60")
        + random.pick(
          " SOA ns h 7 1 2 3 4\n", " soa ns h (7 1 2\n 3 4)\n", " SOA ( ns\n h ; 9\n 7 1 2 3 4 )\n")
        + random.pick("\tNS ns.example.\n", "@ IN NS ns.example.\n", "contoso.com. NS ns\n")
    }
  }

  private mutating func records(_ count: Int) -> String {
    var text = ""
    for _ in 0..<count { text += entry() }
    if random.oneIn(5), text.last == "\n" { text.removeLast() }
    return random.oneIn(6) ? text.withCarriageReturns : text
  }

  private mutating func entry() -> String {
    switch Int.random(in: 0..<16, using: &random) {
    case 0: "$" + word("ORIGIN") + gap() + origin() + end()
    case 1: "$" + word("TTL") + gap() + random.pick("60", "1h", "1W2D", "0", "5m", "7S") + end()
    case 2: include()
    case 3, 4: generate()
    case 5: random.pick("\n", "; x ( \"\n", " \t\n", "  ; y\n", "\r\n", " ()\n", "( ; x\n ) \n")
    case 6: random.oneIn(8) ? "$DATE 20200101000000\n" : record()
    default: record()
    }
  }

  private mutating func word(_ text: String) -> String {
    random.pick(text, text.lowercased(), text.capitalized)
  }

  private mutating func gap() -> String { random.pick(" ", "\t", "  ", " ", " ( ) ", " (\n) ") }

  private mutating func end() -> String { random.pick("\n", "\n", "\n", " ; x\n", "\t\n", ";y\n") }

  // MARK: Names

  private mutating func label() -> String {
    let number = Int.random(in: 0...12, using: &random)
    guard random.oneIn(3) else { return "n\(number)" }
    return random.pick(
      "N\(number)", "\(number)", "_n\(number)._tcp", "a.n\(number)", "*.n\(number)", "*",
      "n\\.\(number)",
      "n\\032\(number)", "\\110\(number)", "n\\\(number % 10)x", "n\\@", "\\@", "\\$ttl",
      "n$\(number)",
      "\"n\(number)\"", "\"n \(number)\"", "n\\\"\(number)", "n\\;\(number)", "n\\(\(number)",
      "\u{e4}\(number)",
      "IN", "A", "60", "1h", "ch", "any", "n\\\\\(number)", "n\\000", "n\\255", "n/\(number)",
      "a.b.c.d.n\(number)")
  }

  private mutating func name() -> String {
    random.pick(
      label(), label(), label(), label(), label() + ".contoso.com.", label() + ".Contoso.COM.", "@",
      "contoso.com.",
      label() + ".other.example.",
      "n\(Int.random(in: 0...12, using: &random)).o\(Int.random(in: 0...3, using: &random)).contoso.com."
    )
  }

  private mutating func origin() -> String {
    let number = Int.random(in: 0...3, using: &random)
    return random.pick(
      "o\(number)", "o\(number)", "o\(number).contoso.com.", "O\(number).Contoso.com.",
      "contoso.com.", "contoso.com.",
      ".", "@", "a.o\(number)", "com.", "o\\.\(number)", "\"o\(number)\"", "n\(number)")
  }

  // MARK: Records

  private mutating func record() -> String {
    let isGrouped = random.oneIn(8)
    let owner = random.oneIn(4) ? "" : name()
    let head = owner + gap() + classAndTTL() + gap()
    let text = rdata()
    if isGrouped {
      return "(" + random.pick("", " ") + head + text + random.pick(")", " )", "\n)") + end()
    }
    let isBroken = random.oneIn(5)
    return head + (isBroken ? parted(text) : text) + end()
  }

  private mutating func classAndTTL() -> String {
    random.pick(
      "", "", "", "IN ", "60 ", "IN 60 ", "60 IN ", "1h in ", "CLASS1 5m ", "in\t1W\t", "(IN) 0 ")
  }

  private mutating func rdata() -> String {
    let number = Int.random(in: 1...200, using: &random)
    return random.pick(
      "A 192.0.2.\(number)", "A 192.0.2.\(number)", "aaaa 2001:db8::\(number)",
      "TXT \"a;\(number) (\" b", "MX 10 m\(number)",
      "TXT a\\;\(number)", "TYPE65280 \\# 4 0a000001", "TYPE1 \\# 4 c00002\(10 + number % 80)",
      "NS ns\(number).example.", "NS ns",
      "SRV 0 0 1 @", "TXT ( \"x\n", "TXT \"x\\\"y\" ; \"", "CAA 0 issue \"ca.example;x=\(number)\"",
      "HTTPS 1 . alpn=\"h2,h3\" port=\(number)", "DNAME d\(number)", "TYPE39 \\# 3 0161 00", "PTR @"
    )
  }

  private mutating func parted(_ text: String) -> String {
    let words = text.split(separator: " ", maxSplits: 1)
    guard words.count == 2, !text.contains("(") else { return text }
    return words[0] + random.pick(" (", " ( ; x\n  ", "(\n", "\n") + words[1]
      + random.pick(")", " )", "\n\n ) ", " ; )\n )")
  }

  // MARK: Directives

  private mutating func include() -> String {
    guard filesLeft > 0 else { return record() }
    filesLeft -= 1
    let file = "file\(filesLeft)"
    files[file] = records(Int.random(in: 0...5, using: &random))
    let path = random.pick(file, "\"\(file)\"", "./\(file)", "\"sub/../\(file)\"", "FOLDER/\(file)")
    let name = random.oneIn(2) ? gap() + origin() : ""
    return "$" + word("INCLUDE") + gap() + path + name
      + random.pick(end(), end(), end(), "\n " + rdata() + "\n")
  }

  private mutating func generate() -> String {
    let first = random.pick(0, 0, 1, 5, 98, 250)
    let last = first + Int.random(in: 0...20, using: &random)
    let step = random.pick("", "", "", "/2", "/7", "/100")
    let text = random.pick(
      "A 192.0.2.1", "TXT \"$ (x\"", "TXT x$", "NS ns$.example.", "PTR h${0,3}", "CNAME x$",
      "DNAME d$.example.", "AAAA ::${0,0,x}",
      "MX \"10 m$\"")
    return "$" + word("GENERATE") + gap() + "\(first)-\(last)\(step)" + gap() + template() + gap()
      + classAndTTL() + text + end()
  }

  private mutating func template() -> String {
    let place = random.pick(
      "$", "$", "${1}", "${-3}", "${0,3}", "${0,4,x}", "${7,2,X}", "${0,3,o}", "${0,3,n}",
      "${0,5,N}", "${0,0,d}", "\\$",
      "$$", "")
    return random.pick(
      "n\(place)", place, "\(place).n3", "a\(place).o1.contoso.com.", "n\(place)x$",
      "g\(place)-${0,2}", "*.n\(place)", "n\\.\(place)",
      "\(place).other.example.", "@", "n4", "N\(place).Contoso.com.")
  }
}

extension String {
  fileprivate var capitalized: String { prefix(1) + dropFirst().lowercased() }
}
