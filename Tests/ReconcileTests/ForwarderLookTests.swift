import DCOS
import Glibc
import TestSupport
import Testing

@testable import Reconcile
@testable import ReconcileModel

@Suite struct ForwarderLookTests {
  @Test("a forwarder has to answer over TCP too") func datagramsOnly() async throws {
    let port = try freePort()
    let responder = try DatagramResponder(port: port)
    let subject = ForwarderQuestion(
      cluster: "prod", name: "mesos.\(Site.ids[0]).dcos.directory.",
      forwarders: [try IPAddress("127.0.0.1")], port: port)
    let findings = await ForwarderProbe(timeout: .seconds(10)).look(at: [subject])
    let count = await responder.stop()
    #expect(count == 1, "over UDP it was answered")
    #expect(findings["prod"]?.isAnswered == false)
    #expect(
      findings["prod"]?.silent == [
        "nothing listens on 127.0.0.1:\(port) (TCP): the name server is down, or listens on another "
          + "address or port"
      ])
  }
}

/// Answers every question over UDP with an SOA record.
private final class DatagramResponder: Sendable {
  private let socket: CInt
  private let answers: Task<Int, Never>

  init(port: UInt16) throws {
    let socket = try boundSocket(SOCK_DGRAM, port: port)
    self.socket = socket
    answers = Task.detached {
      var count = 0
      while !Task.isCancelled {
        var buffer = [UInt8](repeating: 0, count: 512)
        var peer = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let received = unsafe withUnsafeMutablePointer(to: &peer) { pointer in
          unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            unsafe recvfrom(socket, &buffer, buffer.count, CInt(MSG_DONTWAIT), $0, &length)
          }
        }
        guard received > 12 else {
          try? await Task.sleep(for: .milliseconds(5))
          continue
        }
        count += 1
        let answer = Self.answer(to: Array(buffer.prefix(received)))
        _ = unsafe withUnsafePointer(to: &peer) { pointer in
          unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            unsafe sendto(socket, answer, answer.count, 0, $0, length)
          }
        }
      }
      return count
    }
  }

  /// The question with a name of one record: RFC 1035 section 4.1.
  private static func answer(to query: [UInt8]) -> [UInt8] {
    var end = 12
    while query[end] != 0 { end += Int(query[end]) + 1 }
    let question = query[12..<(end + 5)]
    // Both names of the SOA are the root; then its five numbers.
    let soa: [UInt8] = [0, 0] + [UInt8](repeating: 1, count: 20)
    return Array(query[..<2]) + [0x84, 0, 0, 1, 0, 1, 0, 0, 0, 0] + question
      + [0xc0, 12, 0, 6, 0, 1, 0, 0, 0, 5, 0, UInt8(soa.count)] + soa
  }

  /// How many questions it has answered.
  func stop() async -> Int {
    answers.cancel()
    let count = await answers.value
    close(socket)
    return count
  }
}
