import BINDText

/// Gives BINDText whatever libFuzzer thinks of, and dies of what should not be.
///
/// The first byte of an input says what kind of file the rest is: `0` to `4` a named.conf in each
/// of its contexts, `5` a zone file.
@main enum Fuzz {
  static func main() {
    var count = CommandLine.argc
    var arguments = unsafe CommandLine.unsafeArgv
    _ = unsafe runDriver(&count, &arguments, testOneInput)
  }

  private static let contexts: [NamedConfOutline.Context] = [
    .top, .view, .options, .zone, .other,
  ]

  fileprivate static func test(_ input: [UInt8]) {
    guard let first = input.first else { return }
    let bytes = Array(input.dropFirst())
    let kind = Int(first) % (contexts.count + 1)
    if kind < contexts.count {
      testNamedConf(bytes, context: contexts[kind])
    } else {
      testZoneFile(bytes)
    }
  }
}

@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
  _ argumentCount: UnsafeMutablePointer<CInt>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
  _ test: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

private func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  unsafe Fuzz.test(Array(UnsafeBufferPointer(start: start, count: count)))
  return 0
}
