import Foundation
import NIOCore
import NIOPosix
import NIOSSL
import TestSupport
import Testing

@testable import DCOS
@testable import DCOSSimulator

/// What else who answers in a master's place may try.
@Suite("Answers that mean no good", .serialized, .timeLimit(.minutes(3)))
struct HostileMasterTests {
  /// 10 MB of blanks, a hundred times smaller (RFC 1952).
  private static func bomb() async throws -> [UInt8] {
    let packed = try await run(
      "sh", arguments: ["-c", "head -c 10000000 /dev/zero | tr '\\0' ' ' | gzip -9 | base64 -w0"])
    return Array(try #require(Data(base64Encoded: packed.standardOutput)))
  }

  @Test(
    "a packed answer, which nobody asked for → it is not unpacked, and is no answer",
    arguments: [
      "Content-Encoding: gzip", "Content-Encoding: deflate", "Transfer-Encoding: gzip, chunked",
    ])
  func packed(_ field: String) async throws {
    let bomb = try await Self.bomb()
    let isChunked = field.hasSuffix("chunked")
    let head =
      "HTTP/1.1 200 OK\r\nConnection: close\r\n\(field)\r\n"
      + (isChunked ? "\r\n" : "Content-Length: \(bomb.count)\r\n\r\n")
    let body =
      isChunked
      ? Array("\(String(bomb.count, radix: 16))\r\n".utf8) + bomb + Array("\r\n0\r\n\r\n".utf8)
      : bomb
    let server = try RawServer { _ in [.send(Array(head.utf8) + body)] }
    defer { server.stop() }
    let reports = try await observe([server.url()])
    #expect([.notJSON, .notHTTP].contains(reports[0].idReason), "\(reports[0])")
    expectWords(of: reports)
  }

  @Test("a certificate with a chain without end → no TLS session, told in one line")
  func longChain() async throws {
    let authority = try await CertificateAuthority()
    let link = try NIOSSLCertificate(bytes: Array(authority.pem.utf8), format: .pem)
    let tls = try await authority.server(
      for: "127.0.0.1", issue: .valid, showing: Array(repeating: link, count: 1_000)
    )
    .context
    let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls))
        }
      }
      .bind(host: "127.0.0.1", port: Int(try freePort())).get()
    let port = try #require(server.localAddress?.port)
    try await withTemporaryFolder { folder in
      let file = try folder.write("ca.crt", authority.pem)
      for trust in [Trust.certificates(file: "\(file)"), .unverified] {
        let reports = try await observe(["https://127.0.0.1:\(port)"], trust: trust)
        guard case .tls = reports[0].idReason else {
          Issue.record("\(reports[0])")
          return
        }
        expectWords(of: reports)
      }
    }
    try await server.close()
  }

  @Test(
    "any trust → a master cannot renegotiate TLS in the middle of an answer",
    arguments: [true, false])
  func renegotiation(isVerified: Bool) throws {
    let trust = isVerified ? Trust.system : .unverified
    guard case .none = try trust.tlsConfiguration().renegotiationSupport else {
      Issue.record("it can")
      return
    }
  }
}
