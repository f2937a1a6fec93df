import Foundation

/// A file beside the tests.
struct Fixture {
  let bytes: [UInt8]

  init(_ name: String) {
    let url = Bundle.module.bundleURL.appending(path: "Fixtures/\(name)")
    bytes = (try? Data(contentsOf: url)).map(Array.init) ?? []
  }
}
