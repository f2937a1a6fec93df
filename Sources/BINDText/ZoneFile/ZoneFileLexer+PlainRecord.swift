import DNSNames

extension ZoneFileLexer {
  /// The beginning of a record as nearly all are written: a name or blanks, then words without escapes up to the type.
  struct PlainRecord {
    /// The position of the name, or of the first word of a line without one.
    var start: Int
    /// The name; nil for blanks, which stand for the owner of the record before.
    var owner: Range<Int>?
    /// The class; nil if the record gives none.
    var recordClass: RecordClass?
    /// The TTL in seconds; nil if the record gives none.
    var ttl: UInt32?
    /// The word of the type.
    var type = 0..<0
  }

  /// The record on the next line that is not empty, if it is plain; nil otherwise.
  ///
  /// It does not advance. This is the fast path for most records: tokens would cost as much as everything else.
  @inline(__always)
  func plainRecord() -> PlainRecord? {
    guard depth == 0 else { return nil }
    let bytes = bytes.span
    var index = offset
    var isAtLineStart = isAtLineStart
    while index < end, Self.endsLine(bytes[index]) {
      index += 1
      isAtLineStart = true
    }
    guard isAtLineStart, index < end, bytes[index] != ASCII.dollar else { return nil }
    var record = PlainRecord(start: index)
    if !ASCII.isBlank(bytes[index]) {
      let nameEnd = place(of: Self.endsOfWord, from: index)
      guard nameEnd > index, nameEnd < end, ASCII.isBlank(bytes[nameEnd]) else { return nil }
      record.owner = index..<nameEnd
      index = nameEnd
    }

    // These words are too short to be searched eight bytes at a time.
    func nextWord() -> Range<Int>? {
      while index < end, ASCII.isBlank(bytes[index]) { index += 1 }
      let start = index
      while index < end, !Self.isMeant(bytes[index], by: Self.endsOfWord) { index += 1 }
      guard index > start, index < end, bytes[index] != ASCII.backslash else { return nil }
      return start..<index
    }

    // `[class] [ttl] [class] type`, in the order in which BIND looks for them.
    guard var word = nextWord() else { return nil }
    if record.owner == nil { record.start = word.lowerBound }
    record.recordClass = self.bytes.recordClass(in: word)
    if record.recordClass != nil {
      guard let next = nextWord() else { return nil }
      word = next
    }
    if ASCII.isDigit(bytes[word.lowerBound]) {
      record.ttl = self.bytes.timeToLive(in: word)
      guard record.ttl != nil, let next = nextWord() else { return nil }
      word = next
      if record.recordClass == nil {
        record.recordClass = self.bytes.recordClass(in: word)
        if record.recordClass != nil {
          guard let next = nextWord() else { return nil }
          word = next
        }
      }
    }
    record.type = word
    return record
  }
}
