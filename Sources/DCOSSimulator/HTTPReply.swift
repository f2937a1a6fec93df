/// One answer of Admin Router, before it has a date and a length.
struct HTTPReply: Sendable {
  enum Framing: Sendable {
    case contentLength
    case chunked
  }

  /// How the answer comes to its end.
  enum Ending: Sendable {
    case complete
    /// The connection closes after half of the body.
    case cutShort
    /// One byte now and then, for ever.
    case drips
    /// Not a byte is sent.
    case never
  }

  var status: Int
  var contentType: String?
  var extraHeaders: [(name: String, value: String)] = []
  var body: [UInt8]
  /// So many blanks follow the body; they are never all in memory.
  var blanks = 0
  var framing = Framing.contentLength
  var ending = Ending.complete

  init(status: Int = 200, contentType: String? = "application/json", body: String) {
    self.status = status
    self.contentType = contentType
    self.body = Array(body.utf8)
  }
}
