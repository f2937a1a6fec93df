import DCOSSimulator
import DNSNames
import Glibc
import NIOCore
import Synchronization
import TestSupport
import Testing

@testable import DCOS

/// What was asked of a server, as often as it was.
final class Visits: Sendable {
  private let paths = Mutex<[String]>([])

  /// Notes one more, and tells how many there are of this path.
  @discardableResult
  func note(_ path: String) -> Int {
    paths.withLock {
      $0.append(path)
      return $0.count { $0 == path }
    }
  }

  func count(_ resource: Resource) -> Int {
    paths.withLock { $0.count { $0 == resource.path } }
  }

  var count: Int { paths.withLock(\.count) }
}

private func text(_ text: String) -> RawServer.Step { .send(Array(text.utf8)) }

@Suite("Statuses and headers", .timeLimit(.minutes(2)))
struct StatusTests {
  /// An answer to the question for the key, and why it holds none.
  struct Row: Sendable, CustomTestStringConvertible {
    let head: String
    let reason: ObservationError.Reason
    let testDescription: String

    init(_ head: String, _ reason: ObservationError.Reason) {
      self.head = head
      self.reason = reason
      testDescription = head.replacing("\r\n", with: " | ")
    }
  }

  private static let html = "\r\nContent-Type: text/html"

  @Test(
    "a status → what an operator reads about it",
    arguments: [
      Row("200 OK", .notJSON), Row("200 OK\(html)", .htmlPage),
      Row("200 OK\r\nContent-Type: TEXT/HTML; charset=UTF-8", .htmlPage),
      Row("201 Created", .unexpectedStatus(201)), Row("206 Partial", .unexpectedStatus(206)),
      Row("299 ?", .unexpectedStatus(299)),
      Row("300 Choices", .redirected(status: 300, location: nil)),
      Row(
        "302 Found\r\nLocation: //10.0.0.1:5050/",
        .redirected(status: 302, location: "//10.0.0.1:5050/")),
      Row("399 ?\r\nLocation: x", .redirected(status: 399, location: "x")),
      Row("400 Bad Request\(html)", .unexpectedStatus(400)),
      Row("401 Unauthorized", .loginRequired(scheme: nil)),
      Row("401 Unauthorized\r\nWWW-Authenticate: acsjwt", .loginRequired(scheme: "acsjwt")),
      Row(
        "401 Unauthorized\r\nWWW-Authenticate: Bearer realm=\"x\"", .loginRequired(scheme: "Bearer")
      ),
      Row("401 Unauthorized\r\nWWW-Authenticate: \"x\"", .loginRequired(scheme: nil)),
      Row(
        "401 Unauthorized\r\nWWW-Authenticate: \(String(repeating: "a", count: 41))",
        .loginRequired(scheme: String(repeating: "a", count: 40))),
      Row("402 ?", .unexpectedStatus(402)), Row("403 Forbidden\(html)", .forbidden(.key)),
      Row("404 Not Found", .keyNotYetThere), Row("404 Not Found\(html)", .noSuchPath),
      Row("405 ?", .unexpectedStatus(405)), Row("500 ?", .unexpectedStatus(500)),
      Row("501 ?", .unexpectedStatus(501)), Row("502 ?", .backEndDown(status: 502)),
      Row("503 ?", .backEndDown(status: 503)), Row("504 ?", .backEndDown(status: 504)),
      Row("505 ?", .unexpectedStatus(505)),
    ])
  func statuses(_ row: Row) async throws {
    let server = try RawServer { _ in
      [text("HTTP/1.1 \(row.head)\r\nContent-Length: 1\r\nConnection: close\r\n\r\n ")]
    }
    defer { server.stop() }
    let reports = try await observe([server.url()])
    #expect(reports[0].idReason == row.reason)
    expectWords(of: reports)
  }

