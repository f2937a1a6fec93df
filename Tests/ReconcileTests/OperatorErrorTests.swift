import BINDText
import DCOS
import DNSNames
import FileChange
import Named
import SystemPackage
import TestSupport
import Testing

@testable import Planning
@testable import Reconcile
@testable import ReconcileModel

/// Every case of every error that an operator reads, one after the other: a new case does not compile before it
/// has its place here.
@Suite("errors with cause and remedy", .timeLimit(.minutes(5)))
struct OperatorErrorTests {
  /// All cases of an error, from the first on.
  private static func all<E: OperatorError>(_ next: (E?) -> E?) -> [E] {
    var errors: [E] = []
    while let error = next(errors.last) { errors.append(error) }
    return errors
  }

  private static let path: FilePath = "/etc/bind/x"

  static func file(after error: FileChangeError?) -> FileChangeError? {
    switch error {
    case nil: .system(.replace, path, .permissionDenied)
    case .system: .notRegular(path, kind: "FIFO")
    case .notRegular: .danglingLink(path)
    case .danglingLink: .hardLinked(path, count: 2)
    case .hardLinked: .strangeLink(path, link: "/etc/bind")
    case .strangeLink: .notForReader(path, "named's user bind", folder: nil)
    case .notForReader(_, _, nil): .notForReader(path, "named's user bind", folder: "/etc")
    case .notForReader: .tooLarge(path, size: 15 << 40, limit: 512 << 20)
    case .tooLarge: .changedWhileReading(path)
    case .changedWhileReading: .changedMeanwhile(path)
    case .changedMeanwhile: .alreadyExists(path)
    case .alreadyExists: .keptBeside(path, at: "/etc/bind/.x.edited-meanwhile-1")
    case .keptBeside: .copyReplaced(path)
    case .copyReplaced: .damagedJournal(path)
    case .damagedJournal: .foreignJournal(path, owner: 65_534)
    case .foreignJournal: .unprovenJournal(path, file: "/etc/bind", reason: "is another folder")
    case .unprovenJournal: .foreignState(path, owner: 65_534, user: 0)
    case .foreignState: .exposed(Exposure(.writable([.groupWrite]), of: path, for: 0))
    case .exposed: .namedTwice(path, path)
    case .namedTwice: .notPutBack([path], cause: .changedMeanwhile(path))
    case .notPutBack: nil
    }
  }

  static func lock(after error: LockError?) -> LockError? {
    switch error {
    case nil: .held(byPID: 7, waited: .seconds(1))
    case .held: .unusable(.system(.lock, path, .readOnlyFileSystem))
    case .unusable: .cancelled
    case .cancelled: nil
    }
  }

  static func tool(after error: ToolError?) -> ToolError? {
    switch error {
    case nil: .notStarted(path, reason: "exec: no such file")
    case .notStarted: .timedOut(path, after: .seconds(9))
    case .timedOut: .killed(path, signal: 9)
    case .killed: .cancelled(path)
    case .cancelled: nil
    }
  }

  static func control(after error: RemoteControlError?) -> RemoteControlError? {
    switch error {
    case nil: .connectionRefused("connect failed: 127.0.0.1#953: connection refused")
    case .connectionRefused: .unreachable("host: unreachable")
    case .unreachable: .notAuthorized("recv: closed")
    case .notAuthorized: .unusableSettings("key: none")
    case .unusableSettings: .timedOut(command: "status", after: .seconds(3))
    case .timedOut: .noSuchZone(.root)
    case .noSuchZone: .noSuchView("x")
    case .noSuchView: .zoneNotLoaded(.root)
    case .zoneNotLoaded: .failed(command: "reconfig", words: "failure: bad")
    case .failed: .tool(.killed(path, signal: 9))
    case .tool: nil
    }
  }

  static func dns(after error: DNSError?) -> DNSError? {
    guard let server = try? Endpoint("[fe80::1]:53") else { return nil }
    return switch error {
    case nil: .invalidName("a: b")
    case .invalidName: .connectionRefused(server, .udp)
    case .connectionRefused: .timedOut(server, .tcp, after: .seconds(3))
    case .timedOut: .unreachable(server, reason: "Invalid argument")
    case .unreachable: .malformed(server, reason: "id: another")
    case .malformed: nil
    }
  }

  static func update(after error: UpdateError?) -> UpdateError? {
    guard let server = try? Endpoint("[::1]:53") else { return nil }
    return switch error {
    case nil: .prerequisite(.rrsetExists)
    case .prerequisite: .refused(key: path)
    case .refused: .keyRejected(key: path, reason: "BADKEY: x")
    case .keyRejected: .clock(key: path)
    case .clock: .unreadableKey(path, reason: "file: not found")
    case .unreadableKey: .notAuthoritative
    case .notAuthoritative: .unanswered(server, reason: "connection refused")
    case .unanswered: .failed(words: "SERVFAIL: x")
    case .failed: .tool(.cancelled(path))
    case .tool: nil
    }
  }

