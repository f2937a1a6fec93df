/// Ends the program with a message unless a property holds; libFuzzer reports this as a finding.
func expect(_ isAsItShouldBe: Bool, _ property: @autoclosure () -> String) {
  if !isAsItShouldBe { fatalError("violated: \(property())") }
}

/// The value of an expression that must not throw.
func expectNoError<Value>(
  _ property: @autoclosure () -> String, _ body: () throws -> Value
) -> Value {
  do {
    return try body()
  } catch {
    fatalError("violated: \(property()): \(error)")
  }
}

/// Twelve hexadecimal digits that depend on every byte, which is all that the tests need of a digest.
func digest(_ bytes: [UInt8]) -> String {
  var hash: UInt64 = 0xcbf2_9ce4_8422_2325
  for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
  let digits = String(hash & 0xffff_ffff_ffff, radix: 16)
  return String(repeating: "0", count: 12 - digits.count) + digits
}
