/// What can be the matter with one simulated master.
package enum Failure: Hashable, Sendable {
  /// HTTP and DNS are closed; Exhibitor goes on listing the master, mesos-dns does not.
  case unreachable
  /// Every path answers with this status, from 400 to 599. With 404 it is the key that is not yet
  /// known, and all other paths answer as they should.
  case http(Int)
  /// Every path answers 200 with a page of HTML.
  case htmlPage
  /// The key is a UUID, as the cluster's other ID is.
  case notAnID
  /// Every path answers with JSON of so many bytes.
  case hugeBody(Int)
  /// Exhibitor lists nobody.
  case emptyList
  /// Exhibitor is down, and mesos-dns does not know `master.mesos`.
  case emptyHost
  /// Exhibitor lists host names.
  case namesAsAddresses
  /// Every answer ends in the middle of its JSON, its length being right.
  case truncatedJSON
  /// Every connection is closed in the middle of the answer.
  case cutShort
  /// Every answer arrives a byte at a time and never ends.
  case drips
  /// HTTP is accepted and never answered.
  case hangs
  /// Every path redirects to HTTPS, as a strict DC/OS Enterprise does.
  case redirect
  /// Exhibitor is down; mesos-dns works.
  case noExhibitor
  /// The account may not read the key.
  case keyForbidden
  /// DNS questions are not answered.
  case dnsSilent

  /// Reads the name of a failure, as the executable's `fail` takes it.
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

  /// Every name that `init(_:)` reads, of the statuses those that a master gives.
  package static let names =
    [
      "401", "403", "404", "502", "503", "unreachable", "html-page", "not-an-id", "huge-body",
      "empty-list", "empty-host", "names",
      "truncated-json", "cut-short", "drips", "hangs", "redirect", "no-exhibitor", "key-forbidden",
      "dns-silent",
    ]
}
