package import DNSNames
import Dispatch

/// Asks one name server.
package struct DNSClient: Sendable {
  package let server: Endpoint
  /// For a question as a whole, with the second try over TCP.
  package let timeout: Duration

  package init(server: Endpoint, timeout: Duration = .seconds(5)) {
    self.server = server
    self.timeout = timeout
  }

  /// Asks one question of class IN.
  ///
  /// It is repeated over TCP if the answer did not fit into a datagram.
  /// - Parameters:
  ///   - name: whose records are wanted.
  ///   - type: of the records wanted.
  ///   - recursionDesired: the RD flag: whether the server may ask others.
  ///   - checkingDisabled: the CD flag: whether the server shall not validate (RFC 4035 section 3.2.2).
  ///   - transport: how to begin.
  /// - Returns: what the server answered, whatever its response code.
  /// - Throws: ``DNSError`` if no answer came.
  package func ask(
    _ name: DomainName, _ type: RecordType, recursionDesired: Bool = false,
    checkingDisabled: Bool = false, transport: DNSTransport = .udp
  ) async throws(DNSError) -> DNSAnswer {
    let exchange = DNSExchange(
      server: server, name: name, type: type, recursionDesired: recursionDesired,
      checkingDisabled: checkingDisabled)
    let deadline = Deadline(after: timeout)
    let result = await withCheckedContinuation { continuation in
      // A serial queue of its own has a thread of its own: the questions wait for the network, and
      // would otherwise, on a machine with few cores, wait for one another.
      DispatchQueue(label: "zonebridge.dns").async {
        continuation.resume(returning: exchange.run(over: transport, until: deadline))
      }
    }
    return try result.get()
  }
}

/// One question and its answer; it blocks its thread.
private struct DNSExchange: Sendable {
  let server: Endpoint
  let name: DomainName
  let type: RecordType
  let recursionDesired: Bool
  let checkingDisabled: Bool

  func run(
    over transport: DNSTransport, until deadline: Deadline
  ) -> Result<DNSAnswer, DNSError> {
    do throws(DNSError) {
      guard
        let query = DNSMessage(
          asking: name, type, recursionDesired: recursionDesired, checkingDisabled: checkingDisabled
        ),
        let wire = query.wire
      else { throw .invalidName("\(name)") }
      if transport == .udp, let answer = try askOverUDP(query, wire, until: deadline) {
        return .success(answer)
      }
      return .success(try askOverTCP(query, wire, until: deadline))
    } catch {
      return .failure(error)
    }
  }

  /// Nil if the answer was truncated.
  private func askOverUDP(
    _ query: borrowing DNSMessage, _ wire: [UInt8], until deadline: Deadline
  ) throws(DNSError) -> DNSAnswer? {
    let socket = try DNSSocket.connected(to: server, over: .udp, until: deadline)
    let tries = 3
    for attempt in 1...tries {
      // Datagrams may be lost; the last wait lasts as long as is left.
      try socket.send(wire)
      let patience = attempt == tries ? deadline : Deadline(after: deadline.limit / tries)
      while let bytes = try socket.receive(atMost: 65535, until: patience) {
        // What does not parse or does not belong to the question may be forged, or an answer to
        // an earlier one; the right answer may still come (RFC 5452 section 9.1).
        guard let message = try? DNSMessage(parsing: bytes), message.answers(query) else {
          // Otherwise a stream of such datagrams would never let the wait end.
          if patience.isOver { break }
          continue
        }
        return message.isTruncated ? nil : message.answer(over: .udp)
      }
    }
    throw socket.timedOut
  }

  private func askOverTCP(
    _ query: borrowing DNSMessage, _ wire: [UInt8], until deadline: Deadline
  ) throws(DNSError) -> DNSAnswer {
    let socket = try DNSSocket.connected(to: server, over: .tcp, until: deadline)
    // RFC 1035 section 4.2.2: each message is preceded by its length in two bytes.
    try socket.send([UInt8(wire.count >> 8), UInt8(wire.count & 0xff)] + wire)
    let length = try socket.receive(exactly: 2)
    let bytes = try socket.receive(exactly: Int(length[0]) << 8 | Int(length[1]))
    do throws(DNSMessageError) {
      let message = try DNSMessage(parsing: bytes)
      guard message.answers(query) else {
        throw DNSMessageError(reason: "it belongs to another question")
      }
      return message.answer(over: .tcp)
    } catch {
      throw .malformed(server, reason: error.reason)
    }
  }
}
