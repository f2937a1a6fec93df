/// Why a text is not a domain name.
public struct DomainNameError: Error, Hashable, CustomStringConvertible {
  /// What is wrong with the text.
  public enum Reason: Hashable, Sendable {
    /// The text is empty.
    case empty
    /// There are two dots in a row, or a dot at the start.
    case emptyLabel
    /// A label is longer than 63 octets (RFC 1035 2.3.4).
    case labelTooLong
    /// The name, completed with its origin, is longer than 255 octets (RFC 1035 2.3.4).
    case nameTooLong
    /// A backslash that is followed neither by three digits up to 255 nor by another character.
    case badEscape
  }

  /// What is wrong with the text.
  public let reason: Reason
  /// The text that was given.
  public let text: String

  /// Makes an error about a text.
  public init(reason: Reason, text: String) {
    self.reason = reason
    self.text = text
  }

  /// What is wrong, including the text.
  public var description: String {
    reason == .empty ? "a domain name is missing" : "'\(text)' is \(reason)"
  }
}

extension DomainNameError.Reason: CustomStringConvertible {
  /// What is wrong, without the text: a message refers to a place in a file and never quotes its contents.
  public var description: String {
    switch self {
    case .empty: "not a domain name: it is empty"
    case .emptyLabel: "not a domain name: it has an empty label (two dots in a row?)"
    case .labelTooLong: "not a domain name: a label is longer than 63 octets"
    case .nameTooLong: "not a domain name: with its origin it is longer than 255 octets"
    case .badEscape: "not a domain name: a backslash takes one character or three digits up to 255"
    }
  }
}