  @Test("Exhibitor's path is not there → mesos-dns is asked in its stead") func noExhibitor()
    async throws
  {
    let visits = Visits()
    let server = try RawServer { path in
      visits.note(path)
      let body = path == Resource.mesosDNSMasters.path ? #"[{"host":"m","ip":"10.0.0.1"}]"# : ""
      return [
        text(
          "HTTP/1.1 \(body.isEmpty ? "404 ?" : "200 OK")\r\nContent-Length: \(body.utf8.count)\r\n"
            + "Connection: close\r\n\r\n\(body)")
      ]
    }
    defer { server.stop() }
    let reports = try await observe([server.url()])
    let list = try reports[0].members.get()
    #expect(list.source == .mesosDNS && list.addresses.map(\.description) == ["10.0.0.1"])
    #expect(reports[0].idReason == .keyNotYetThere)
    #expect(visits.count == 3, "the key, Exhibitor and mesos-dns once each")
  }

  @Test(
    "a header of 60 kB → read; of 100 kB → refused as no HTTP of a master",
    arguments: [(60, ObservationError.Reason.forbidden(.key)), (100, .notHTTP)])
  func header(kilobytes: Int, reason: ObservationError.Reason) async throws {
    let value = String(repeating: "y", count: kilobytes * 1000)
    let server = try RawServer { _ in
      [text("HTTP/1.1 403 ?\r\nContent-Length: 0\r\nConnection: close\r\nX: \(value)\r\n\r\n")]
    }
    defer { server.stop() }
    #expect(try await observe([server.url()])[0].idReason == reason)
  }

  @Test(
    "as many bytes on the wire as are taken → read, however few are the body; one more → cut",
    arguments: [0, 1])
  func wire(excess: Int) async throws {
    let start = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n1;"
    let end = "\r\n \r\n0\r\n\r\n"
    let padding = WireLimit.limit + excess - start.utf8.count - end.utf8.count
    let answer = Array((start + String(repeating: "x", count: padding) + end).utf8)
    let server = try RawServer { _ in [.send(answer)] }
    defer { server.stop() }
    let reports = try await observe([server.url()])
    #expect(reports[0].idReason == (excess == 0 ? .notJSON : .tooLarge(limit: 1 << 20)))
  }

  @Test("each errno of a connection → its cause in an operator's words") func errnos() {
    let table: [(CInt, ObservationError.Reason)] = [
      (ECONNRESET, .cutShort), (EPIPE, .cutShort), (ECONNREFUSED, .unreachable(.refused)),
      (ETIMEDOUT, .unreachable(.timedOut)),
      (EHOSTUNREACH, .unreachable(.noRoute("No route to host"))),
      (ENETUNREACH, .unreachable(.noRoute("Network is unreachable"))),
      (EACCES, .unreachable(.noRoute("Permission denied"))),
      (EPERM, .unreachable(.noRoute("Operation not permitted"))),
      (EADDRNOTAVAIL, .unreachable(.noRoute("Cannot assign requested address"))),
      (EMFILE, .unreachable(.other("Too many open files"))),
    ]
    for (code, reason) in table {
      let error = IOError(errnoCode: code, reason: "connect")
      #expect(ObservationError.Reason(transportError: error, timeout: .seconds(1)) == reason)
    }
    let others: [(any Error, ObservationError.Reason)] = [
      (CancellationError(), .calledOff), (DeadlineExceeded(), .timedOut(after: .seconds(7))),
      (AnswerTooLarge(), .tooLarge(limit: 1 << 20)),
      (ChannelError.connectTimeout(.seconds(1)), .unreachable(.timedOut)),
      (ChannelError.eof, .cutShort), (ChannelError.ioOnClosedChannel, .cutShort),
    ]
    for (error, reason) in others {
      #expect(ObservationError.Reason(transportError: error, timeout: .seconds(7)) == reason)
    }
  }
}