  static func connection(after error: ConnectionError?) -> ConnectionError? {
    switch error {
    case nil: .nameNotFound("m1")
    case .nameNotFound: .nameUnresolved("m1")
    case .nameUnresolved: .refused
    case .refused: .noRoute("host: unreachable")
    case .noRoute: .timedOut
    case .timedOut: .other("odd: thing")
    case .other: nil
    }
  }

  static func tls(after error: TLSError?) -> TLSError? {
    switch error {
    case nil: .unknownAuthority
    case .unknownAuthority: .expired(since: "2026-01-01 00:00:00 UTC")
    case .expired: .notYetValid(until: "2026-01-01 00:00:00 UTC")
    case .notYetValid: .wrongHost
    case .wrongHost:
      CertificateFingerprint(String(repeating: "ab", count: 32)).map { .foreignCertificate($0) }
    case .foreignCertificate: .unverifiable
    case .unverifiable: .notTLS
    case .notTLS: .other("the handshake failed (x: y)")
    case .other: nil
    }
  }

  static func secret(after error: SecretError?) -> SecretError? {
    let next: SecretError.Problem? =
      switch error?.problem {
      case nil: .unreadable("No such file or directory")
      case .unreadable: .tooOpen(mode: 0o644)
      case .tooOpen: .foreign(owner: "nobody")
      case .foreign: .empty
      case .empty: .severalLines
      case .severalLines: .noToken
      case .noToken: .noServiceAccount
      case .noServiceAccount: .foreignScheme
      case .foreignScheme: .noKey
      case .noKey: nil
      }
    return next.map { SecretError(name: "/etc/zonebridge/secret", problem: $0) }
  }

  static func login(after error: LoginError?) -> LoginError? {
    switch error {
    case nil: .secret(SecretError(name: "/s", problem: .empty))
    case .secret: .unguarded
    case .unguarded: .refused(uid: "alice")
    case .refused: .noLogin
    case .noLogin: .failed(.unreachable(.refused))
    case .failed: .tokenRefused(uid: "alice")
    case .tokenRefused: .fileTokenRefused(file: "/t", ended: "2026-01-01 00:00:00 UTC")
    case .fileTokenRefused: nil
    }
  }

  static func reason(after error: ObservationError.Reason?) -> ObservationError.Reason? {
    switch error {
    case nil: .unreachable(.refused)
    case .unreachable: .tls(.wrongHost)
    case .tls: .timedOut(after: .seconds(3))
    case .timedOut: .cutShort
    case .cutShort: .notHTTP
    case .notHTTP: .calledOff
    case .calledOff: .notYet
    case .notYet: .loginRequired(scheme: "acsjwt")
    case .loginRequired: .forbidden(.key)
    case .forbidden: .login(.noLogin)
    case .login: .keyNotYetThere
    case .keyNotYetThere: .noSuchPath
    case .noSuchPath: .backEndDown(status: 502)
    case .backEndDown: .redirected(status: 302, location: "https://m1: x")
    case .redirected: .unexpectedStatus(400)
    case .unexpectedStatus(400): .unexpectedStatus(418)
    case .unexpectedStatus: .tooLarge(limit: 9)
    case .tooLarge: .htmlPage
    case .htmlPage: .truncatedJSON
    case .truncatedJSON: .notJSON
    case .notJSON: .unexpectedJSON(expected: "a list")
    case .unexpectedJSON: .notAnID(.length(3))
    case .notAnID: .emptyList
    case .emptyList: .longList(count: 65)
    case .longList: .emptyHost
    case .emptyHost: .notAnAddress(.notAnAddress("x: y"))
    case .notAnAddress: (try? IPAddress("127.0.0.1")).map { .unreachableMember($0) }
    case .unreachableMember: nil
    }
  }

  static func block(after error: ManagedBlockError?) -> ManagedBlockError? {
    switch error {
    case nil: .beginWithoutEnd(name: "a", line: 1)
    case .beginWithoutEnd: .endWithoutBegin(name: "a", line: 1)
    case .endWithoutBegin: .duplicate(name: "a", firstLine: 1, secondLine: 2)
    case .duplicate: .nested(name: "a", line: 2, within: "b", beginLine: 1)
    case .nested: .crossed(name: "a", line: 2, with: "b", beginLine: 1)
    case .crossed: .unreadable(text: "# BEGIN zonebridge", line: 1)
    case .unreadable: .splitsStatement(name: "a", beginLine: 1, endLine: 2)
    case .splitsStatement: .commentedOut(name: "a", line: 2, commentLine: 1)
    case .commentedOut: .quoted(name: "a", line: 2, stringLine: 1)
    case .quoted: .unusableName("a:b")
    case .unusableName: .unusableLine("# END: x")
    case .unusableLine: nil
    }
  }

  static let errors: [any OperatorError] =
    all(file) + all(lock) + all(tool) + all(control) + all(dns) + all(update) + all(connection)
    + all(tls) + all(secret) + all(login) + all(reason) + all(block)

