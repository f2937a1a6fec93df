import BINDText
import FileChange
import Named
import SystemPackage

/// What named would make of a zone, before and after a change: the last look before the files are
/// swapped.
///
/// It is independent of our own reading of zone files. Both texts are compiled by named-compilezone
/// into its canonical form, a record a line in the order of RFC 4034, and may differ by the serial and
/// by the DNAMEs of the plan alone.
struct LastLook {
  let zone: DomainName
  /// The aliases as they have to be.
  let wanted: [DomainName: DomainName]
  /// The owners of DNAMEs that may go.
  let managed: Set<DomainName>

  /// - Returns: what else differs, in words; nil if nothing does.
  func surplus(before: [UInt8], after: [UInt8]) -> String? {
    var old = Lines(before)
    var new = Lines(after)
    while true {
      switch (old.current, new.current) {
      case (nil, nil): return nil
      case (let line?, let other?) where line == other:
        old.advance()
        new.advance()
      case (let line?, let other?) where differInSerialAlone(line, other):
        old.advance()
        new.advance()
      case (let line?, _) where mayGo(line): old.advance()
      case (_, let line?) where mayCome(line): new.advance()
      case (let line?, nil): return "it would lose the record \(words(line))"
      case (nil, let line?): return "it would get the record \(words(line))"
      case (let line?, let other?):
        return "it would have the record \(words(other)) where it has \(words(line))"
      }
    }
  }

  private func differInSerialAlone(_ line: ArraySlice<UInt8>, _ other: ArraySlice<UInt8>) -> Bool {
    let (one, two) = (fields(line), fields(other))
    // Owner, TTL, class, type, and the seven fields of the SOA (RFC 1035 section 3.3.13).
    return one.count == 11 && two.count == 11 && one[3] == "SOA" && name(one[0]) == zone
      && one.indices.allSatisfy { $0 == 6 || one[$0] == two[$0] }
  }

  private func mayGo(_ line: ArraySlice<UInt8>) -> Bool {
    let fields = fields(line)
    guard fields.count == 5, fields[3] == "DNAME", let owner = name(fields[0]) else { return false }
    return managed.contains(owner) || wanted[owner] != nil
  }

  private func mayCome(_ line: ArraySlice<UInt8>) -> Bool {
    let fields = fields(line)
    guard fields.count == 5, fields[3] == "DNAME", let owner = name(fields[0]),
      let target = name(fields[4])
    else { return false }
    return wanted[owner] == target
  }

  private func name(_ field: Substring) -> DomainName? { try? DomainName(field) }

  private func fields(_ line: ArraySlice<UInt8>) -> [Substring] {
    String(decoding: line, as: UTF8.self).split { $0 == " " || $0 == "\t" }
  }

  private func words(_ line: ArraySlice<UInt8>) -> String {
    fields(line).joined(separator: " ")
  }
}

/// The lines of a text, one after the other.
private struct Lines {
  private let text: [UInt8]
  private var start = 0
  private(set) var current: ArraySlice<UInt8>?

  init(_ text: [UInt8]) {
    self.text = text
    advance()
  }

  mutating func advance() {
    guard start < text.count else {
      current = nil
      return
    }
    let end = text[start...].firstIndex(of: UInt8(ascii: "\n")) ?? text.count
    current = text[start..<end]
    start = end + 1
  }
}
