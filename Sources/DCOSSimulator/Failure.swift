/// The ways in which a simulated master can fail.
package enum Failure: Hashable, Sendable {
  /// HTTP and DNS are closed; Exhibitor still lists the master, mesos-dns does not.
  case unreachable
  /// Every path answers with this status, from 400 to 599.
  ///
  /// With 404 only the key is missing, and all other paths answer normally.
  case http(Int)
  /// Every path answers 200 with an HTML page.
  case htmlPage
  /// The key is a UUID, like the cluster's other ID.
  case notAnID
  /// Every path answers with JSON of this many bytes.
  case hugeBody(Int)
  /// Exhibitor lists no masters.
  case emptyList
  /// Exhibitor is down, and mesos-dns does not know `master.mesos`.
  case emptyHost
  /// Exhibitor lists host names.
  case namesAsAddresses
  /// Every answer ends in the middle of its JSON, with a correct length.
  case truncatedJSON
  /// Every connection is closed in the middle of the answer.
  case cutShort
  /// Every answer arrives one byte at a time and never ends.
  case drips
  /// The master accepts HTTP requests and never answers.
  case hangs
  /// Every path redirects to HTTPS, as in DC/OS Enterprise in strict mode.
  case redirect
  /// Exhibitor is down; mesos-dns works.
  case noExhibitor
  /// The account is not allowed to read the key.
  case keyForbidden
  /// The master does not answer DNS questions.
  case dnsSilent

  /// Reads the name of a failure, as in the `fail` command of the executable.
  package init?(_ name: some StringProtocol) {
    if let status = Int(name), (400...599).contains(status) {
      self = .http(status)
      return
    }
    switch name {
    case "unreachable": self = .unreachable
    case "html-page": self = .htmlPage
    case "not-an-id": self = .notAnID
    case "huge-body": self = .hugeBody(10 << 20)
    case "empty-list": self = .emptyList
    case "empty-host": self = .emptyHost
    case "names": self = .namesAsAddresses
    case "truncated-json": self = .truncatedJSON
    case "cut-short": self = .cutShort
    case "drips": self = .drips
    case "hangs": self = .hangs
    case "redirect": self = .redirect
    case "no-exhibitor": self = .noExhibitor
    case "key-forbidden": self = .keyForbidden
    case "dns-silent": self = .dnsSilent
    default: return nil
    }
  }

  /// All names that `init(_:)` reads; of the statuses, only those that a real master returns.
  package static let names =
    [
      "401", "403", "404", "502", "503", "unreachable", "html-page", "not-an-id", "huge-body",
      "empty-list", "empty-host", "names",
      "truncated-json", "cut-short", "drips", "hangs", "redirect", "no-exhibitor", "key-forbidden",
      "dns-silent",
    ]
}
