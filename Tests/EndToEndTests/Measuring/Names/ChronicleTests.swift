import TestSupport
import Testing

/// By what a failed answer is judged: an instrument that excuses everything would measure nothing.
@Suite("Whose a failed answer is", .timeLimit(.minutes(1)))
struct ChronicleTests {
  private static let name = "a.contoso.com"

  /// A name that has been wanted since 0 and whose cluster, of two masters, has answered since then.
  private func chronicle(_ change: (inout Chronicle) -> Void = { _ in }) -> Chronicle {
    var chronicle = Chronicle()
    chronicle.want(Self.name, from: 0, grace: 1000)
    for master in ["m1", "m2"] { chronicle.masters[master, default: Timeline()].set("id", from: 0) }
    chronicle.forwarders["id", default: Timeline()].set(["m1", "m2"], from: 0)
    change(&chronicle)
    return chronicle
  }

  /// Judges a failure at 10,000 that was answered at 10,050, after an answer that was asked for at 9,900.
  private func verdict(_ chronicle: Chronicle, afterAnswer: Bool = true) -> Chronicle.Verdict {
    let last = AskedName(owner: Self.name, sent: 9900, answered: 9910, id: "id")
    let failure = AskedName(owner: Self.name, sent: 10_000, answered: 10_050, id: nil)
    return chronicle.verdict(on: failure, after: afterAnswer ? last : nil)
  }

  @Test("a name fails while its cluster answers → ours")
  func ours() {
    #expect(verdict(chronicle()) == .ours)
    // One master is enough, and what died before or after does not matter.
    #expect(verdict(chronicle { $0.masters["m1"]?.set(nil, from: 9950) }) == .ours)
    #expect(verdict(chronicle { $0.restarts = [100...200, 10_060...11_000] }) == .ours)
    // Forwarders that went after it had answered are what a pass may take away.
    #expect(verdict(chronicle { $0.forwarders["id"]?.set([], from: 9950) }) == .ours)
  }

  @Test("all of its masters died, or have another ID → the cluster's")
  func clusterDead() {
    for id in [nil, "other"] {
      let dead = chronicle { chronicle in
        for master in ["m1", "m2"] { chronicle.masters[master]?.set(id, from: 9950) }
      }
      #expect(verdict(dead) == .clusterDead)
    }
  }

  @Test("named was stopped between the last answer and the failure → named's")
  func namedStopped() {
    #expect(verdict(chronicle { $0.restarts = [9920...9950] }) == .namedStopped)
  }

  @Test("nothing answered before → not served yet")
  func neverServed() { #expect(verdict(chronicle(), afterAnswer: false) == .neverServed) }

  @Test("taken out of the configuration, however often it was written since → not wanted")
  func unwanted() {
    let gone = chronicle { chronicle in
      for time in [5000, 6000, 10_020, 11_000] as [Milliseconds] {
        chronicle.want(no: Self.name, from: time)
      }
    }
    #expect(verdict(gone) == .unwanted)
    // Put in again, it counts once the grace is over.
    for (time, expected) in [(8000, Chronicle.Verdict.ours), (9500, .unwanted)] {
      let back = chronicle { chronicle in
        chronicle.want(no: Self.name, from: 5000)
        chronicle.want(Self.name, from: Milliseconds(time), grace: 1000)
      }
      #expect(verdict(back) == expected)
    }
  }
}
