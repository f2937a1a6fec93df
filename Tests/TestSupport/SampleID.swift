/// Cluster IDs for tests; nobody has such a cluster.
package enum SampleID {
  /// The public key of the test vector that dcos-net publishes: a simulated cluster has it unless it is given
  /// another one.
  package static let published = "kaualnklf69aisrgpnceqn7pr4mgz5o8j38bn96nwoqq687l5cho"
  /// What it may become.
  package static let other = "yor6tqhiag39y6cjkdd4w9uzo45qhku6ra8hl7hpr6d9ukjaz3jo"
  package static let third = "h6cxmwtbttafhcfy9ci4a5wj57fbuujpnidm64ducfwzzlinm55y"
}
