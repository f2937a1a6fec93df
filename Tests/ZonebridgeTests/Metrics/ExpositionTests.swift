import Reconcile
import ReconcileModel
import TestSupport
import Testing

@testable import zonebridge

@Suite(.timeLimit(.minutes(2))) struct ExpositionTests {
  @Test func whatPrometheusReadsIsWritten() {
    let families = [
      MetricFamily("a_total", .counter, "Says \"a\\b\"\nin two lines.", labels: ["name", "place"])
        .with(Int64(0), "x", "").with(4_294_967_295.0, "a\"b\\c\nd", "Zürich"),
      MetricFamily("b", .gauge, "B.").with(0.1),
      MetricFamily("c", .gauge, "C.", labels: ["of"]).with(1e300, "much").with(.nan, "none")
        .with(.infinity, "all").with(-.infinity, "less").with(true, "so").with(-2.0, "below"),
    ]
    #expect(
      PrometheusText.text(of: families) == #"""
        # HELP a_total Says "a\\b"\nin two lines.
        # TYPE a_total counter
        a_total{name="x",place=""} 0
        a_total{name="a\"b\\c\nd",place="Zürich"} 4294967295
        # HELP b B.
        # TYPE b gauge
        b 0.1
        # HELP c C.
        # TYPE c gauge
        c{of="much"} 1e+300
        c{of="none"} NaN
        c{of="all"} +Inf
        c{of="less"} -Inf
        c{of="so"} 1
        c{of="below"} -2

        """#)
  }

  @Test func aSeriesIsWrittenOnceAndOneThatIsNotKnownNotAtAll() {
    let families = [
      MetricFamily("a", .gauge, "A.", labels: ["x"]).with(1.0, "1").with(2.0, "1").with(3.0, "2"),
      MetricFamily("b", .gauge, "B.").with(nil as Double?),
    ]
    #expect(
      PrometheusText.text(of: families)
        == "# HELP a A.\n# TYPE a gauge\na{x=\"1\"} 1\na{x=\"2\"} 3\n")
  }
}
