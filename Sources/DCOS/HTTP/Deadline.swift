/// Something was not done in time.
struct DeadlineExceeded: Error {}

/// Runs an operation, which is cancelled when it is not done in time.
func withDeadline<Value: Sendable>(
  _ limit: Duration, _ operation: @escaping @Sendable () async throws -> Value
) async throws -> Value {
  try await withThrowingTaskGroup(of: Value.self) { group in
    group.addTask { try await operation() }
    group.addTask {
      try await Task.sleep(for: limit)
      throw DeadlineExceeded()
    }
    defer { group.cancelAll() }
    guard let value = try await group.next() else {
      throw DeadlineExceeded()
    }
    return value
  }
}
