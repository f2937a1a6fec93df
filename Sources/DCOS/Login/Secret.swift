/// A text that nobody may read by accident: a token, a password, a private key.
///
/// Whatever prints, dumps or reflects it sees three dots. The text itself is had by name alone.
package struct Secret: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  /// The text itself, for where it has to go.
  let exposed: String

  package init(_ text: some StringProtocol) {
    exposed = String(text)
  }

  package var description: String { "…" }
  package var debugDescription: String { "…" }
  package var customMirror: Mirror { Mirror(self, children: []) }
}
