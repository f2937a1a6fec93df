import NIOCore
import NIOHTTP1

/// What a listener spends on those who ask: whatever they do, it costs no more than this.
struct ListenerBounds: Sendable {
  /// How many connections a place keeps at a time.
  var connections = 256
  /// How many of them one peer may have: all processes of this host are one.
  var connectionsPerPeer = 128
  /// How long a client may take for a request, from the connection or from the end of the answer before; and
  /// then for taking the answer.
  var patience = Duration.seconds(10)
  /// How many seconds the kernel keeps a connection back over which nothing comes (TCP_DEFER_ACCEPT in tcp(7)): who is let
  /// in has asked.
  var silence: CInt = 1

  /// How many connections may wait in the kernel to be let in: with its usual 128, a burst of one client has the next one's
  /// first packet dropped, and sent again only after a second.
  static let waitingConnections: Int32 = 1024

  /// A method, a path, and what clients and proxies usually add: the limits that Apache has by default.
  static let request: NIOHTTPDecoderLimitConfiguration = {
    var limits = NIOHTTPDecoderLimitConfiguration()
    limits.maxHeaderFieldSize = 8 << 10
    limits.maxHeaderListSize = 16 << 10
    limits.maxHeaderFieldCount = 100
    return limits
  }()
  /// How much of a request may wait to be understood: what is no part of a field, such as blanks, is in it too.
  static let unparsedBytes = 32 << 10
  /// How much is read at once.
  ///
  /// All requests in it are kept until it is their turn, each of which takes some hundred bytes.
  static let bytesPerRead = 2 << 10
  /// What the kernel may keep of an answer that is not read, and of requests that wait; it takes twice as much.
  static let kernelBuffers: (send: Int, receive: Int) = (64 << 10, 16 << 10)
}
