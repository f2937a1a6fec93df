import TestSupport

/// Bytes as a broken or a hostile master may send them in place of right ones.
struct Mutations {
  private var random: SeededGenerator

  init(seed: UInt64) { random = SeededGenerator(seed: seed) }

  /// The bytes with one to four things done to them.
  mutating func mutated(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    for _ in 0..<random.pick(1, 1, 1, 2, 3, 4) { mutate(&bytes) }
    return bytes
  }

  private static let pieces: [[UInt8]] =
    [
      // Not UTF-8: a lone continuation, overlong, a surrogate, beyond the last scalar, half of one.
      [0x80], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82],
      [0xff, 0xfe],
      // NUL and marks of byte order.
      [0], [0xef, 0xbb, 0xbf], [0xfe, 0xff], [0, 0, 0xfe, 0xff],
    ]
    + [
      #"\ud800"#, #"\udc00\ud800"#, #"\u0000"#, #"\u"#, #"\x"#, "\u{1b}[31m", "\u{9b}31m",
      "\u{202e}",
      "\u{2028}", "\r\n", "\"", "\\", "{", "}", "[", "]", ",", ":", "null", "true", "NaN", "-0",
      "1e999", "-1e-999", "123456789012345678901234567890123456789012345678901234567890", "0x1F",
      "%eth0", "/8", "::", "0.0.0.0", "255.255.255.255", "224.0.0.1", "ff02::1", "::ffff:10.0.0.1",
      "127.1", "0177.0.0.1", "10.0.0.256", "/*", "//", "'", "<html>",
      #""zbase32_public_key":"ybn","#, #""zbase32_public_key":null,"#, #""hostname":"x","#,
      #""hostname":7,"#, #""ip":"","#, #""host":[],"#,
    ].map { Array($0.utf8) }

  private mutating func mutate(_ bytes: inout [UInt8]) {
    let at = index(in: bytes)
    switch random.pick(0, 1, 2, 3, 4, 5, 6, 7, 8) {
    case 0 where at < bytes.count: bytes[at] ^= 1 << random.pick(0, 1, 2, 3, 4, 5, 6, 7)
    case 1 where at < bytes.count: bytes[at] = UInt8.random(in: .min ... .max, using: &random)
    case 2: bytes.removeSubrange(at..<min(bytes.count, at + random.pick(1, 1, 2, 8, 40, 10_000)))
    case 3, 4: bytes.insert(contentsOf: piece(), at: at)
    case 5:
      // A part twice, as a key or an element that stands there twice.
      let part = Array(bytes[at..<min(bytes.count, at + random.pick(1, 10, 75, 300))])
      bytes.insert(contentsOf: part, at: index(in: bytes))
    case 6: nest(&bytes)
    case 7: replaceAValue(in: &bytes)
    default: bytes = random.oneIn(2) ? piece() + bytes : bytes + piece()
    }
  }

  private mutating func index(in bytes: [UInt8]) -> Int {
    Int.random(in: 0...bytes.count, using: &random)
  }

  private mutating func piece() -> [UInt8] { Self.pieces.randomElement(using: &random) ?? [] }

  /// Deeper than any decoder's stack.
  private mutating func nest(_ bytes: inout [UInt8]) {
    let depth = random.pick(1, 2, 600, 5000)
    let (open, close) = random.pick((#"{"a":"#, "}"), ("[", "]"))
    let opening = Array(String(repeating: open, count: depth).utf8)
    let closing = Array(String(repeating: close, count: random.oneIn(4) ? 0 : depth).utf8)
    bytes = opening + bytes + closing
  }

  /// Puts something else between two quotation marks, or in the place of both.
  private mutating func replaceAValue(in bytes: inout [UInt8]) {
    let quotes = bytes.indices.filter { bytes[$0] == UInt8(ascii: "\"") }
    guard let first = quotes.indices.dropLast().randomElement(using: &random) else { return }
    let (start, end) = (quotes[first], quotes[first + 1])
    bytes.replaceSubrange(random.oneIn(3) ? start..<end + 1 : start + 1..<end, with: piece())
  }
}

/// The parts of a captured HTTP answer.
struct CapturedAnswer {
  let bytes: [UInt8]
  let body: [UInt8]

  init(_ name: String) {
    let bytes = Fixture("\(name).http").bytes
    let end = Array("\r\n\r\n".utf8)
    self.bytes = bytes
    body = bytes.firstRange(of: end).map { Array(bytes[$0.upperBound...]) } ?? []
  }

  static let key = CapturedAnswer("authed_navstar_lashup_key")
  static let exhibitor = CapturedAnswer("authed_exhibitor_exhibitor_v1_cluster_status")
  static let mesosDNS = CapturedAnswer("authed_mesos_dns_v1_hosts_master.mesos")

  /// What is asked for at a path.
  static func at(_ path: String) -> CapturedAnswer {
    switch path {
    case "/navstar/lashup/key": key
    case "/exhibitor/exhibitor/v1/cluster/status": exhibitor
    default: mesosDNS
    }
  }
}
