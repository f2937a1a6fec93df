/// Works on many items side by side, but on a limited number at a time: there may be hundreds of clusters,
/// and each question that waits holds a socket and a thread.
///
/// - Parameters:
///   - items: what is to be worked on.
///   - limit: how many at a time.
///   - work: what is done with each.
/// - Returns: what came of the items, in their order.
func concurrentMap<Item: Sendable, Output: Sendable>(
  _ items: some Collection<Item>, atMost limit: Int,
  _ work: @escaping @Sendable (Item) async -> Output
) async -> [Output] {
  await withTaskGroup(of: (Int, Output).self) { group in
    var waiting = Array(items.enumerated())[...]
    func begin() {
      guard let (index, item) = waiting.popFirst() else { return }
      group.addTask { (index, await work(item)) }
    }
    for _ in 0..<limit { begin() }
    var outputs: [(Int, Output)] = []
    for await output in group {
      outputs.append(output)
      begin()
    }
    return outputs.sorted { $0.0 < $1.0 }.map(\.1)
  }
}
