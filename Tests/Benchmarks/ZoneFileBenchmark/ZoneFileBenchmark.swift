import Benchmark
import BenchmarkSupport
import Reconcile
import ReconcileModel

/// Passes over zones of a thousand to a million records and named-checkzone on the same file, measured in turns.
///
/// A pass is complete, from reading named.conf and the zone to the renamed files. For an alias whose name has other
/// names next to it, the guard looks for those that the alias would hide.
let benchmarks: @Sendable () -> Void = {
  let times = BenchmarkMetric.custom(
    "named-checkzone / pass, % of the time", polarity: .prefersLarger)
  let memory = BenchmarkMetric.custom(
    "memory of the pass over the file's size, KiB", polarity: .prefersSmaller)
  let time = BenchmarkMetric.custom("time of the pass, ns a record", polarity: .prefersSmaller)
  func configuration(_ metrics: [BenchmarkMetric], turns: Int) -> Benchmark.Configuration {
    .init(
      metrics: [.wallClock] + metrics, warmupIterations: 1, maxDuration: .seconds(300),
      maxIterations: turns)
  }

  for (count, title) in [
    (1_000, "1,000"), (10_000, "10,000"), (100_000, "100,000"), (1_000_000, "1,000,000"),
  ] {
    Benchmark(
      "\(title) records: pass against named-checkzone",
      configuration: configuration([times, memory, time], turns: 9)
    ) { benchmark in
      let zone = try LargeZone(records: count)
      let pass = try zone.pass("apps.\(LargeZone.name)")
      let clock = ContinuousClock()
      try ResidentMemory.resetPeak()
      let start = clock.now
      benchmark.startMeasurement()
      try await pass.run(changing: 2)
      benchmark.stopMeasurement()
      let duration = clock.now - start
      let peak = try ResidentMemory.peak()
      let check = try await clock.measure { try await zone.check() }
      benchmark.measurement(times, Int(100 * (check / duration)))
      benchmark.measurement(memory, (peak - zone.size) / 1024)
      benchmark.measurement(time, Int(duration / .nanoseconds(count)))
    }
  }

  Benchmark(
    "1,000,000 records: pass for an alias at the apex, hidden names waived",
    configuration: configuration([], turns: 9)
  ) { benchmark in
    let zone = try LargeZone(records: 1_000_000)
    let pass = try zone.pass(LargeZone.name, allow: [.hidesNames])
    benchmark.startMeasurement()
    try await pass.run(changing: 2)
    benchmark.stopMeasurement()
  }

  // The work of the daemon in each interval.
  Benchmark(
    "1,000,000 records: pass over an unchanged zone",
    configuration: configuration([], turns: 9)
  ) { benchmark in
    let zone = try LargeZone(records: 1_000_000)
    let pass = try zone.pass("apps.\(LargeZone.name)")
    try await pass.run(changing: 2)
    // The cache recognizes a file only after it has been unchanged for a while, see FileCache.
    try await Task.sleep(for: .seconds(4))
    try await pass.run(changing: 0)
    benchmark.startMeasurement()
    try await pass.run(changing: 0)
    benchmark.stopMeasurement()
  }

  Benchmark(
    "1,000,000 records: pass with named's checkers",
    configuration: configuration([], turns: 3)
  ) { benchmark in
    let zone = try LargeZone(records: 1_000_000)
    let pass = try zone.validatedPass("apps.\(LargeZone.name)")
    benchmark.startMeasurement()
    try await pass.run(changing: 2)
    benchmark.stopMeasurement()
  }
}