  @Test("every error, in every case → its cause, then its remedy, and no third thing")
  func everyCase() {
    #expect(Self.errors.count == 119)
    for error in Self.errors {
      let text = "\(error)"
      #expect(text.hasPrefix(error.cause), "\(error)")
      guard let remedy = error.remedy else {
        #expect(text == error.cause, "\(error)")
        continue
      }
      #expect(!remedy.isEmpty && !error.cause.isEmpty)
      #expect(text.hasSuffix(remedy), "\(error)")
      let link = text.dropFirst(error.cause.count).dropLast(remedy.count)
      #expect([": ", "; ", ". "].contains(String(link)), "\(error)")
      // A parenthesis or a quotation that was cut in two would show itself.
      for half in [error.cause, remedy] {
        #expect(half.count { $0 == "(" } == half.count { $0 == ")" }, "\(half)")
        #expect(half.count { $0 == "\"" }.isMultiple(of: 2), "\(half)")
      }
    }
  }

  @Test("named is down → the reason in parentheses stays whole, and the remedy is what to look at")
  func controlChannelRefused() {
    let finding = Finding(
      .named, "rndc", .broken,
      RemoteControlError.connectionRefused("connect failed: 127.0.0.1#953: connection refused"))
    #expect(
      finding.finding == """
        named's control channel refused the connection (connect failed: 127.0.0.1#953: connection \
        refused)
        """)
    #expect(
      finding.remedy
        == "named is not running, or its `controls` statement names another address or port: systemctl status named"
    )
  }

  @Test(
    "an address that cannot be asked → the system's word is a part of the cause, not the remedy")
  func unreachableAddress() throws {
    let error = DNSError.unreachable(try Endpoint("[fe80::1]:53"), reason: "Invalid argument")
    let advice = "Set bind.query to an address on which named answers"
    let finding = Finding(.named, "x", .broken, error, otherwise: advice)
    #expect(finding.finding == "[fe80::1]:53 cannot be reached: Invalid argument")
    #expect(finding.remedy == advice)
  }

  @Test("a CA file without a certificate, or none at all → the path alone is not what is wrong")
  func certificates() async throws {
    try await withTemporaryFolder { folder in
      let file = try folder.write("named.conf", "options { };\n")
      let missing = folder.path.appending("missing.pem")
      func finding(_ path: FilePath) throws -> Finding {
        let error = try #require(throws: TrustError.self) {
          try Trust.certificates(file: path.string).validate()
        }
        return Finding(.clusters, "cluster prod", .broken, error)
      }
      let wrong = try finding(file)
      #expect(
        wrong.finding
          == "\(file): no certificate in PEM form (-----BEGIN CERTIFICATE-----) in it")
      #expect(wrong.remedy == "Convert a DER file with openssl x509 -inform der")
      let absent = try finding(missing)
      #expect(absent.finding == "\(missing): No such file or directory")
      #expect(
        absent.remedy
          == "The user that zonebridge runs as has to be able to read the CA certificate")
    }
  }

  private func expectWrapped<E: WordedError>(_ type: E.Type) {
    let error = RemoteControlError.unusableSettings("none")
    let wrapped = E("nothing was changed", error)
    #expect(wrapped.cause == "nothing was changed: \(error.cause)")
    #expect(wrapped.remedy == error.remedy)
    #expect("\(wrapped)" == "nothing was changed: \(error)")
    #expect(E(error).remedy == error.remedy && "\(E(error))" == "\(error)")
    let located = E(FileChangeError.danglingLink("/x"), behind: " (included from /y)")
    #expect(
      located.cause == "/x is a symbolic link to a file that does not exist (included from /y)")
    #expect("\(located)" == "\(located.cause). create the file or remove the link")
    let own = E("the zone has no file", remedy: "Give it one")
    #expect(own.cause == "the zone has no file" && own.remedy == "Give it one")
    #expect("\(own)" == "the zone has no file. Give it one")
    #expect(E("no more than that").remedy == nil)
  }

  @Test("an error that a step hands on or words itself → its cause and its remedy stay apart")
  func wrapped() {
    expectWrapped(PassError.self)
    expectWrapped(InspectionError.self)
    expectWrapped(PlanError.self)
    expectWrapped(Objection.self)
  }

  @Test("a problem that an error stands for → the reason has no remedy in it, the remedy begins it")
  func problem() {
    let error = FileChangeError.danglingLink("/x")
    let problem = Problem(.failed, .files, error, at: "nothing was changed", otherwise: "unused")
    #expect(problem.reason == "nothing was changed: \(error.cause)")
    #expect(problem.remedy == "Create the file or remove the link")
    #expect("\(problem)" == "files: failed: \(problem.reason). \(problem.remedy)")
    let odd = Problem(.failed, .files, FileChangeError.changedMeanwhile("/x"), otherwise: "Look")
    #expect(odd.reason == "\(FileChangeError.changedMeanwhile("/x"))" && odd.remedy == "Look")
  }
}
