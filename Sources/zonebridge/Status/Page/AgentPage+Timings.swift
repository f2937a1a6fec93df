import Glibc
import Reconcile
import ReconcileModel

// How long the passes took.
extension AgentPage {
  var timings: HTML {
    let buckets = past.timings.buckets
    let title: HTML = "How long passes took"
    guard !buckets.isEmpty else {
      return section(title, "<p class=\"quiet\">None has ended since the agent was started.</p>")
    }
    return section(title, "\(figure(buckets))\n\(steps)")
  }

  /// The steps of the last pass, in their order.
  private var steps: HTML {
    guard let pass, !pass.steps.isEmpty else { return "" }
    let steps = PassStep.allCases.compactMap { step in
      pass.steps[step.rawValue].map { "\(step.rawValue) \(Self.words($0))" as HTML }
    }
    return """
      <p class="quiet">The last one, \(moment(pass.time)), took \(Self.words(pass.duration)): \
      \(steps.joined(separator: ", "))</p>
      """
  }

  // MARK: The drawing

  private static let height = 150.0
  /// Seconds at the bottom and at the top, of a scale by powers of ten: a pass that waits for masters takes a hundred times
  /// as long as one that does not.
  private static let scale = (bottom: 0.01, top: 100.0)

  /// A bar for each span of ten minutes, from the shortest pass to the longest; widths are shares, so that it fits whatever
  /// there is.
  private func figure(_ buckets: [PassTimings.Bucket]) -> HTML {
    let end = status.time - status.time % PassTimings.span + PassTimings.span
    let begin = end - PassTimings.day
    let marks = [0.01, 0.1, 1, 10]
    let lines = marks.map { seconds -> HTML in
      let y = Self.y(seconds)
      return "<line x1=\"0\" x2=\"100%\" y1=\"\(y)\" y2=\"\(y)\"/>"
    }
    let labels = marks.map { seconds -> HTML in
      "<text x=\"0\" y=\"\(Self.rounded(Self.y(seconds) - 4))\">\(Self.words(seconds))</text>"
    }
    let hours = stride(from: begin + 21_600 - begin % 21_600, to: end, by: 21_600).map {
      time -> HTML in
      let x = Self.share(time - begin)
      return """
        <line class="hour" x1="\(x)%" x2="\(x)%" y1="0" y2="\(Self.height)"/>\
        <text x="\(x)%" y="\(Self.height + 16)" text-anchor="middle">\(Self.clock(time))</text>
        """
    }
    let bars = buckets.filter { $0.start >= begin && $0.start < end }
      .map { bar($0, after: begin) }
    return """
      <figure><svg role="img" aria-label="\(summary(buckets))" width="100%" height="\(Self.height + 24)">
      \(lines)\(hours)
      \(bars.joined(separator: "\n"))
      \(labels)
      </svg><figcaption>\(summary(buckets)). Each bar is ten minutes, from the shortest pass to the longest; UTC.</figcaption></figure>
      """
  }

  private func bar(_ bucket: PassTimings.Bucket, after begin: Int64) -> HTML {
    let bottom = Self.y(bucket.shortest)
    let top = max(min(Self.y(bucket.longest), bottom - 3), 0)
    let height = max(bottom - top, 3)
    let style = bucket.failed > 0 ? "bad" : bucket.held > 0 ? "doubtful" : "good"
    let counts = [
      (bucket.failed, "failed"), (bucket.held, "held"), (bucket.applied, "applied a change"),
    ].filter { $0.0 > 0 }.map { ", \($0.0) \($0.1)" }.joined()
    let times =
      bucket.shortest == bucket.longest
      ? Self.words(bucket.longest)
      : "\(Self.words(bucket.shortest)) to \(Self.words(bucket.longest))"
    return """
      <rect class="\(style)" x="\(Self.share(bucket.start - begin))%" y="\(top)" \
      width="\(Self.share(PassTimings.span * 4 / 5))%" height="\(Self.rounded(height))">\
      <title>\(Self.clock(bucket.start)) UTC: \(Self.passes(bucket.count)), \(times)\(counts)</title></rect>
      """
  }

  private func summary(_ buckets: [PassTimings.Bucket]) -> String {
    let count = buckets.reduce(0) { $0 + $1.count }
    let failed = buckets.reduce(0) { $0 + $1.failed }
    let longest = buckets.map(\.longest).max() ?? 0
    return "\(Self.passes(count)) in the last day, \(failed == 0 ? "none" : "\(failed)") failed, "
      + "the longest \(Self.words(longest))"
  }

  // MARK: Numbers

  private static func passes(_ count: Int) -> String { count == 1 ? "1 pass" : "\(count) passes" }

  private static func y(_ seconds: Double) -> Double {
    let bounded = min(max(seconds, scale.bottom), scale.top)
    let share = log10(bounded / scale.bottom) / log10(scale.top / scale.bottom)
    return rounded(height * (1 - share))
  }

  /// In hundredths of a day.
  private static func share(_ seconds: Int64) -> Double {
    rounded(Double(seconds) * 100 / Double(PassTimings.day))
  }

  private static func rounded(_ number: Double) -> Double { (number * 100).rounded() / 100 }

  private static func clock(_ time: Int64) -> String {
    let (hour, minute) = (time / 3_600 % 24, time / 60 % 60)
    return "\(hour < 10 ? "0" : "")\(hour):\(minute < 10 ? "0" : "")\(minute)"
  }

  static func words(_ seconds: Double) -> String {
    seconds < 0.9995
      ? "\(Int((seconds * 1_000).rounded())) ms"
      : seconds == seconds.rounded() ? "\(Int(seconds)) s" : "\((seconds * 10).rounded() / 10) s"
  }
}
