/// Cluster IDs for tests; no real cluster has them.
package enum SampleID {
  /// The public key of the test vector that dcos-net publishes, which is the default of a simulated cluster.
  package static let published = "kaualnklf69aisrgpnceqn7pr4mgz5o8j38bn96nwoqq687l5cho"
  /// The ID after a change.
  package static let other = "yor6tqhiag39y6cjkdd4w9uzo45qhku6ra8hl7hpr6d9ukjaz3jo"
  package static let third = "h6cxmwtbttafhcfy9ci4a5wj57fbuujpnidm64ducfwzzlinm55y"
}
