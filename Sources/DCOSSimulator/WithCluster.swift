/// Starts a cluster, passes it to the body, and always stops it afterwards.
package func withCluster<Result>(
  _ configuration: SimulatedCluster.Configuration,
  _ body: (SimulatedCluster) async throws -> Result
) async throws -> Result {
  let cluster = SimulatedCluster(configuration)
  try await cluster.start()
  do {
    let result = try await body(cluster)
    await cluster.stop()
    return result
  } catch {
    await cluster.stop()
    throw error
  }
}
