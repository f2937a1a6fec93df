/// An expected condition did not hold in time.
package struct NotInTime: Error, CustomStringConvertible {
  package let description: String
}

/// Polls until a condition holds.
///
/// - Parameters:
///   - what: A description for the error if it never holds.
///   - limit: How long to wait; generous, since a test machine may be busy.
///   - condition: The condition to wait for.
/// - Throws: ``NotInTime``, and any error of the condition.
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
