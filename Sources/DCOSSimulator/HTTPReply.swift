/// An answer of Admin Router, without its date and length.
struct HTTPReply: Sendable {
  enum Framing: Sendable {
    case contentLength
    case chunked
  }

  /// The way in which the answer ends.
  enum Ending: Sendable {
    case complete
    /// The connection closes after half the body.
    case cutShort
    /// Single bytes at intervals, for ever.
    case drips
    /// No byte is sent.
    case never
  }

  var status: Int
  var contentType: String?
  var extraHeaders: [(name: String, value: String)] = []
  var body: [UInt8]
  /// The number of blanks after the body; they are never all in memory.
  var blanks = 0
  var framing = Framing.contentLength
  var ending = Ending.complete

  init(status: Int = 200, contentType: String? = "application/json", body: String) {
    self.status = status
    self.contentType = contentType
    self.body = Array(body.utf8)
  }
}