@Suite("A question that is put again", .timeLimit(.minutes(2)))
struct RepeatedQuestionTests {
  private static let refusal = text(
    "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

  @Test(
    "a connection cut so often → twice the question is put again, not a third time",
    arguments: 0...4)
  func cut(times: Int) async throws {
    let visits = Visits()
    let server = try RawServer { path in
      visits.note(path) <= times ? [.reset] : [Self.refusal]
    }
    defer { server.stop() }
    let reports = try await observe([server.url()])
    #expect(reports[0].idReason == (times > 2 ? .cutShort : .forbidden(.key)))
    for resource in [Resource.key, .exhibitorStatus, .mesosDNSMasters] {
      #expect(visits.count(resource) == min(times, 2) + 1)
    }
  }

  @Test("a login cut each time → sent three times, and then not to this master again")
  func login() async throws {
    let visits = Visits()
    let server = try RawServer { path in
      visits.note(path)
      return [.reset]
    }
    defer { server.stop() }
    let reports = try await observe(
      [server.url()], trust: .unverified, credentials: .password(uid: "alice", .fixed("pw")))
    #expect(reports[0].idReason == .login(.failed(.cutShort)))
    #expect(reports[0].membersReason == .login(.failed(.cutShort)))
    #expect(visits.count == 3 && visits.count(.login) == 3)
  }

  @Test("no answer in time, or none of HTTP → told, and not asked again", arguments: [true, false])
  func onceOnly(isSilent: Bool) async throws {
    let visits = Visits()
    let server = try RawServer { path in
      visits.note(path)
      return isSilent ? [.wait] : [text("SSH-2.0-OpenSSH_9.2p1\r\n")]
    }
    defer { server.stop() }
    let reports = try await observe([server.url()], requestTimeout: .seconds(isSilent ? 1 : 30))
    #expect(reports[0].idReason == (isSilent ? .timedOut(after: .seconds(1)) : .notHTTP))
    #expect(visits.count(.key) == 1)
  }

  @Test("a master takes no token that it is given → two logins a question, and no more questions")
  func endlessRefusal() async throws {
    let visits = Visits()
    let server = try RawServer { path in
      let number = visits.note(path)
      let body = #"{"token":"t\#(number)"}"#
      return path == Resource.login.path
        ? [
          text(
            "HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n\(body)"
          )
        ]
        : [text("HTTP/1.1 401 ?\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")]
    }
    defer { server.stop() }
    let reports = try await observe(
      [server.url()], trust: .unverified, credentials: .password(uid: "alice", .fixed("pw")))
    #expect(reports[0].idReason == .login(.tokenRefused(uid: "alice")))
    #expect(visits.count(.login) == 2)
    #expect(visits.count(.key) == 2)
  }

  @Test("a redirect of a question with a token → not followed, nobody else hears of it")
  func redirect() async throws {
    let visits = Visits()
    let other = try RawServer(start: .onAccept) { path in
      visits.note(path)
      return []
    }
    defer { other.stop() }
    let location = "\(other.url())\(Resource.key.path)"
    let server = try RawServer { _ in
      [
        text(
          "HTTP/1.1 302 Found\r\nLocation: \(location)\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        )
      ]
    }
    defer { server.stop() }
    let reports = try await observe(
      [server.url()], trust: .unverified, credentials: .token(.fixed("secret-token")))
    #expect(reports[0].idReason == .redirected(status: 302, location: location))
    #expect(reports[0].membersReason == .redirected(status: 302, location: location))
    #expect(visits.count == 0)
  }
}

@Suite("Whom a secret may be sent to", .timeLimit(.minutes(3)))
struct GuardTests {
  @Test("over plain HTTP → only where the operator asked for it; over TLS → always")
  func guards() throws {
    let pin = CertificateFingerprint(der: [])
    let plain = try MasterEndpoint("http://10.0.0.1")
    let tls = try MasterEndpoint("https://10.0.0.1")
    let trusts: [Trust] = [
      .system, .certificates(file: "/x"), .fingerprints([pin]),
    ]
    for trust in trusts {
      #expect(!trust.guardsSecrets(onTheWayTo: plain))
      #expect(trust.guardsSecrets(onTheWayTo: tls))
    }
    #expect(Trust.unverified.guardsSecrets(onTheWayTo: plain))
    #expect(Trust.unverified.guardsSecrets(onTheWayTo: tls))
  }
}
