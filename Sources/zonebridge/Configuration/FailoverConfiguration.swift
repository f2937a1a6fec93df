import ReconcileModel

/// The keys `clusters` and `failover` of an alias: several clusters, and how it goes from one to the other.
enum FailoverConfiguration {
  /// Reads them.
  ///
  /// - Parameters:
  ///   - section: The alias.
  ///   - cluster: Reads the name of one of them.
  /// - Returns: How the alias goes from one to the other; nil where it has one cluster, or its keys are wrong.
  static func read(
    in section: ConfigurationSection,
    cluster: (ConfigurationNode) throws -> String
  ) -> Failover? {
    guard let list = section["clusters"] else {
      if let node = section["failover"] {
        section.note(
          node.error(
            "has no effect with a single cluster",
            remedy: "Write clusters: [blue, green] instead of cluster, or remove it"))
      }
      return nil
    }
    if section["cluster"] != nil {
      section.note(
        list.error("cluster and clusters exclude each other", remedy: "Keep only one of the two"))
    }
    let clusters = section.value("clusters") { try self.clusters($0, cluster) }
    let failover = section["failover"].map { times($0, Failover(clusters ?? [])) }
    guard let clusters, clusters.count > 1 else { return nil }
    return failover ?? Failover(clusters)
  }

  private static func clusters(
    _ node: ConfigurationNode, _ cluster: (ConfigurationNode) throws -> String
  ) throws(ConfigurationError) -> [String] {
    let expected = "the clusters, the one that is preferred first"
    let names = try node.nonEmptyList(expected, read: cluster)
    guard try node.list(expected).count > 1 else {
      throw node.error(
        "with a single cluster the alias has nowhere to go",
        remedy: "Write a second one into the list, or the key cluster instead")
    }
    var seen: Set<String> = []
    return names.filter { seen.insert($0).inserted }
  }

  private static func times(_ node: ConfigurationNode, _ failover: Failover) -> Failover {
    var failover = failover
    let section = ConfigurationSection(node, keys: ["after", "back"])
    if let after = section.value("after", { try $0.seconds(upTo: 24) }) { failover.after = after }
    failover.back = section.value("back") { try $0.seconds(upTo: 24 * 30) }
    if let back = failover.back, back < failover.after, let written = section["back"] {
      section.note(
        written.error(
          "the alias would return sooner (\(back) s) than it leaves (after: \(failover.after) s)",
          remedy: "Write a longer time, or remove the key to return by hand only"))
    }
    return failover
  }
}

extension ConfigurationNode {
  /// The value as a time of whole seconds, from one second to some hours.
  fileprivate func seconds(upTo hours: Int64) throws(ConfigurationError) -> Int64 {
    let (seconds, rest) = try time().components
    guard rest == 0, (1...hours * 3600).contains(seconds) else {
      throw error(
        "\(try text("a time")) is not between 1s and \(hours)h",
        remedy: "Write whole seconds, as in 90s")
    }
    return seconds
  }
}
