/// A step of a pass, reported when it has ended: a pass that hangs reports nothing more.
package enum PassStep: String, CaseIterable, Codable, Sendable {
  /// The masters were asked.
  case observe
  /// The files that named reads were read, and named was asked about itself.
  case inspect
  /// The plan is made.
  case plan
  /// named's checkers have judged the candidates.
  case validate = "check"
  /// The files are replaced.
  case swap
  /// named has been told.
  case tell
  /// named was probed once for what it should serve.
  case verify
}
