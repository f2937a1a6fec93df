import CYAML

/// Where something begins in a text; both from 1.
struct TextPlace: Hashable, Sendable {
  var line: Int
  /// Counted in Unicode's scalars.
  var column: Int
}

/// One of the things that libyaml finds in a text, in their order.
struct YAMLEvent {
  enum Kind: Equatable {
    case streamStart, streamEnd, documentStart, documentEnd
    case listStart, listEnd, sectionStart, sectionEnd
    case scalar(String, isPlain: Bool)
    case alias(String)
  }

  var kind: Kind
  var place: TextPlace
  /// The name that the value is given for aliases.
  var anchor: String?
  /// As libyaml resolves it: `!!int` is `tag:yaml.org,2002:int`.
  var tag: String?
}

/// Why libyaml cannot go on.
enum YAMLSyntaxError: Error {
  /// A character that YAML has no use for, at an offset in bytes.
  case character(code: UInt32, offset: Int)
  /// What it met instead of what YAML has there: in its own words, after how many scalars of the text, and where it
  /// began what it could not finish.
  case syntax(String, TextPlace, index: Int, start: TextPlace?)
  case outOfMemory
}

/// libyaml's parser over one text; nothing of libyaml's memory leaves it.
@safe struct YAMLParser: ~Copyable {
  // It points into itself, so that it has to stay where it is.
  private let parser: UnsafeMutablePointer<yaml_parser_t>
  // libyaml reads out of it as long as there are events.
  private let text: UnsafeMutableBufferPointer<UInt8>

  init(_ text: String) throws(YAMLSyntaxError) {
    let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
    guard unsafe yaml_parser_initialize(parser) == 1 else {
      unsafe parser.deallocate()
      throw .outOfMemory
    }
    unsafe self.parser = parser
    unsafe self.text = .allocate(capacity: text.utf8.count)
    _ = unsafe self.text.initialize(from: text.utf8)
    unsafe yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    unsafe yaml_parser_set_input_string(parser, self.text.baseAddress, self.text.count)
  }

  deinit {
    unsafe yaml_parser_delete(parser)
    unsafe parser.deallocate()
    unsafe text.deallocate()
  }

  /// The next event; there is none after `streamEnd`.
  mutating func next() throws(YAMLSyntaxError) -> YAMLEvent {
    var event = unsafe yaml_event_t()
    defer { unsafe yaml_event_delete(&event) }
    guard unsafe yaml_parser_parse(parser, &event) == 1 else {
      throw unsafe YAMLSyntaxError(parser.pointee)
    }
    return unsafe YAMLEvent(event)
  }
}

extension YAMLEvent {
  fileprivate init(_ event: yaml_event_t) {
    place = unsafe TextPlace(event.start_mark)
    switch unsafe event.type {
    case YAML_STREAM_START_EVENT: kind = .streamStart
    case YAML_DOCUMENT_START_EVENT: kind = .documentStart
    case YAML_DOCUMENT_END_EVENT: kind = .documentEnd
    case YAML_ALIAS_EVENT:
      kind = unsafe .alias(Self.text(event.data.alias.anchor) ?? "")
    case YAML_SCALAR_EVENT:
      let scalar = unsafe event.data.scalar
      // It may have a NUL in it, by an escape.
      let bytes = unsafe UnsafeBufferPointer(start: scalar.value, count: scalar.length)
      kind = unsafe .scalar(
        String(decoding: bytes, as: UTF8.self), isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE)
      (anchor, tag) = unsafe (Self.text(scalar.anchor), Self.text(scalar.tag))
    case YAML_SEQUENCE_START_EVENT:
      kind = .listStart
      let list = unsafe event.data.sequence_start
      (anchor, tag) = unsafe (Self.text(list.anchor), Self.text(list.tag))
    case YAML_SEQUENCE_END_EVENT: kind = .listEnd
    case YAML_MAPPING_START_EVENT:
      kind = .sectionStart
      let section = unsafe event.data.mapping_start
      (anchor, tag) = unsafe (Self.text(section.anchor), Self.text(section.tag))
    case YAML_MAPPING_END_EVENT: kind = .sectionEnd
    default: kind = .streamEnd
    }
  }

  private static func text(_ start: UnsafeMutablePointer<yaml_char_t>?) -> String? {
    unsafe start.map { unsafe String(cString: $0) }
  }
}

extension YAMLSyntaxError {
  fileprivate init(_ parser: yaml_parser_t) {
    switch unsafe parser.error {
    case YAML_MEMORY_ERROR:
      self = .outOfMemory
    case YAML_READER_ERROR:
      self = unsafe .character(
        code: UInt32(bitPattern: parser.problem_value), offset: parser.problem_offset)
    default:
      let words = unsafe [parser.context, parser.problem].compactMap { unsafe $0 }
        .map { unsafe String(cString: $0) }
      self = unsafe .syntax(
        words.joined(separator: ", "), TextPlace(parser.problem_mark),
        index: parser.problem_mark.index,
        start: parser.context.map { _ in unsafe TextPlace(parser.context_mark) })
    }
  }
}

extension TextPlace {
  fileprivate init(_ mark: yaml_mark_t) {
    self.init(line: mark.line + 1, column: mark.column + 1)
  }
}
