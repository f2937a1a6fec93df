import BINDText

func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

func text(_ bytes: some Sequence<UInt8>) -> String { String(decoding: Array(bytes), as: UTF8.self) }

/// Twelve hexadecimal digits that depend on every byte: what a digest has to be for these tests.
func digest(_ bytes: [UInt8]) -> String {
  var hash: UInt64 = 0xcbf2_9ce4_8422_2325
  for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
  let digits = String(hash & 0xffff_ffff_ffff, radix: 16)
  return String(repeating: "0", count: 12 - digits.count) + digits
}
