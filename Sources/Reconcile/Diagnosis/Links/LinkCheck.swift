/// A link of `check`: it judges one part of the way from the masters to an answer out of named.
///
/// A link is one file with one type that conforms, and its place in ``Diagnosis/links``. It judges what was
/// gathered, may itself ask what no other link needs, and changes nothing.
protocol LinkCheck: Sendable {
  init(facts: DiagnosisFacts)

  /// What it found, in the order in which it is shown.
  var findings: [Finding] { get async }
}
