import DNSNames
import NIOCore
import NIOHTTP1

/// A question to a master over a connection, and who waits for the answer.
struct Question: Sendable {
  let head: HTTPRequestHead
  let body: ByteBuffer?
  let answer: EventLoopPromise<Answer>
}

/// A whole answer of a master.
struct Answer: Sendable {
  let head: HTTPResponseHead
  let body: ByteBuffer
  /// Whether the connection takes another question (RFC 9112 section 9.3).
  let leavesOpen: Bool
  /// Where it came from; nil where the system does not say.
  let address: IPAddress?
}

/// An answer has more bytes than are taken.
struct AnswerTooLarge: Error {}
