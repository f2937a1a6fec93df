import Benchmark
import BenchmarkSupport

/// A pass over a configuration of 200,000 zones and named-checkconf on the same file, measured in turns.
///
/// The pass is complete, from reading to the renamed file, including the files written for the checker. A program that
/// succeeds at once replaces the checker, so only the agent's own work is measured.
let benchmarks: @Sendable () -> Void = {
  let times = BenchmarkMetric.custom(
    "named-checkconf / pass, % of the time", polarity: .prefersLarger)
  let memory = BenchmarkMetric.custom(
    "memory of the pass, % of the file", polarity: .prefersSmaller)
  Benchmark(
    "200,000 zones: pass against named-checkconf",
    configuration: .init(
      metrics: [.wallClock, times, memory], warmupIterations: 1, maxDuration: .seconds(300),
      maxIterations: 9)
  ) { benchmark in
    let site = try LargeSite(zones: 200_000)
    let clock = ContinuousClock()
    try ResidentMemory.resetPeak()
    let start = clock.now
    benchmark.startMeasurement()
    try await site.pass()
    benchmark.stopMeasurement()
    let pass = clock.now - start
    let peak = try ResidentMemory.peak()
    let check = try await clock.measure { try await site.check() }
    benchmark.measurement(times, Int(100 * (check / pass)))
    benchmark.measurement(memory, 100 * peak / site.size)
  }
}
