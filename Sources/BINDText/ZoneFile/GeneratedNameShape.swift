import DNSNames

/// The common shape of the names of a run of numbers.
///
/// It has the ends of the labels, and all octets except those that a number is written with.
struct GeneratedNameShape {
  /// The result of reading the names of a run.
  enum Reading {
    case names(GeneratedNameShape)
    /// named rejects them.
    case refused
    /// Digits of the number are part of an escape and determine its octet: `\0$`.
    case unpredictable
  }

  /// An octet of a name's wire form.
  private struct Octet {
    var value: UInt8
    /// The index of the placeholder that contains it; nil for a constant octet.
    var place: Int?
  }

  private var octets: [Octet] = []
  /// The format of the number at each placeholder, and the number of characters there, without dots.
  private var places: [(format: GenerateNumberFormat, length: Int)] = []
  /// All numbers of the run.
  private let range: ClosedRange<Int>

  /// The shape of a single name.
  init(of name: DomainName) {
    octets = name.wire.map { Octet(value: $0) }
    range = .min ... .max
  }

  private init(_ range: ClosedRange<Int>) { self.range = range }

  static func reading(of names: GeneratedNames, for run: GenerateNumbers) -> Reading {
    var shape = GeneratedNameShape(run.first...run.last)
    var text: [Octet] = []
    for part in names.template.parts {
      switch part {
      case .text(let bytes): text += bytes.map { Octet(value: $0) }
      case .number(let format):
        guard let digits = format.text(for: run.first) else { return .refused }
        text += digits.map { Octet(value: $0, place: shape.places.count) }
        shape.places.append((format, digits.count { $0 != ASCII.dot }))
      }
    }
    return shape.read(text, names.origin)
  }

  /// Reads the text of a name as ``DomainName`` does.
  private mutating func read(_ text: [Octet], _ origin: DomainName) -> Reading {
    if text.allSatisfy({ $0.place == nil }) {
      let bytes = text.map(\.value)
      guard let name = try? DomainName(bytes, in: 0..<bytes.count, origin: origin) else {
        return .refused
      }
      octets = name.wire.map { Octet(value: $0) }
      return .names(self)
    }
    var label: [Octet] = []
    var index = 0
    while index < text.count {
      var octet = text[index]
      index += 1
      if octet.value == ASCII.dot {
        guard end(&label) else { return .refused }
        continue
      }
      if octet.value == ASCII.backslash {
        guard index < text.count else { return .refused }
        let escape = text[index...].prefix(ASCII.isDigit(text[index].value) ? 3 : 1)
        guard escape.allSatisfy({ $0.place == nil }) else { return .unpredictable }
        // `\[` has another meaning at the start of a label.
        let before = label.isEmpty ? [] : [ASCII.zero]
        let bytes = before + [ASCII.backslash] + escape.map(\.value)
        guard let name = try? DomainName(bytes, in: 0..<bytes.count),
          let value = name.labels.first?.last
        else { return .refused }
        octet = Octet(value: value)
        index += escape.count
      }
      label.append(octet)
    }
    if label.isEmpty {
      octets.append(Octet(value: 0))
    } else {
      guard end(&label) else { return .refused }
      octets += origin.wire.map { Octet(value: $0) }
    }
    return octets.count <= 255 ? .names(self) : .refused
  }

  private mutating func end(_ label: inout [Octet]) -> Bool {
    guard 1...63 ~= label.count else { return false }
    octets.append(Octet(value: UInt8(label.count)))
    octets += label
    label = []
    return true
  }

  /// The numbers of the run whose name is the given one.
  func numbers(of name: DomainName) -> ClosedRange<Int>? {
    octets.count == name.wire.count ? numbers(endingIn: name) : nil
  }

  /// The numbers of the run whose names are strictly below the given one.
  func numbers(below name: DomainName) -> ClosedRange<Int>? {
    octets.count > name.wire.count ? numbers(endingIn: name) : nil
  }

  private func numbers(endingIn name: DomainName) -> ClosedRange<Int>? {
    let surplus = octets.count - name.wire.count
    var index = 0
    while index < surplus { index += Int(octets[index].value) + 1 }
    guard index == surplus else { return nil }
    var written: [Int: [UInt8]] = [:]
    for (octet, byte) in zip(octets[surplus...], name.wire) {
      if let place = octet.place {
        written[place, default: []].append(byte)
      } else if ASCII.lowercased(octet.value) != ASCII.lowercased(byte) {
        return nil
      }
    }
    return written.reduce(into: ClosedRange<Int>?.some(range)) { range, digits in
      let (format, length) = places[digits.key]
      range = range.flatMap {
        format.numbers(writtenToEndIn: digits.value, ofLength: length)?.intersection($0)
      }
    }
  }
}

extension ClosedRange<Int> {
  fileprivate func intersection(_ other: ClosedRange<Int>) -> ClosedRange<Int>? {
    overlaps(other) ? clamped(to: other) : nil
  }
}
