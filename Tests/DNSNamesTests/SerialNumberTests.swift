import DNSNames
import Testing

@Suite(.timeLimit(.minutes(3))) struct SerialNumberTests {
  @Test(
    arguments: [
      (1, 0, true), (0, 1, false), (5, 5, false), (0, 0xffff_ffff, true), (0xffff_ffff, 0, false),
      (0x8000_0000, 1, true), (0x8000_0001, 1, false), (1, 0x8000_0001, false),
      (100, 4_294_967_200, true), (2_024_010_101, 1_700_000_000, true),
      (1_700_000_000, 2_024_010_101, false),
    ] as [(UInt32, UInt32, Bool)])
  func isNewerAsRFC1982Says(one: UInt32, other: UInt32, isNewer: Bool) {
    #expect(SerialNumber(one).isNewer(than: SerialNumber(other)) == isNewer)
  }

  @Test(
    arguments: [(0, 1), (1, 2), (0xffff_fffe, 0xffff_ffff), (0xffff_ffff, 1)] as [(UInt32, UInt32)])
  func incrementsRoundTheCircleWithoutZero(serial: UInt32, next: UInt32) {
    let incremented = SerialNumber(serial).incremented()
    #expect(incremented.rawValue == next)
    #expect(incremented.isNewer(than: SerialNumber(serial)))
  }
}
