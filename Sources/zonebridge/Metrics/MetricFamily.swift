import DNSNames

/// All samples of one name, with what Prometheus is told about it.
struct MetricFamily: Hashable, Sendable {
  enum Kind: String, Sendable {
    case counter, gauge, summary
  }

  struct Sample: Hashable, Sendable {
    /// What follows the family's name: a summary's `_sum` and `_count`.
    var suffix = ""
    /// In the order of the family's labels.
    var labels: [String]
    var value: Double
  }

  let name: String
  let kind: Kind
  let help: String
  /// The labels' names.
  let labels: [String]
  var samples: [Sample] = []

  init(_ name: String, _ kind: Kind, _ help: String, labels: [String] = []) {
    self.name = name
    self.kind = kind
    self.help = help
    self.labels = labels
  }

  /// The family with another sample; without a value there is none, for what is not known is not zero.
  func with(_ value: Double?, _ labels: String...) -> MetricFamily {
    guard let value else { return self }
    var family = self
    family.samples.append(Sample(labels: labels, value: value))
    return family
  }

  func with(_ value: Int64?, _ labels: String...) -> MetricFamily {
    guard let value else { return self }
    var family = self
    family.samples.append(Sample(labels: labels, value: Double(value)))
    return family
  }

  /// The family with a sample that is 1 where something holds, and else 0.
  func with(_ fact: Bool?, _ labels: String...) -> MetricFamily {
    guard let fact else { return self }
    var family = self
    family.samples.append(Sample(labels: labels, value: fact ? 1 : 0))
    return family
  }

  /// The family with a sample for each of some entries.
  func with<Entry>(
    _ entries: some Sequence<Entry>, _ add: (MetricFamily, Entry) -> MetricFamily
  ) -> MetricFamily {
    entries.reduce(self, add)
  }
}
