import DCOS
import Glibc
import Reconcile
import ReconcileModel
import SystemPackage
import TestSupport
import Testing

@Suite("Files with a secret", .timeLimit(.minutes(5)))
struct SecretFileTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  @Test(
    arguments: [
      (0o600, true), (0o400, true), (0o700, true), (0o640, false), (0o604, false), (0o620, false),
      (0o644, false), (0o440, false), (0o777, false),
    ] as [(CInt, Bool)])
  func itIsForItsOwnerAlone(mode: CInt, isFine: Bool) throws {
    let file = try write(mode)
    let source = SecretFile(file, credentialsDirectory: nil).source
    if isFine {
      #expect(try source.contents() == Secret("t\n"))
    } else {
      let bits = String(mode, radix: 8)
      #expect(throws: SecretError.Problem.tooOpen(mode: UInt32(mode))) { try source.contents() }
      #expect(
        "\(SecretError(name: source.name, problem: .tooOpen(mode: UInt32(mode))))"
          .contains("mode is 0\(bits)"))
    }
  }

  @Test(
    arguments: [
      (0o400, true), (0o440, true), (0o640, true), (0o444, false), (0o460, false),
    ] as [(CInt, Bool)])
  func systemdSeesToItsCredentials(mode: CInt, isFine: Bool) throws {
    let file = try write(mode)
    let link = folder.path.appending("link")
    try makeLink(link, to: folder.path)
    let source = SecretFile(file, credentialsDirectory: link).source
    if isFine {
      #expect(try source.contents() == Secret("t\n"))
    } else {
      #expect(throws: SecretError.Problem.tooOpen(mode: UInt32(mode))) { try source.contents() }
    }
  }

  @Test func aLinkOutOfTheCredentialsIsNotSystemds() throws {
    let file = try write(0o440)
    try folder.write("credentials/keep", "")
    let directory = folder.path.appending("credentials")
    try makeLink(directory.appending("token"), to: file)
    let source = SecretFile(directory.appending("token"), credentialsDirectory: directory).source
    #expect(throws: SecretError.Problem.tooOpen(mode: 0o440)) { try source.contents() }
  }

  @Test func whatIsNotThereOrNoTextSaysSo() throws {
    let missing = SecretFile(folder.path.appending("no"), credentialsDirectory: nil).source
    #expect(throws: SecretError.Problem.unreadable("No such file or directory")) {
      try missing.contents()
    }
    let binary = try folder.write("binary", [0xff, 0xfe], mode: .ownerReadWrite)
    #expect(throws: SecretError.Problem.unreadable("not text")) {
      try SecretFile(binary, credentialsDirectory: nil).source.contents()
    }
    #expect(throws: SecretError.Problem.self) {
      try SecretFile(folder.path, credentialsDirectory: nil).source.contents()
    }
  }

  @Test func aChangeIsSeenAtOnce() throws {
    let file = try write(0o600)
    let source = SecretFile(file, credentialsDirectory: nil).source
    #expect(try source.contents() == Secret("t\n"))
    try folder.write("secret", Array("u\n".utf8), mode: .ownerReadWrite)
    #expect(try source.contents() == Secret("u\n"))
    guard unsafe chmod(file.string, 0o644) == 0 else { throw SystemCallFailure("chmod") }
    #expect(throws: SecretError.Problem.tooOpen(mode: 0o644)) { try source.contents() }
  }

  @Test("a password that was at rest for a day is changed → the new one counts at once")
  func aChangeAfterARestIsSeen() throws {
    let file = try write(0o600)
    let source = SecretFile(
      file, credentialsDirectory: nil, now: { Int64(time(nil)) + 86_400 }
    ).source
    for text in ["t\n", "t\n", "another\n", "another\n", "a third one\n"] {
      if text != "t\n" { try folder.write("secret", Array(text.utf8), mode: .ownerReadWrite) }
      #expect(try source.contents() == Secret(text))
    }
    try removeFile(file)
    #expect(throws: SecretError.Problem.unreadable("No such file or directory")) {
      try source.contents()
    }
  }

  private func write(_ mode: CInt) throws -> FilePath {
    try folder.write(
      "secret", Array("t\n".utf8), mode: FilePermissions(rawValue: CModeT(mode)))
  }
}
