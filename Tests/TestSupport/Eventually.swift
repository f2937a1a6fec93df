/// Something did not come about in time.
package struct NotInTime: Error, CustomStringConvertible {
  package let description: String
}

/// Looks again and again until a condition holds.
/// - Parameters:
///   - what: told if it never does.
///   - limit: how long to wait; generous, since a test machine may be busy.
///   - condition: what shall hold.
/// - Throws: ``NotInTime``, and whatever the condition throws.
package func eventually(
  _ what: @autoclosure () -> String, within limit: Duration = .seconds(20),
  _ condition: () async throws -> Bool
) async throws {
  let deadline = ContinuousClock.now.advanced(by: limit)
  while try await !condition() {
    guard ContinuousClock.now < deadline else {
      throw NotInTime(description: "not within \(limit): \(what())")
    }
    try await Task.sleep(for: .milliseconds(20))
  }
}
