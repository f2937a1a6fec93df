import Testing

/// Looks for a secret, and for parts of it, in whatever Swift can print of a value.
func expectSilence(
  of secret: String, about value: some Any, sourceLocation: SourceLocation = #_sourceLocation
) {
  var dumped = ""
  dump(value, to: &dumped)
  for text in [dumped, String(describing: value), String(reflecting: value)] {
    #expect(leaks(of: secret, in: text).isEmpty, sourceLocation: sourceLocation)
  }
}

/// Runs of twelve characters of the secret that the text holds.
///
/// Of a short secret all runs are looked for; of a long one so many that no part of it that is of use
/// to anybody is overlooked.
func leaks(of secret: String, in text: String) -> [Substring] {
  let length = min(12, secret.count)
  return stride(from: 0, through: secret.count - length, by: max(1, secret.count / 100))
    .map { secret.dropFirst($0).prefix(length) }
    .filter { text.contains($0) }
}
