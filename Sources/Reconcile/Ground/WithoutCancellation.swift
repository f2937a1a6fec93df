/// Does something to its end although the task may be cancelled: half of it would be worse than either.
func withoutCancellation<Result: Sendable>(
  _ operation: @escaping @Sendable () async -> Result
) async -> Result {
  await Task { await operation() }.value
}
