import BINDText

/// Passes the inputs of libFuzzer to BINDText, and crashes if a property does not hold.
///
/// The first byte of an input is the kind of file that follows: `0` to `4` for a named.conf in each of its contexts,
/// `5` for a zone file.
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
