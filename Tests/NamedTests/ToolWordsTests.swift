import DNSNames
import SystemPackage
import Testing

@testable import Named

/// What rndc and nsupdate say when they fail, as BIND 9.18 says it, and what is made of it.
@Suite("The words of BIND's programs", .timeLimit(.minutes(5)))
struct ToolWordsTests {
  private func error(
    _ output: String, zone: String? = "x.test", view: String? = nil
  ) -> RemoteControlError {
    RemoteControlError(
      command: "reload x.test IN", zone: zone.flatMap { try? DomainName($0) }, view: view,
      output: output)
  }

  @Test("given trouble on the way to named → what it is, in rndc's words")
  func onTheWay() {
    #expect(
      error("rndc: connect failed: 127.0.0.1#953: connection refused\n")
        == .connectionRefused("connect failed: 127.0.0.1#953: connection refused"))
    for words in [
      "connect failed: 192.0.2.1#953: timed out", "connect failed: 192.0.2.1#953: host unreachable",
      "recv failed: network unreachable", "couldn't get address for 'ns1': not found",
    ] {
      #expect(error("rndc: \(words)\n") == .unreachable(words))
    }
    // named says nothing to who is not allowed; rndc guesses, in several lines.
    let closed = """
      rndc: connection to remote host closed.
      * This may indicate that the
      * remote server is using an older
      * version of the command protocol,
      * this host is not authorized to connect,
      * the clocks are not synchronized,
      * the key signing algorithm is incorrect
      * or the key is invalid.

      """
    #expect(error(closed) == .notAuthorized("connection to remote host closed."))
    #expect(
      error("rndc: recv failed: connection reset\n")
        == .notAuthorized("recv failed: connection reset"))
    #expect(
      error("rndc: 127.0.0.1#953: parsing response failed: bad auth\n")
        == .notAuthorized("127.0.0.1#953: parsing response failed: bad auth"))
    for words in [
      "error: none:0: open: /etc/bind/rndc.key: permission denied; could not load rndc configuration",
      "no key definition for name x", "no server specified and no default",
    ] {
      #expect(
        error(words.replacing("; ", with: "\n")) == .unusableSettings(words), "\(words)")
    }
    #expect(error("") == .unusableSettings(""))
  }

  @Test("given a refusal of named's → its zone or view, or else its words")
  func refusals() throws {
    let zoneName = try DomainName("x.test")
    let command = "reload x.test IN"
    let zone = "rndc: 'reload' failed: not found\nno matching zone 'x.test' in any view\n"
    #expect(error(zone) == .noSuchZone(zoneName))
    #expect(
      error(zone, zone: nil)
        == .failed(command: command, words: "not found; no matching zone 'x.test' in any view"))
    let view = "rndc: 'reload' failed: not found\nno matching view 'v' \n"
    #expect(error(view, view: "v") == .noSuchView("v"))
    #expect(
      error(view, zone: nil) == .failed(command: command, words: "not found; no matching view 'v' ")
    )
    let unloaded = "rndc: 'zonestatus' failed: zone not loaded\n"
    #expect(error(unloaded) == .zoneNotLoaded(zoneName))
    #expect(error(unloaded, zone: nil) == .failed(command: command, words: "zone not loaded"))
    #expect(
      error("rndc: 'reload' failed: dynamic zone\n")
        == .failed(command: command, words: "dynamic zone"))
    // A zone of such a name is no reason to say that nobody listens.
    #expect(
      error("rndc: 'reload' failed: not found\nno matching zone 'connection refused' in any view\n")
        == .noSuchZone(zoneName))
  }

  @Test("given an error of the control channel → its text tells what to look at")
  func controlTexts() throws {
    let texts: [(RemoteControlError, String)] = try [
      (.connectionRefused("w"), "refused the connection (w): named is not running"),
      (.unreachable("w"), "cannot be reached (w)"),
      (.notAuthorized("w"), "(w): the key is not the one"),
      (.unusableSettings("w"), "(w): see rndc.conf(5)"),
      (.timedOut(command: "status", after: .seconds(3)), "`rndc status` within 3.0 seconds"),
      (.noSuchZone(DomainName("z")), "no zone z"), (.noSuchView("v"), "no view v"),
      (.zoneNotLoaded(DomainName("z")), "not loaded zone z: its log says why"),
      (.failed(command: "reconfig", words: "w"), "`rndc reconfig` with: w"),
      (.tool(.cancelled("/rndc")), "/rndc was stopped, because zonebridge is stopping"),
    ]
    for (error, words) in texts { #expect("\(error)".contains(words), "\(error)") }
  }

  @Test("given that an update was not made → why, as an operator can mend it")
  func updates() throws {
    let server = try Endpoint(host: "127.0.0.1", port: 53)
    func failure(_ output: String) -> UpdateError {
      UpdateError(output: output, key: "/k", server: server)
    }
    let results: [(String, UpdateError)] = [
      ("YXDOMAIN", .prerequisite(.nameExists)), ("YXRRSET", .prerequisite(.rrsetExists)),
      ("NXRRSET", .prerequisite(.rrsetMissing)), ("NXDOMAIN", .prerequisite(.nameError)),
      ("REFUSED", .refused(key: "/k")), ("NOTAUTH", .notAuthoritative),
      ("NOTAUTH(BADTIME)", .clock(key: "/k")),
      ("NOTAUTH(BADKEY)", .keyRejected(key: "/k", reason: "BADKEY")),
      ("NOTAUTH(BADSIG)", .keyRejected(key: "/k", reason: "BADSIG")),
      ("NOTAUTH(BADTRUNC)", .keyRejected(key: "/k", reason: "BADTRUNC")),
      ("SERVFAIL", .failed(words: "SERVFAIL")), ("NOTZONE", .failed(words: "NOTZONE")),
    ]
    for (words, expected) in results {
      #expect(failure("update failed: \(words)\n") == expected)
      #expect(
        failure("; TSIG error with server: tsig indicates error\nupdate failed: \(words)\n")
          == expected)
    }
    // Without its key nsupdate sends the message unsigned, and is refused: that is not the point.
    #expect(
      failure("could not read key from /k.{private,key}: file not found\nupdate failed: REFUSED\n")
        == .unreadableKey("/k", reason: "file not found"))
    #expect(failure("could not read key from /k\n") == .unreadableKey("/k", reason: "/k"))
    #expect(
      failure("; Communication with 127.0.0.1#53 failed: timed out\n")
        == .unanswered(server, reason: "timed out"))
    #expect(
      failure("; Communication with 127.0.0.1#53 failed: operation canceled\n")
        == .unanswered(server, reason: "connection refused"))
    #expect(
      failure("incorrect section name\nsyntax error\n")
        == .failed(words: "incorrect section name; syntax error"))
    #expect(failure("") == .failed(words: ""))
  }

  @Test("given a failed update → its text names the key's file, never its contents")
  func updateTexts() throws {
    let server = try Endpoint(host: "127.0.0.1", port: 53)
    let texts: [(UpdateError, String)] = [
      (.prerequisite(.rrsetExists), "somebody else changed the zone at the same moment (YXRRSET)"),
      (.refused(key: "/k"), "does not let the key in /k change these names"),
      (.keyRejected(key: "/k", reason: "BADSIG"), "the key in /k (BADSIG)"),
      (.clock(key: "/k"), "the key in /k: the clocks of the two differ"),
      (.unreadableKey("/k", reason: "w"), "TSIG key in /k (w): tsig-keygen"),
      (.notAuthoritative, "not the primary of the zone"),
      (.unanswered(server, reason: "w"), "127.0.0.1:53 gave no answer: w"),
      (.failed(words: "w"), "update: w"),
      (.tool(.killed("/nsupdate", signal: 9)), "/nsupdate was ended by signal 9"),
    ]
    for (error, words) in texts { #expect("\(error)".contains(words), "\(error)") }
  }
}
