import DNSNames
import Testing

@testable import Reconcile
@testable import ReconcileModel

@Suite(.timeLimit(.minutes(5))) struct SerialPolicyTests {
  /// 2026-11-24 12:00:00 UTC.
  private static let noon: Int64 = 1_795_521_600

  @Test(
    "a serial, and what is served → the next one is above both",
    arguments: [
      (SerialPolicy.increment, 1, [UInt32](), 2),
      (.increment, 0, [], 1),
      (.increment, 4_294_967_295, [], 1),
      (.increment, 5, [9], 10),
      (.increment, 9, [5], 10),
      // The served serial lies ahead on the circle though its number is lower (RFC 1982).
      (.increment, 4_294_967_290, [3], 4),
      // Exactly 2^31 apart neither is newer: what secondaries have counts.
      (.increment, 5, [2_147_483_653], 2_147_483_654),
      (.date, 1, [], 2_026_112_400),
      (.date, 2_026_112_400, [], 2_026_112_401),
      (.date, 2_026_112_399, [], 2_026_112_400),
      (.date, 2_026_112_499, [], 2_026_112_500),
      (.date, 2_026_112_350, [], 2_026_112_400),
      (.date, 2_026_112_400, [2_026_112_407], 2_026_112_408),
      (.unixtime, 5, [], 1_795_521_600),
      (.unixtime, 1_795_521_600, [], 1_795_521_601),
      // From dates to Unix time would be a step back.
      (.unixtime, 2_026_112_400, [], 2_026_112_401),
      // After 2^32 - 1 comes 1, whatever the convention, and never 0.
      (.increment, 4_294_967_290, [4_294_967_295], 1), (.increment, 4_294_967_295, [2], 3),
      // A serial just less than 2^31 behind the convention's is followed, one that lies 2^31 or more
      // behind is ahead of it, and counted on.
      (.date, 4_173_596_049, [], 2_026_112_400),
      (.date, 4_173_596_048, [], 4_173_596_049),
      (.date, 4_173_596_047, [], 4_173_596_048),
      (.unixtime, 3_943_005_249, [], 1_795_521_600),
      (.unixtime, 3_943_005_248, [], 3_943_005_249),
      (.unixtime, 3_943_005_247, [], 3_943_005_248),
      (.date, 4_294_967_295, [], 2_026_112_400), (.unixtime, 4_294_967_295, [], 1_795_521_600),
      (.date, 0, [], 2_026_112_400), (.unixtime, 0, [], 1_795_521_600),
      // What is served counts as what stands in the file does: the loaded and the signed one.
      (.date, 2_026_112_400, [2_026_112_499], 2_026_112_500),
      (.date, 2_026_112_400, [2_026_112_405, 2_026_112_403], 2_026_112_406),
      (.date, 1, [2_026_112_300], 2_026_112_400),
      (.unixtime, 1_795_521_600, [1_795_521_605], 1_795_521_606),
      (.unixtime, 5, [1_795_521_599], 1_795_521_600),
      (.unixtime, 5, [1_795_521_600, 9], 1_795_521_601),
      (.increment, 5, [9, 12, 7], 13),
    ] as [(SerialPolicy, UInt32, [UInt32], UInt32)])
  func next(policy: SerialPolicy, file: UInt32, served: [UInt32], expected: UInt32) {
    let next = policy.next(
      after: SerialNumber(file), served: served.map { SerialNumber($0) }, now: Self.noon)
    #expect(next == SerialNumber(expected))
  }

  @Test(
    "a serial beyond what its convention has for now → ahead",
    arguments: [
      (SerialPolicy.increment, 4_294_967_295, false), (.date, 2_026_112_400, false),
      (.date, 2_026_112_499, false), (.date, 2_026_112_500, true), (.date, 1, false),
      (.unixtime, 1_795_521_600, false), (.unixtime, 1_795_521_601, true),
      (.unixtime, 2_026_112_401, true), (.unixtime, 5, false), (.increment, 0, false),
      (.date, 2_026_112_599, true), (.date, 4_173_596_146, true),
      (.date, 4_173_596_147, false), (.unixtime, 1_795_521_599, false),
    ] as [(SerialPolicy, UInt32, Bool)])
  func ahead(policy: SerialPolicy, serial: UInt32, isAhead: Bool) {
    #expect(policy.isAhead(SerialNumber(serial), at: Self.noon) == isAhead)
  }

  @Test(
    "the days of a month and of a year → the next day has a serial of its own",
    arguments: [
      (1_795_564_799, 2_026_112_400), (1_795_564_800, 2_026_112_500), (0, 1_970_010_100),
      (1_798_761_599, 2_026_123_100), (1_798_761_600, 2_027_010_100),
      (1_835_395_199, 2_028_022_800), (1_835_395_200, 2_028_022_900),
      (1_835_481_600, 2_028_030_100),
    ] as [(Int64, UInt32)])
  func days(now: Int64, start: UInt32) {
    #expect(SerialPolicy.date.start(at: now) == SerialNumber(start))
    #expect(SerialPolicy.unixtime.start(at: now) == SerialNumber(UInt32(now)))
    #expect(SerialPolicy.increment.start(at: now) == nil)
  }

  @Test(
    arguments: [
      (0, 1970, 1, 1), (86_399, 1970, 1, 1), (951_782_400, 2000, 2, 29),
      (4_107_542_399, 2100, 2, 28), (4_107_542_400, 2100, 3, 1), (1_798_761_599, 2026, 12, 31),
    ] as [(Int64, Int64, Int64, Int64)])
  func civilDate(seconds: Int64, year: Int64, month: Int64, day: Int64) {
    let date = CivilDate(secondsSince1970: seconds)
    #expect([date.year, date.month, date.day] == [year, month, day])
  }
}
