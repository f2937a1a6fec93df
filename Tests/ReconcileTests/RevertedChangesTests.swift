import SystemPackage
import TestSupport
import Testing

@testable import Reconcile
@testable import ReconcileModel

@Suite(.timeLimit(.minutes(5))) struct RevertedChangesTests {
  private func revertedChange(attempts: Int, digest: String? = "d") -> RevertedChange {
    RevertedChange(
      subject: .cluster("prod"), digest: digest, fingerprint: "c", attempts: attempts, time: 1000,
      reason: "named says no")
  }

  @Test("waits longer each time, six hours at most") func delays() {
    let delays = (1...12).map { revertedChange(attempts: $0).nextAttempt.map { $0 - 1000 } }
    #expect(
      delays == [60, 120, 240, 480, 960, 1920, 3840, 7680, 15360, 21600, 21600, 21600])
    #expect(revertedChange(attempts: .max).nextAttempt == 22600)
    #expect(revertedChange(attempts: 0).nextAttempt == 1060)
    #expect(revertedChange(attempts: 1, digest: nil).nextAttempt == nil)
  }

  @Test("the same change counts on, another one starts again") func counting() {
    var revertedChanges = RevertedChanges()
    for digest in ["a", "a", "b"] {
      revertedChanges.note(.alias("x"), digest: digest, fingerprint: "c", reason: "r", at: 7)
    }
    #expect(revertedChanges[.alias("x")]?.attempts == 1)
    revertedChanges.note(.alias("x"), digest: "b", fingerprint: "other", reason: "r", at: 9)
    #expect(revertedChanges[.alias("x")]?.attempts == 2 && revertedChanges[.alias("x")]?.time == 9)
  }

  @Test("what is written is read again; a damaged line is left out") func file() async throws {
    try await withTemporaryFolder { folder in
      var revertedChanges = RevertedChanges()
      #expect(RevertedChanges.read(in: StateDirectory(folder.path)) == revertedChanges)
      let subjects: [Subject] = [.cluster("prod"), .alias("prod"), .zone("z"), .exemption]
      for subject in subjects {
        #expect(Subject(subject.description) == subject)
        revertedChanges.note(
          subject, digest: "d", fingerprint: "c", reason: "two\nlines\tand a tab", at: 5)
      }
      revertedChanges[.zone("held")] = revertedChange(attempts: 1, digest: nil)
      revertedChanges[.zone("held")]?.subject = .zone("held")
      try revertedChanges.write(in: StateDirectory(folder.path))
      let read = RevertedChanges.read(in: StateDirectory(folder.path))
      #expect(read.bySubject.keys == revertedChanges.bySubject.keys)
      #expect(read[.exemption]?.reason == "two lines and a tab")
      #expect(read[.zone("held")] == revertedChanges[.zone("held")])
      let text = try folder.text("setbacks")
      try folder.write("setbacks", text.replacing("zone\tz\td", with: "zone z d"))
      #expect(RevertedChanges.read(in: StateDirectory(folder.path)).all.count == 4)
      try RevertedChanges().write(in: StateDirectory(folder.path))
      #expect(try folder.names(in: ".").isEmpty)
    }
  }

  @Test(arguments: [
    (0, "1970-01-01 00:00:00 UTC"), (1_795_541_405, "2026-11-24 17:30:05 UTC"),
    (-1, "1969-12-31 23:59:59 UTC"), (951_782_399, "2000-02-28 23:59:59 UTC"),
  ])
  func times(seconds: Int64, words: String) {
    #expect(CivilTime(secondsSince1970: seconds).description == words)
  }
}
