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

/// Every run of twelve characters of the secret that the text holds.
func leaks(of secret: String, in text: String) -> [Substring] {
  let length = min(12, secret.count)
  return (0...(secret.count - length))
    .map { secret.dropFirst($0).prefix(length) }
    .filter { text.contains($0) }
}
