import Named

extension ResponseCode {
  /// Whether the question was answered, even if the answer is that there is nothing.
  var isAnswer: Bool { [.noError, .nameError].contains(self) }
}
